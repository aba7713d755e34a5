"""What every verb of the book shares: the connection it works on, checks, and answers."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import requests
from ledger.errors import LedgerError, NotInGroup
from ledger.postgresql import PostgresqlWriter
from ledger.reading import Reader
from ledger.records import Entry, Line, Override, Posting, Transaction
from ledger.refusals import conflict, refusal
from ledger.requests import Clock, Header, Outcome, Writer
from ledger.sqlite_writer import SqliteWriter
from ledger.witness import Group, WitnessedWriter


class Base:
    """A book's connection and clock; see `ledger.Book`."""

    def __init__(self, bind: Session | sa.Connection, *, clock: Clock | None = None) -> None:
        self._bind = bind
        self._clock = clock
        self._group: Group | None = None

    @property
    def connection(self) -> sa.Connection:
        """The connection the book works on."""
        return self._bind.connection() if isinstance(self._bind, Session) else self._bind

    def _read(self) -> Reader:
        return Reader(self.connection, self._clock)

    def _write(self) -> Writer:
        connection = self.connection
        writer: Writer
        if connection.dialect.name == "postgresql":
            writer = PostgresqlWriter(connection, self._clock)
        else:
            writer = SqliteWriter(connection, self._clock)
        return writer if self._group is None else WitnessedWriter(writer, self._group, connection)

    def _touch(self, *codes: str) -> None:
        """Ask the group, if there is one, before accounts are locked other than by a writer."""
        if self._group is not None:
            self._group.witness(codes)

    def _touch_any(self) -> None:
        """Refuse, in a group, what may lock any account.

        Raises:
            NotInGroup: there is a group under way.
        """
        if self._group is not None:
            raise NotInGroup(None)

    def _posting(self, posting: Posting) -> tuple[Header, tuple[Line, ...]]:
        """Check a posting and take its digest."""
        lines = requests.check_lines(posting.lines)
        header = requests.header(
            {"lines": lines},
            key=posting.key,
            kind=posting.kind,
            memo=posting.memo,
            effective=posting.effective,
            actor=posting.actor,
            reference=posting.reference,
        )
        return header, lines

    def _posted(
        self,
        action: str,
        header: Header,
        outcome: Outcome,
        *,
        subject: int = 0,
        override: Override | None = None,
    ) -> Transaction:
        """The transaction written, the one written before under the key, or the error."""
        if outcome.code == "replayed":
            return self._read().transaction(outcome.id, replayed=True)
        if outcome.code != "done":
            raise self._refused(action, header, outcome, subject=subject)
        return Transaction(
            id=outcome.id,
            key=header.key,
            action=action,
            kind=header.kind,
            memo=header.memo,
            effective=outcome.effective,
            recorded=outcome.recorded.astimezone(UTC),
            actor=header.actor,
            reference=header.reference,
            entries=tuple(
                [
                    Entry(account, amount, version, balance)
                    for (account, amount), version, balance in zip(
                        outcome.lines, outcome.versions, outcome.balances, strict=True
                    )
                ]
            ),
            hold_id=subject if action == "settle" else None,
            reverses=subject if action == "reverse" else None,
            override=override,
        )

    def _refused(
        self,
        action: str,
        header: Header,
        outcome: Outcome,
        *,
        subject: int = 0,
        expires_at: datetime | None = None,
    ) -> LedgerError:
        """The error that a writer's answer stands for."""
        if outcome.code == "conflict":
            return conflict(self._read(), action, header, outcome)
        return refusal(self._read(), outcome, header, subject=subject, expires_at=expires_at)
