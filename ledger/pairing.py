"""What two accounts have given each other; how, is in `ledger.pairs`."""

from __future__ import annotations

from ledger import pairs
from ledger.base import Base
from ledger.records import Bilateral
from ledger.witness import verb


class Pairings(Base):
    """The verbs for pairs of accounts; part of `ledger.Book`."""

    def bilateral(self, a: str, b: str) -> Bilateral:
        """What has gone from one account to another and back, both ways in full.

        In a transaction with one giver (or one taker) it is plain who gave whom what: so it is
        in transfers, settlements with and without a levy, grants and charges. A reversal takes
        back what its original gave. A transaction in which several accounts give and several
        take does not say who gave to whom, and counts for no pair.

        It reads one row and the entries that `summarise` has not added up yet, of the account
        that has fewer of them.

        Raises:
            UnknownAccount, InvalidText: there is no such account; both are the same.
        """
        return pairs.bilateral(self.connection, self._read(), a, b)

    @verb
    def summarise(self, limit: int = 50_000) -> int:
        """Add up what pairs of accounts have given each other; says how many entries were added.

        For a scheduler, like `sweep`. It takes up accounts with more than a few hundred entries
        that are not added up yet, until about ``limit`` entries are done.
        """
        self._touch_any()
        self._write()
        return pairs.summarise(self.connection, limit)
