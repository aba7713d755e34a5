"""Groups: several verbs that are done all together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger import accounts
from ledger.base import Base
from ledger.errors import GroupRefused, LedgerError
from ledger.witness import Group


class Groups(Base):
    """Linking verbs; part of `ledger.Book`."""

    @contextmanager
    def group(self, *codes: str) -> Iterator[None]:
        """Do all verbs of this book within the block, or, if one is refused, none of them.

        ``codes`` are all the accounts that the verbs will touch. They are locked here, at once
        and in the order in which every verb locks, so that groups cannot deadlock with each
        other or with single postings; a verb that touches another account is refused, before it
        locks it. Two things remain with the caller: a database transaction begins with its group
        (what it locked before would be out of order), and different groups do not use each
        other's keys. A group may stand in another, with some of its accounts.

        What the block does through the same connection besides, is undone with it.

        Raises:
            GroupRefused: a verb was refused, even if the block went on regardless; names the
                verb and has its refusal as ``cause``. The caller's transaction stays usable.
            UnknownAccount: one of the accounts is not there.
        """
        outer = self._group
        if outer is not None:
            outer.witness(codes)
        self._write()
        with self._bind.begin_nested():
            accounts.lock(self.connection, *codes)
            self._group = group = Group(frozenset(codes))
            try:
                yield
            except LedgerError:
                if group.refused is None:
                    raise
            finally:
                self._group = outer
            if group.refused is not None:
                index, cause = group.refused
                raise GroupRefused(index, cause) from cause
