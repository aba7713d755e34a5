"""What each operation works with: the caller's connection, the clock, and the group under way."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger.clock import Clock
from ledger.engines import connections
from ledger.engines.postgresql.writer import PostgresqlWriter
from ledger.engines.requests import Writer
from ledger.engines.sqlite.writer import SqliteWriter
from ledger.errors import NotInGroup
from ledger.operations.group_guard import GroupGuard, GuardedWriter
from ledger.queries import Reader


class Desk:
    """A book's connection and clock; see `ledger.Book`.

    Attributes:
        bind: the caller's Session or Connection.
        clock: the ledger's time, where it should be earlier than the database's own.
        group: the group under way, if there is one.
    """

    def __init__(self, bind: Session | sa.Connection, clock: Clock | None) -> None:
        self.bind = bind
        self.clock = clock
        self.group: GroupGuard | None = None

    @property
    def connection(self) -> sa.Connection:
        """The connection the book works on."""
        return self.bind.connection() if isinstance(self.bind, Session) else self.bind

    def checked(self) -> sa.Connection:
        """The connection, after it was found to be in order.

        Raises:
            NotConfigured: it cannot be trusted with the book, or the book is of another version.
        """
        connection = self.connection
        connections.check(connection)
        return connection

    def reader(self) -> Reader:
        """What answers questions."""
        return Reader(self.checked(), self.clock)

    def writer(self) -> Writer:
        """What writes, under the eyes of the group if there is one.

        Raises:
            NotConfigured: the connection cannot be trusted with a posting.
        """
        connection = self.checked()
        writer: Writer
        if connection.dialect.name == "postgresql":
            writer = PostgresqlWriter(connection, self.clock)
        else:
            writer = SqliteWriter(connection, self.clock)
        return writer if self.group is None else GuardedWriter(writer, self.group, connection)

    def check_in_group(self, *codes: str) -> None:
        """Refuse, in a group, accounts that it did not begin with, before they are locked.

        Raises:
            NotInGroup: one of the accounts is not the group's.
        """
        if self.group is not None:
            self.group.check(codes)

    def check_no_group(self) -> None:
        """Refuse, in a group, what may lock any account.

        Raises:
            NotInGroup: there is a group under way.
        """
        if self.group is not None:
            raise NotInGroup(None)
