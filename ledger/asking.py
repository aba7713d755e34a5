"""The questions a book answers; how, is in `ledger.reading`."""

from __future__ import annotations

from datetime import date, datetime

from ledger.base import Base
from ledger.records import Head, Hold, JournalPage, Statement, Transaction, TrialBalance
from ledger.requests import check_day, check_instant


class Questions(Base):
    """What can be asked; part of `ledger.Book`."""

    def balance(
        self, code: str, *, effective: date | None = None, recorded: datetime | None = None
    ) -> int:
        """What is posted to an account now, by the end of an effective date, or at an instant.

        Raises:
            UnknownAccount: there is none of that code.
            InvalidDate: that is no calendar date, or no instant with a time zone.
        """
        return self._read().balance(code, check_day(effective), check_instant(recorded))

    def transaction(self, transaction_id: int) -> Transaction:
        """One record of the book with its entries.

        Raises:
            UnknownTransaction: there is none of that number.
        """
        return self._read().transaction(transaction_id)

    def hold_by_id(self, hold_id: int) -> Hold:
        """One hold as it stands.

        Raises:
            UnknownHold: there is none of that number.
        """
        return self._read().hold(hold_id)

    def holds(self, code: str, *, open_only: bool = True) -> list[Hold]:
        """The holds out of and into an account, oldest first."""
        return self._read().holds(code, open_only)

    def statement(
        self,
        code: str,
        *,
        start: date | None = None,
        end: date | None = None,
        after: str | None = None,
        limit: int = 50,
        newest_first: bool = False,
    ) -> Statement:
        """A page of an account's entries, with the period's opening and closing balance.

        The period is of days of recording (in London), as on a bank statement, so that the
        running balances are what the account had; each line names its effective date besides.
        ``after`` is the ``next`` of the page before.

        Raises:
            UnknownAccount, InvalidDate, InvalidText (``after``).
        """
        start, end = check_day(start), check_day(end)
        return self._read().statement(code, start, end, after, limit, newest_first)

    def journal(
        self,
        *,
        after: str | None = None,
        limit: int = 50,
        newest_first: bool = True,
        account: str | None = None,
        kind: str | None = None,
        reference: str | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> JournalPage:
        """A page of the transactions with their entries.

        In the order of recording; with ``start`` or ``end`` it has what is effective within
        them, in the order of effective dates. ``after`` is the ``next`` of the page before.

        Raises:
            UnknownAccount, InvalidDate, InvalidText (``after``).
        """
        return self._read().journal(
            after,
            limit,
            newest_first,
            account=account,
            kind=kind,
            reference=reference,
            start=check_day(start),
            end=check_day(end),
        )

    def trial_balance(
        self, *, effective: date | None = None, recorded: datetime | None = None
    ) -> TrialBalance:
        """Every account's balance with totals now, by an effective date's end, or at an instant.

        Raises:
            InvalidDate: that is no calendar date, or no instant with a time zone.
        """
        return self._read().trial_balance(check_day(effective), check_instant(recorded))

    def head(self) -> Head:
        """How far the book has come: newest transaction and count of entries; cheap."""
        return self._read().head()
