"""Watching over a group: which of its verbs was refused, and that it keeps to its accounts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from ledger import schema
from ledger.errors import LedgerError, NotInGroup
from ledger.records import Levy, Line, Override
from ledger.requests import Header, Outcome, Writer

_account, _hold = schema.account, schema.hold
P = ParamSpec("P")
R = TypeVar("R")


class Group:
    """A group under way: the accounts it has locked, its steps, and the first one refused."""

    def __init__(self, codes: frozenset[str]) -> None:
        self._codes = codes
        self._steps = 0
        self._running = False
        self.refused: tuple[int, LedgerError] | None = None

    def witness(self, codes: Sequence[str]) -> None:
        """Let through only what touches the accounts that were locked at the beginning."""
        for code in codes:
            if code not in self._codes:
                raise NotInGroup(code)

    def run(self, verb: Callable[[], R]) -> R:
        """Run a verb as one step, and remember its refusal; what a verb calls is part of it."""
        if self._running:
            return verb()
        self._running = True
        try:
            return verb()
        except LedgerError as error:
            self.refused = self.refused or (self._steps, error)
            raise
        finally:
            self._running = False
            self._steps += 1


class _Grouping(Protocol):
    _group: Group | None


B = TypeVar("B", bound=_Grouping)


def verb(method: Callable[Concatenate[B, P], R]) -> Callable[Concatenate[B, P], R]:
    """Mark what writes, so that it counts as a step when the book has a group under way."""

    @functools.wraps(method)
    def step(self: B, /, *args: P.args, **named: P.kwargs) -> R:
        if self._group is None:
            return method(self, *args, **named)
        return self._group.run(lambda: method(self, *args, **named))

    return step


class WitnessedWriter:
    """A writer that asks the group before it locks anything."""

    def __init__(self, writer: Writer, group: Group, connection: sa.Connection) -> None:
        self._writer = writer
        self._group = group
        self._connection = connection

    def move(
        self, hold: bool, header: Header, lines: tuple[Line, Line], expires_at: datetime | None
    ) -> Outcome:
        """Transfer or hold minutes from the first line's account to the second's."""
        self._group.witness([line.account for line in lines])
        return self._writer.move(hold, header, lines, expires_at)

    def resolve(
        self,
        action: str,
        header: Header,
        hold_id: int,
        minutes: int | None,
        final: bool,
        expires_at: datetime | None,
        levy: Levy | None = None,
    ) -> Outcome:
        """Settle (with a levy perhaps), void or extend a hold."""
        parties = self._connection.execute(
            sa.select(_account.c.code)
            .join(_hold, _account.c.id.in_((_hold.c.source_id, _hold.c.target_id)))
            .where(_hold.c.id == hold_id)
            .order_by(_account.c.id)
        ).scalars()
        self._group.witness([*parties, *([levy.to] if levy else [])])
        return self._writer.resolve(action, header, hold_id, minutes, final, expires_at, levy)

    def post(
        self,
        header: Header,
        lines: Sequence[Line],
        reverses: int | None = None,
        override: Override | None = None,
    ) -> Outcome:
        """Post lines to any number of accounts."""
        self._group.witness([line.account for line in lines])
        return self._writer.post(header, lines, reverses, override)

    def post_many(
        self, batch: Sequence[tuple[Header, Sequence[Line]]], atomic: bool
    ) -> tuple[list[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        self._group.witness([line.account for _, lines in batch for line in lines])
        return self._writer.post_many(batch, atomic)
