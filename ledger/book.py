"""The book: every verb and every question of the ledger, joined to the caller's transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from fractions import Fraction
from typing import Concatenate, ParamSpec, TypeVar, Unpack

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import verification
from ledger.clock import Clock
from ledger.engines.requests import check_day, check_instant, check_limit
from ledger.errors import InvalidDate, LedgerError
from ledger.operations import accounts, bilateral, demurrage, groups, holds, periods
from ledger.operations import postings as posting
from ledger.operations.desk import Desk
from ledger.queries import under_way
from ledger.seals import backlog, sealing
from ledger.seals.proofs import Proof
from ledger.types import (
    UNCHANGED,
    Account,
    AccountEvent,
    Bilateral,
    Charge,
    DatedFields,
    Head,
    HeaderFields,
    Hold,
    JournalPage,
    KnownTotals,
    Levy,
    NewTransaction,
    NoteFields,
    Override,
    Period,
    Posting,
    Seal,
    Statement,
    Transaction,
    TrialBalance,
    TrialBalanceRow,
    TrialBalanceTotals,
    Turnover,
    Unchanged,
    Unsealed,
)
from ledger.verification import Report

P = ParamSpec("P")
R = TypeVar("R")


def verb(method: Callable[Concatenate[Book, P], R]) -> Callable[Concatenate[Book, P], R]:
    """Mark what writes, so that it counts as a step when the book has a group under way."""

    @functools.wraps(method)
    def step(self: Book, /, *args: P.args, **named: P.kwargs) -> R:
        if self._desk.group is None:
            return method(self, *args, **named)
        return self._desk.group.run(lambda: method(self, *args, **named))

    return step


class Book:
    """A double-entry book in one database.

    It joins the transaction of the Session or Connection it is given and never commits; what it
    refuses, it refuses as a `LedgerError` that leaves that transaction usable. Amounts are whole
    minutes. What is said about a record, its ``key`` first, is told by `ledger.types.NoteFields`
    and the two that go on from it; the verbs take it as keyword arguments.

    Args:
        bind: what to work in. On SQLite its engine must be set up by `ledger.sqlite.configure`.
        clock: the ledger's time, where it should be earlier than the database's own (for
            importing a past, or for a test); it is never taken to be later.
    """

    def __init__(self, bind: Session | sa.Connection, *, clock: Clock | None = None) -> None:
        self._desk = Desk(bind, clock)

    @property
    def connection(self) -> sa.Connection:
        """The connection the book works on."""
        return self._desk.connection

    # Accounts

    @verb
    def open_account(
        self,
        code: str,
        *,
        floor: int | None,
        ceiling: int | None = None,
        name: str = "",
        soft_floor: int | None = None,
        soft_ceiling: int | None = None,
        **fields: Unpack[NoteFields],
    ) -> Account:
        """Open an account; ``floor`` and ``ceiling`` bound its balance in minutes (None: no bound).

        ``soft_floor`` and ``soft_ceiling`` refuse nothing; `beyond_soft_limits` reports them.

        Raises:
            AccountExists: the code is taken.
            InvalidAmount: a limit is not a whole number, or a floor lies above its ceiling.
            InvalidText: the code, the name or another text cannot be kept.
            IdempotencyConflict: the key stands for something else.
        """
        limits = {
            "floor": floor,
            "ceiling": ceiling,
            "soft_floor": soft_floor,
            "soft_ceiling": soft_ceiling,
        }
        return accounts.open_account(self._desk, code, name, limits, fields)

    @verb
    def set_limits(
        self,
        code: str,
        *,
        floor: int | None,
        ceiling: int | None,
        soft_floor: int | Unchanged | None = UNCHANGED,
        soft_ceiling: int | Unchanged | None = UNCHANGED,
        **fields: Unpack[NoteFields],
    ) -> Account:
        """Change an account's limits; a balance outside them may only move back towards them.

        The soft ones stay what they are unless they are given; they refuse nothing. Here and in
        the verbs that follow, ``actor`` says who does it and ``memo`` why, and both are needed.

        Raises:
            InvalidAmount: a limit is not a whole number, or a floor lies above its ceiling.
            UnknownAccount, AccountNotOpen (it is closed), InvalidText (nobody, or no reason).
            IdempotencyConflict: the key stands for something else.
        """
        limits = {
            "floor": floor,
            "ceiling": ceiling,
            "soft_floor": soft_floor,
            "soft_ceiling": soft_ceiling,
        }
        return accounts.set_limits(self._desk, code, limits, fields)

    @verb
    def rename(self, code: str, name: str, **fields: Unpack[NoteFields]) -> Account:
        """Give an account another name; its code stays for ever.

        Raises:
            What `set_limits` raises.
        """
        return accounts.rename(self._desk, code, name, fields)

    @verb
    def freeze(self, code: str, **fields: Unpack[NoteFields]) -> Account:
        """Let an account take no new postings or holds; its holds may be settled and voided.

        Raises:
            AccountNotOpen: it is frozen or closed already. And what `set_limits` raises.
        """
        return accounts.set_status(self._desk, "freeze", code, fields)

    @verb
    def unfreeze(self, code: str, **fields: Unpack[NoteFields]) -> Account:
        """Let a frozen account take postings again.

        Raises:
            AccountNotOpen: it is closed. And what `set_limits` raises.
        """
        return accounts.set_status(self._desk, "unfreeze", code, fields)

    @verb
    def close_account(
        self,
        code: str,
        *,
        rest_to: str | None = None,
        even_frozen: bool = False,
        **fields: Unpack[NoteFields],
    ) -> Account:
        """Close an account for ever; ``rest_to`` names the account that takes what it still has.

        What it has goes there as a ``closure``; what it owes is made good from there as a
        ``write-off``. With ``even_frozen`` a frozen account is unfrozen first, on the record.

        Raises:
            AccountInUse: it has open holds, or a balance and no ``rest_to``.
            AccountNotOpen: it is frozen or closed already, or ``rest_to`` is.
            LimitExceeded: ``rest_to`` cannot take or make good the rest.
            And what `set_limits` raises.
        """
        return accounts.close(self._desk, code, rest_to, even_frozen, fields)

    def history(self, code: str) -> list[AccountEvent]:
        """Return what was done to an account, by whom and why, oldest first.

        Raises:
            UnknownAccount: there is none of that code.
        """
        return self._desk.reader().history(code)

    def account(self, code: str) -> Account:
        """Return an account as it stands.

        Raises:
            UnknownAccount: there is none of that code.
        """
        return self._desk.reader().account(code)

    def balances(self, codes: Iterable[str] | None = None) -> dict[str, Account]:
        """Return accounts as they stand, by code, in one query (all, if no codes are given).

        Codes that no account has are left out.
        """
        return self._desk.reader().accounts(codes)

    def beyond_soft_limits(self) -> list[Account]:
        """Return the accounts whose posted balance has passed a soft limit, by code.

        It looks at the accounts that have soft limits, whatever the size of the book.
        """
        return self._desk.reader().beyond_soft_limits()

    # Postings

    @verb
    def post(self, postings: Sequence[Posting], **fields: Unpack[DatedFields]) -> Transaction:
        """Post 2 to 10,000 postings that sum to zero, all or none of them.

        An account may have several of them, and even all: that moves nothing, and a file that is
        imported may contain it.

        Raises:
            Unbalanced, TooManyPostings, InvalidAmount, InvalidDate, InvalidText: the transaction
                itself is wrong.
            UnknownAccount, AccountNotOpen, LimitExceeded, PeriodClosed: the book refuses it.
            IdempotencyConflict: the key stands for something else.
        """
        return posting.post(self._desk, NewTransaction(postings=postings, **fields))

    @verb
    def transfer(
        self, source: str, target: str, minutes: int, **fields: Unpack[DatedFields]
    ) -> Transaction:
        """Move minutes from one account to another; the same as posting the two.

        Raises:
            InvalidText: the two are one account. And what `post` raises.
        """
        return posting.transfer(self._desk, source, target, minutes, fields)

    @verb
    def post_many(
        self,
        transactions: Sequence[NewTransaction],
        *,
        atomic: bool = True,
        imported: bool = False,
    ) -> list[Transaction | LedgerError]:
        """Post many transactions at once, in order, with the result of posting them one by one.

        ``atomic``: all or none of them. Otherwise each that can be posted is, and in the place
        of each other one stands the error that says why not. ``imported``: they were recorded in
        another book, so they may be effective before their accounts were opened in this one, and
        have keys that the library itself gave there.

        Raises:
            BatchRefused: atomic, and one was refused.
        """
        return posting.post_many(self._desk, transactions, atomic=atomic, imported=imported)

    @verb
    def reverse(
        self,
        transaction_id: int,
        *,
        override: Override | None = None,
        on_original_day: bool = False,
        **fields: Unpack[NoteFields],
    ) -> Transaction:
        """Post the exact contrary of a transaction, once.

        It is effective today or, with ``on_original_day``, on the day of the transaction, whose
        balances by effective date are then as if neither had been. Limits hold as they are now,
        unless ``override`` names who lets them be broken, and why.

        Raises:
            UnknownTransaction, NotReversible, AlreadyReversed; and what `post` raises
                (PeriodClosed: the original's day lies in a closed period).
        """
        return posting.reverse(self._desk, transaction_id, override, on_original_day, fields)

    @verb
    def grant(
        self,
        code: str,
        minutes: int,
        *,
        source: str,
        effective: date | None = None,
        **fields: Unpack[NoteFields],
    ) -> Transaction:
        """Give an account minutes out of a named source, such as the network's issuance.

        Raises:
            What `post` raises.
        """
        dated: DatedFields = {**fields, "kind": "grant", "effective": effective}
        return posting.transfer(self._desk, source, code, minutes, dated)

    # Holds

    @verb
    def hold(
        self,
        source: str,
        target: str,
        minutes: int,
        *,
        expires_at: datetime | None = None,
        **fields: Unpack[DatedFields],
    ) -> Hold:
        """Reserve minutes of one account for another, within the limits of both.

        From ``expires_at`` on the hold counts no longer and cannot be settled. It is part of the
        content that the key stands for: take it from the matter at hand, not from the clock.

        Raises:
            What `post` raises.
        """
        return holds.hold(self._desk, source, target, minutes, expires_at, fields)

    @verb
    def settle(
        self,
        hold_id: int,
        minutes: int | None = None,
        *,
        final: bool = True,
        levy: Levy | None = None,
        **fields: Unpack[DatedFields],
    ) -> Transaction:
        """Turn a hold, or part of it, into a transaction.

        Without ``minutes`` it is all that remains. ``final`` releases the rest; with
        ``final=False`` it stays held, to be settled in further parts or voided.

        A ``levy`` sends a share of what is settled to a third account, as a third posting of the
        same transaction; where the share is less than a minute, there is no such posting.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, ExceedsHold.
            PeriodClosed, IdempotencyConflict.
            InvalidShare, UnknownAccount, AccountNotOpen, LimitExceeded: of the levy.
            InvalidText: the levy would go to one of the two accounts themselves.
        """
        return holds.settle(self._desk, hold_id, minutes, final=final, levy=levy, fields=fields)

    @verb
    def void(self, hold_id: int, **fields: Unpack[HeaderFields]) -> Hold:
        """Release what a hold still reserves.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
        """
        return holds.void(self._desk, hold_id, fields)

    @verb
    def extend(
        self, hold_id: int, expires_at: datetime | None, **fields: Unpack[HeaderFields]
    ) -> Hold:
        """Give an open hold another time to expire (None: never).

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
            InvalidDate: the time is over already.
        """
        return holds.extend(self._desk, hold_id, expires_at, fields)

    @verb
    def expire_holds(self, limit: int = 500) -> int:
        """Take expired holds off the accounts; return how many sides of holds were released.

        Nothing depends on it: an expired hold never counts. It keeps the working set small.

        Raises:
            InvalidLimit: ``limit`` is not a whole number from 1 to a million.
        """
        return holds.expire(self._desk, limit)

    def hold_by_id(self, hold_id: int) -> Hold:
        """Return one hold as it stands.

        Raises:
            UnknownHold: there is none of that number.
        """
        return self._desk.reader().hold(hold_id)

    def hold_by_key(self, key: str) -> Hold:
        """Return the hold that was made under a key, as it stands.

        After a timeout the key is what a caller has. That of a settlement or of voiding a hold is
        not the hold's: `transaction_by_key` finds it, and its ``hold_id`` is the hold.

        Raises:
            UnknownHold: no hold was made under that key.
        """
        return self._desk.reader().hold_by_key(key)

    def holds(self, code: str, *, open_only: bool = True) -> list[Hold]:
        """Return the holds out of and into an account, oldest first."""
        return self._desk.reader().holds(code, open_only)

    def hold_records(self, hold_id: int) -> list[Transaction]:
        """Return the record of a hold and those of what became of it, oldest first.

        That a hold has expired is in no record: `hold_by_id` says so.

        Raises:
            UnknownHold: there is none of that number.
        """
        return self._desk.reader().hold_records(hold_id)

    # Several verbs in one

    def group(self, *codes: str) -> AbstractContextManager[None]:
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
        return groups.group(self._desk, codes)

    # Policy

    def demurrage_due(
        self,
        period: str,
        *,
        above: int,
        share: Fraction,
        to: str,
        prefix: str = "",
        effective: date | None = None,
    ) -> list[Charge]:
        """Return what `demurrage` would charge now, by account; nothing is written.

        Of what an open account could give at once beyond ``above`` (held minutes cannot be
        given, nor what lies under its own floor) it is the share, rounded down to whole minutes.
        Left out are ``to`` itself, accounts whose code does not begin with ``prefix``, charges
        of less than a minute, accounts already charged for the period, and accounts opened after
        the day on which the charge is to be ``effective``.

        Raises:
            InvalidShare, InvalidAmount (``above``), InvalidText (``period``), UnknownAccount,
            InvalidDate (``effective``).
        """
        return demurrage.due(self._desk, period, above, share, to, prefix, effective)

    @verb
    def demurrage(
        self,
        period: str,
        *,
        above: int,
        share: Fraction,
        to: str,
        actor: str,
        prefix: str = "",
        effective: date | None = None,
    ) -> list[Transaction]:
        """Move what `demurrage_due` says to ``to``, all of it or none; return what was posted.

        Each account is charged once a period, under a key of the library's own: a second run moves
        nothing more from it, whatever its balance has become or the rule says now.

        Raises:
            BatchRefused: ``to`` cannot take it. And what `demurrage_due` raises.
        """
        return demurrage.charge(self._desk, period, above, share, to, prefix, actor, effective)

    def bilateral(self, a: str, b: str) -> Bilateral:
        """Return what has gone from one account to another and back, both ways in full.

        In a transaction with one giver (or one taker) it is plain who gave whom what: so it is
        in transfers, settlements with and without a levy, grants and charges. A reversal takes
        back what its original gave. A transaction in which several accounts give and several
        take does not say who gave to whom, and counts for no pair.

        It reads one row and the entries that `summarise` has not added up yet, of the account
        that has fewer of them.

        Raises:
            UnknownAccount, InvalidText: there is no such account; both are the same.
        """
        return self._desk.reader().bilateral(a, b)

    @verb
    def summarise(self, limit: int = 50_000) -> int:
        """Add up what pairs of accounts have given each other; return how many entries were added.

        For a scheduler, like `expire_holds`. It takes up accounts with more than a few hundred
        entries that are not added up yet, until about ``limit`` entries are done.

        Raises:
            InvalidLimit: ``limit`` is not a whole number from 1 to a million.
        """
        return bilateral.summarise(self._desk, limit)

    # Periods

    @verb
    def close_period(self, ends_on: date, **fields: Unpack[NoteFields]) -> Period:
        """Close the books through a day for ever, and record every account's balance at its end.

        It waits for the transactions that have posted into the past, and those wait for it; who
        posts on the day itself goes on. Close in a transaction of its own, and commit at once.

        Raises:
            InvalidDate: the day is not over in London, or the books are closed through it already.
            InvalidText: nobody is named (``actor``).
            IdempotencyConflict: the key stands for something else.
            StillPosting: a transaction that began before the day was over is still open.
            NotConfigured: on PostgreSQL, the isolation is other than READ COMMITTED.
            NotInGroup: a group is under way; it would wait for others that wait for the group.
        """
        return periods.close(self._desk, ends_on, fields)

    def periods(self) -> list[Period]:
        """Return the closed periods, oldest first."""
        return self._desk.reader().periods()

    # Questions

    def balance(
        self, code: str, *, effective: date | None = None, recorded: datetime | None = None
    ) -> int:
        """Return what is posted to an account now, by an effective date's end, or at an instant.

        What is ``recorded`` is recorded before it commits: the answer for an instant later than
        `settled_until` may change while a transaction that began before it is still running.

        Raises:
            UnknownAccount: there is none of that code.
            InvalidDate: that is not a calendar date, or not an instant with a time zone.
        """
        return self._desk.reader().balance(code, check_day(effective), check_instant(recorded))

    def transaction(self, transaction_id: int) -> Transaction:
        """Return one record of the book with its entries, and by which it was reversed.

        Raises:
            UnknownTransaction: there is none of that number.
        """
        return self._desk.reader().transaction(transaction_id)

    def transactions(self, numbers: Iterable[int]) -> dict[int, Transaction]:
        """Return records of the book with their entries, by number, in three queries at most.

        Numbers that no record has are left out.
        """
        return self._desk.reader().transactions(numbers)

    def transaction_by_key(self, key: str) -> Transaction:
        """Return the record of the book that a key stands for, with its entries.

        After a timeout the key is what a caller has: this says whether the work was done without
        doing it. A hold is such a record, too, without entries.

        Raises:
            UnknownTransaction: nothing was recorded under that key.
        """
        return self._desk.reader().transaction_by_key(key)

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
        """Return a page of an account's entries, with the period's opening and closing balance.

        The period is of days of recording (in London), as on a bank statement, so that the
        running balances are what the account had; each line names its effective date besides.
        ``after`` is the ``next`` of the page before. A page has at most ``limit`` lines, from 0
        (the balances alone; its ``next`` is None) to 10,000.

        Raises:
            UnknownAccount, InvalidDate, InvalidLimit, InvalidText (``after``).
        """
        start, end = check_day(start), check_day(end)
        return self._desk.reader().statement(
            code, start, end, after, check_limit(limit), newest_first
        )

    def turnover(
        self, code: str, *, start: date | None = None, end: date | None = None
    ) -> Turnover:
        """Return the minutes that an account gave and that it took within a period.

        The period is of days of recording (in London), as in `statement`, so that the opening
        balance there, less what was given, plus what was taken, is the closing balance. Each
        posting counts, that of a reversal as well.

        It adds up the entries of the period, whatever the account had before and after; without
        ``start`` and ``end`` those are all that the account has.

        Raises:
            UnknownAccount, InvalidDate.
        """
        return self._desk.reader().turnover(code, check_day(start), check_day(end))

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
        everything: bool = False,
    ) -> JournalPage:
        """Return a page of the transactions with their entries.

        They are those that moved minutes; with ``everything`` the page has every record of the
        book, what was done to holds, accounts and periods as well. The parts of such records lie
        apart from an account's entries, so ``everything`` cannot be narrowed to an ``account``:
        `history` and `holds` have them.

        In the order of recording; with ``start`` or ``end`` it has what is effective within
        them, in the order of effective dates. ``after`` is the ``next`` of the page before. A
        page has at most ``limit`` transactions, from 0 (its ``next`` is None) to 10,000.

        To follow the journal, ask for ``newest_first=False`` without any filter, and go on from
        each page's ``last``, now or years later: every transaction comes once and none is
        skipped. On PostgreSQL such a page ends before the first transaction beside or below
        which another may still commit, in whatever database of the server. Every other list goes
        by number, and what commits late may appear before a cursor that was given out.

        Raises:
            UnknownAccount, InvalidDate, InvalidLimit, InvalidText (``after``).
            InvalidFilters: everything was asked for, of one account.
            CursorExpired: the book was restored since; begin again without ``after``.
        """
        return self._desk.reader().journal(
            after,
            check_limit(limit),
            newest_first,
            account=account,
            kind=kind,
            reference=reference,
            start=check_day(start),
            end=check_day(end),
            everything=everything,
        )

    def recorded_since(self, after: str | None, *, limit: int = 50) -> list[Transaction]:
        """Return what is recorded behind a cursor now, oldest first, moving minutes or not.

        ``after`` is the ``last`` of a page of `journal` with ``everything``, ``newest_first=False``
        and no filter. Here is also what such a page holds back: that beside which another may
        still commit. So the two together are the whole book, at any time; but do not go on from
        the last of these, which would skip what commits late.

        Raises:
            InvalidLimit, InvalidText (``after``), CursorExpired.
        """
        return self._desk.reader().recorded_since(after, check_limit(limit))

    def trial_balance(
        self, *, effective: date | None = None, recorded: datetime | None = None
    ) -> TrialBalance:
        """Return every account's balance with totals now, by a date's end, or at an instant.

        For an instant later than `settled_until` it may change, as `balance` says.

        Raises:
            InvalidDate: that is not a calendar date, or not an instant with a time zone.
        """
        return self._desk.reader().trial_balance(check_day(effective), check_instant(recorded))

    def trial_balance_page(
        self,
        *,
        effective: date | None = None,
        recorded: datetime | None = None,
        after: str = "",
        limit: int = 100,
    ) -> tuple[TrialBalanceRow, ...]:
        """Return a page of the trial balance: accounts in the order of codes, behind ``after``.

        It reads no account but those of the page. Empty where nothing follows.

        Raises:
            InvalidDate: that is not a calendar date, or not an instant with a time zone.
            InvalidLimit: ``limit`` is not from 0 to 10,000.
        """
        return self._desk.reader().trial_balance_page(
            check_day(effective), check_instant(recorded), after, check_limit(limit)
        )

    def trial_balance_totals(
        self, *, effective: date | None = None, recorded: datetime | None = None
    ) -> TrialBalanceTotals:
        """Return the number of accounts and the totals of the trial balance, without its rows.

        For now it adds up one number an account; for an earlier time it looks into each account's
        entries, and takes longer.

        Raises:
            InvalidDate: that is not a calendar date, or not an instant with a time zone.
        """
        return self._desk.reader().trial_balance_totals(
            check_day(effective), check_instant(recorded)
        )

    def trial_balance_totals_by_day(
        self, start: date, end: date, *, recorded_before: date | None = None
    ) -> Iterator[tuple[date, TrialBalanceTotals]]:
        """Yield each day from ``start`` to ``end`` with the totals of the trial balance at its end.

        One pass over what moved on those days, however many they are; all accounts are counted,
        also those that were opened later. With ``recorded_before``, a day after ``end``, they are
        of what was recorded before that day began: then they are `KnownTotals`.

        Raises:
            InvalidDate: one of them is not a calendar date, or ``recorded_before`` is too early.
        """
        first, last, before = check_day(start), check_day(end), check_day(recorded_before)
        if first is None or last is None:
            raise InvalidDate(first, "Tell the first and the last day.")
        if before is not None and before <= last:
            raise InvalidDate(before, "The days must be over when the next ones are recorded.")
        return self._desk.reader().totals_by_day(first, last, before)

    def trial_balance_totals_from(self, known: KnownTotals, day: date) -> TrialBalanceTotals:
        """Return the totals at the end of ``day`` from those ``known`` of it or of an earlier day.

        They are those of `trial_balance_totals`, if what is known was right and is of all that was
        recorded before; but only the accounts are read that have something on the days between the
        two, or of which something was dated back since.

        Raises:
            InvalidDate: one is not a calendar date, or not in the order told.
        """
        at, of, before = check_day(day), check_day(known.day), check_day(known.recorded_before)
        if at is None or of is None or before is None or at < of or before <= of:
            raise InvalidDate(day, "Tell totals of that day or an earlier one that was over.")
        return self._desk.reader().totals_from(known, at)

    def dated_back_since(self, day: date) -> date | None:
        """Return the first day whose balances may have changed since ``day`` by dating back.

        ``None`` if nothing was dated back on ``day`` or later: then what was read of the days
        before it is still so. It may be an earlier day than is true, and never a later one. What
        is recorded by a book with a clock of the past (an import) is not covered.

        Raises:
            InvalidDate: ``day`` is not a calendar date.
        """
        if check_day(day) is None:
            raise InvalidDate(None, "Tell since which calendar date.")
        return self._desk.reader().dated_back_since(day)

    def head(self) -> Head:
        """Return how far the book has come: newest transaction and count of entries; cheap.

        Transactions with lower numbers may still commit: it is not a cursor to go on from.
        """
        return self._desk.reader().head()

    def settled_until(self) -> datetime | None:
        """Return the instant up to which answers about what was ``recorded`` are final.

        It is about now, or when the oldest transaction began that may still write to this book.
        ``None`` if it cannot be told on PostgreSQL: the role may not see when others' transactions
        began (membership in ``pg_read_all_stats`` lets it), one is prepared, the caller's own is
        not READ COMMITTED, or this is a standby. What is recorded by a book with a clock of the
        past (an import) is not covered.
        """
        return under_way.settled_until(self.connection)

    # Seals and proof

    @verb
    def seal(self, *, after_restore: bool = False) -> list[Seal]:
        """Seal what was recorded since the last seal; return the new seals (none, if nothing was).

        What a transaction still running has written, and what was recorded on top of it, waits
        for a later seal; `unsealed` says how much that is. No writer waits.

        In a database that was restored into another PostgreSQL server the first seal is one of
        nothing, which marks the move, and then everything not sealed yet is sealed; only who posts
        into the past waits for the caller's commit then. That it was restored is found out by
        itself; ``after_restore`` is for where it cannot be.

        Raises:
            HorizonBehind: it seems to have been restored, but that cannot be told for sure.
        """
        return sealing.seal(self._desk, after_restore=after_restore)

    def unsealed(self) -> Unsealed:
        """Return how much is in no seal yet, since when, and what holds it up; cheap."""
        return backlog.unsealed(self.connection)

    def seals(self) -> list[Seal]:
        """Return every seal, oldest first."""
        return sealing.seals(self._desk.checked())

    def prove(self, transaction_id: int) -> Proof:
        """Return the proof that a transaction is in its seal.

        ``python -m ledger verify-proof`` checks it anywhere, without a database.

        Raises:
            UnknownTransaction: there is none of that number.
            NotSealed: it is in no seal yet.
            SealBroken: it is no longer what was sealed.
        """
        return sealing.prove(self._desk.checked(), transaction_id)

    def verify(
        self, progress: Callable[[int, int], None] | None = None, *, thorough: bool = False
    ) -> Report:
        """Prove the book, or name what is wrong (see `ledger.verification` for the kinds).

        It reads everything, in the database, and writes nothing. Four things that no sum can
        prove are done, in a book of more than 100,000 entries, on a share of it drawn anew each
        time, unless ``thorough``: walking the order of time along accounts, comparing balance
        rows with the holds and events of their accounts, adding up the totals between pairs, and
        comparing transactions with what was sealed of them.

        Args:
            progress: told how many steps out of how many are done.
            thorough: do them on everything, however much.
        """
        return verification.verify(self._desk.checked(), progress, thorough=thorough)
