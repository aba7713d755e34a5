"""Which server a book is on, and how far the numbers of its database transactions have come."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

_STATE = """
SELECT pg_snapshot_xmin(snapshot)::text::bigint AS settled,
       pg_current_xact_id_if_assigned()::text::bigint AS own,
       coalesce(seal.number, 0) AS seal, coalesce(seal.horizon, 0) AS horizon,
       coalesce(book.server, '') AS sealed_on,
       coalesce(book.server, '') = ''
         AND (SELECT max(xid) FROM ledger_transaction) >= pg_snapshot_xmax(snapshot)::text::bigint
         AND EXISTS (  -- it may read much, so the highest number is looked at before
         SELECT FROM ledger_transaction t
          WHERE t.xid >= pg_snapshot_xmax(snapshot)::text::bigint
            AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
            AND NOT EXISTS (SELECT FROM ledger_seal_leaf l WHERE l.transaction_id = t.id)
       ) AS foreign_numbers
  FROM pg_current_snapshot() AS snapshot
  LEFT JOIN (SELECT number, horizon FROM ledger_seal ORDER BY number DESC LIMIT 1) AS seal ON true
  LEFT JOIN ledger_book AS book ON true
"""

_IDENTIFIER = "ledger.server"  # in what SQLAlchemy keeps of a connection


@dataclass(frozen=True, slots=True)
class ServerState:
    """What PostgreSQL says of its transactions' numbers, in one snapshot.

    Attributes:
        server: the server's identifier, which no other has; "" if the role may not ask for it.
        settled: below it, every transaction of the server has committed or never will.
        own: the number of the transaction that asks, if it has one.
        seal, horizon: the number of the book's newest seal, and its horizon; 0 without one.
        moved: the book was restored from another server, and not sealed on this one yet.
        known: it was sealed on this server last; if not, and not ``moved``, it cannot be told.
    """

    server: str
    settled: int
    own: int | None
    seal: int
    horizon: int
    moved: bool
    known: bool

    @property
    def comparable(self) -> bool:
        """Whether the numbers recorded in the book can be compared with the server's."""
        return not self.moved and self.settled >= self.horizon


def server_state(connection: sa.Connection) -> ServerState:
    """Ask PostgreSQL for the numbers it has come to."""
    server = server_identifier(connection)
    row = connection.exec_driver_sql(_STATE).one()
    known = "" != server == row.sealed_on
    # A number that is visible, and that this server has not come to, was given by another.
    moved = row.foreign_numbers or (not known and "" not in (server, row.sealed_on))
    return ServerState(server, row.settled, row.own, row.seal, row.horizon, moved, known)


def server_identifier(connection: sa.Connection) -> str:
    """What tells this PostgreSQL server (and its standbys) from every other; "" if unknown.

    A role may ask for it, unless an administrator has taken that right from everybody. A connection
    leads to one server, so it is asked for once.
    """
    known: str | None = connection.info.get(_IDENTIFIER)
    if known is not None:
        return known
    allowed = "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
    if not connection.exec_driver_sql(allowed).scalar_one():
        return ""
    identifier = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()"
    told = str(connection.exec_driver_sql(identifier).scalar_one())
    connection.info[_IDENTIFIER] = told
    return told
