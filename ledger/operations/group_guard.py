"""What a group keeps to: its own accounts; and which of its verbs was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from ledger import schema
from ledger.engines.requests import Header, Outcome, Writer
from ledger.errors import LedgerError, NotInGroup
from ledger.types import Levy, Override, Posting

_account, _hold = schema.account, schema.hold
R = TypeVar("R")


class GroupGuard:
    """A group under way: the accounts it has locked, its steps, and the first one refused."""

    def __init__(self, codes: frozenset[str]) -> None:
        self._codes = codes
        self._steps = 0
        self.refused: tuple[int, LedgerError] | None = None

    def check(self, codes: Sequence[str]) -> None:
        """Let through only what touches the accounts that were locked at the beginning.

        Raises:
            NotInGroup: it touches another one.
        """
        for code in codes:
            if code not in self._codes:
                raise NotInGroup(code)

    def run(self, verb: Callable[[], R]) -> R:
        """Run a verb as one step, and remember its refusal."""
        try:
            return verb()
        except LedgerError as error:
            self.refused = self.refused or (self._steps, error)
            raise
        finally:
            self._steps += 1


class GuardedWriter:
    """A writer that asks the group before it locks anything."""

    def __init__(self, writer: Writer, group: GroupGuard, connection: sa.Connection) -> None:
        self._writer = writer
        self._group = group
        self._connection = connection

    def move(
        self,
        hold: bool,
        header: Header,
        postings: tuple[Posting, Posting],
        expires_at: datetime | None,
    ) -> Outcome:
        """Transfer or hold minutes from the first posting's account to the second's."""
        self._group.check([posting.account for posting in postings])
        return self._writer.move(hold, header, postings, expires_at)

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
        self._group.check([*parties, *([levy.to] if levy else [])])
        return self._writer.resolve(action, header, hold_id, minutes, final, expires_at, levy)

    def post(
        self,
        header: Header,
        postings: Sequence[Posting],
        reverses: int | None = None,
        override: Override | None = None,
        imported: bool = False,
    ) -> Outcome:
        """Post to any number of accounts."""
        self._group.check([posting.account for posting in postings])
        return self._writer.post(header, postings, reverses, override, imported)

    def post_many(
        self,
        batch: Sequence[tuple[Header, Sequence[Posting]]],
        atomic: bool,
        imported: bool = False,
    ) -> tuple[Iterable[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        self._group.check([posting.account for _, postings in batch for posting in postings])
        return self._writer.post_many(batch, atomic, imported)
