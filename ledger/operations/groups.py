"""Groups: several verbs that are done all together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ledger.errors import GroupRefused, LedgerError
from ledger.operations import accounts
from ledger.operations.desk import Desk
from ledger.operations.group_guard import GroupGuard


@contextmanager
def group(desk: Desk, codes: Sequence[str]) -> Iterator[None]:
    """Do all verbs within the block, or none of them; see `ledger.Book.group`."""
    outer = desk.group
    desk.check_in_group(*codes)
    desk.writer()
    with desk.bind.begin_nested():
        accounts.lock(desk.connection, *codes)
        desk.group = guard = GroupGuard(frozenset(codes))
        try:
            yield
        except LedgerError:
            if guard.refused is None:
                raise
        finally:
            desk.group = outer
        if guard.refused is not None:
            index, cause = guard.refused
            raise GroupRefused(index, cause) from cause
