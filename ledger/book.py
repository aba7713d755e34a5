"""The book: every verb and every question of the ledger, joined to the caller's transaction."""

from __future__ import annotations

from ledger.asking import Questions
from ledger.grouping import Groups
from ledger.holding import Holds
from ledger.keeping import Accounts
from ledger.pairing import Pairings
from ledger.periods import Periods
from ledger.policy import Policies
from ledger.sealing import Seals
from ledger.verifying import Verification


class Book(Accounts, Holds, Policies, Groups, Periods, Seals, Pairings, Questions, Verification):
    """A double-entry book in one database.

    It joins the transaction of the Session or Connection it is given and never commits; what it
    refuses, it refuses as a `LedgerError` that leaves that transaction usable. Amounts are whole
    minutes. Every writing verb takes a ``key``: the same key with the same content gives the
    first result again (``replayed``), with other content it is an `IdempotencyConflict`; a
    refused attempt does not use up its key.

    Args:
        bind: what to work in. On SQLite its engine must be set up by `ledger.sqlite.configure`.
        clock: the ledger's time, where it should be earlier than the database's own (for
            importing a past, or for a test); it is never taken to be later.
    """
