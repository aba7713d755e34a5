"""The book: every verb and every question of the ledger, joined to the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import accounts, requests
from ledger.errors import BatchRefused, LedgerError, NotReversible
from ledger.postgresql import PostgresqlWriter
from ledger.reading import Reader
from ledger.records import (
    Account,
    Entry,
    Head,
    Hold,
    JournalPage,
    Line,
    Override,
    Posting,
    Statement,
    Transaction,
    TrialBalance,
)
from ledger.refusals import conflict, refusal
from ledger.requests import Clock, Header, Outcome, Writer
from ledger.sqlite_writer import SqliteWriter


class Book:
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

    def __init__(self, bind: Session | sa.Connection, *, clock: Clock | None = None) -> None:
        self._bind = bind
        self._clock = clock

    @property
    def connection(self) -> sa.Connection:
        """The connection the book works on."""
        return self._bind.connection() if isinstance(self._bind, Session) else self._bind

    def _read(self) -> Reader:
        return Reader(self.connection, self._clock)

    def _write(self) -> Writer:
        connection = self.connection
        if connection.dialect.name == "postgresql":
            return PostgresqlWriter(connection, self._clock)
        return SqliteWriter(connection, self._clock)

    # Accounts

    def open_account(
        self, code: str, *, floor: int | None, ceiling: int | None = None, name: str = ""
    ) -> Account:
        """Open an account; ``floor`` and ``ceiling`` bound its balance in minutes (None: no bound).

        Raises:
            AccountExists: the code is taken.
        """
        self._write()
        accounts.open_account(self.connection, self._clock, code, floor, ceiling, name)
        return self.account(code)

    def account(self, code: str) -> Account:
        """An account as it stands.

        Raises:
            UnknownAccount: there is none of that code.
        """
        return accounts.only(self._read(), code)

    def balances(self, codes: Iterable[str] | None = None) -> dict[str, Account]:
        """Accounts as they stand, by code, in one query (all, if no codes are given).

        Codes that no account has are left out.
        """
        return self._read().accounts(codes)

    def set_limits(
        self, code: str, *, floor: int | None, ceiling: int | None, actor: str, reason: str
    ) -> Account:
        """Change an account's limits; a balance outside them may only move back towards them."""
        self._write()
        accounts.change(
            self.connection,
            self._clock,
            code,
            "limits",
            actor,
            reason,
            floor=floor,
            ceiling=ceiling,
        )
        return self.account(code)

    def freeze(self, code: str, *, actor: str, reason: str) -> Account:
        """Let an account take no new postings or holds; its holds may be settled and voided."""
        return self._set_status(code, "freeze", "frozen", actor, reason)

    def unfreeze(self, code: str, *, actor: str, reason: str) -> Account:
        """Let a frozen account take postings again."""
        return self._set_status(code, "unfreeze", "open", actor, reason)

    def close_account(
        self, code: str, *, actor: str, reason: str, rest_to: str | None = None
    ) -> Account:
        """Close an account for ever; ``rest_to`` names the account that takes what it still has.

        Raises:
            AccountInUse: it has open holds, or a balance and no ``rest_to``.
            AccountNotOpen: it is frozen or closed already.
        """
        self._write()
        accounts.lock(self.connection, code, *([rest_to] if rest_to else []))
        accounts.release_due(self.connection, self._clock, code, 10_000)
        rest = self.account(code)
        accounts.check_closable(rest, rest_to)
        if rest.posted and rest_to is not None:
            self.post(
                [Line(code, -rest.posted), Line(rest_to, rest.posted)],
                key=f"close:{code}:{rest.version}",
                kind="closure",
                memo=reason,
                actor=actor,
            )
        return self._set_status(code, "close", "closed", actor, reason)

    def _set_status(self, code: str, action: str, status: str, actor: str, reason: str) -> Account:
        self._write()
        accounts.change(self.connection, self._clock, code, action, actor, reason, status=status)
        return self.account(code)

    # Postings

    def post(
        self,
        lines: Sequence[Line],
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Transaction:
        """Post two or more lines that sum to zero, all or none of them.

        The effective date is today in London unless an earlier one is given.

        Raises:
            Unbalanced, InvalidAmount, InvalidDate, InvalidText: the posting itself is wrong.
            UnknownAccount, AccountNotOpen, LimitExceeded, PeriodClosed: the book refuses it.
            IdempotencyConflict: the key stands for something else.
        """
        header, checked = self._posting(
            Posting(
                lines=lines,
                key=key,
                kind=kind,
                memo=memo,
                effective=effective,
                actor=actor,
                reference=reference,
            )
        )
        if len(checked) == 2 and checked[0].amount < 0 and checked[0].account != checked[1].account:
            outcome = self._write().move(False, header, (checked[0], checked[1]), None)
        else:
            outcome = self._write().post(header, checked)
        return self._posted("post", header, outcome)

    def transfer(
        self,
        source: str,
        target: str,
        minutes: int,
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Transaction:
        """Move minutes from one account to another; the same as posting the two lines."""
        requests.check_minutes(minutes)
        return self.post(
            [Line(source, -minutes), Line(target, minutes)],
            key=key,
            kind=kind,
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )

    def post_many(
        self, postings: Sequence[Posting], *, atomic: bool = True
    ) -> list[Transaction | LedgerError]:
        """Post many transactions at once, in order, with the result of posting them one by one.

        ``atomic``: all or none of them. Otherwise each that can be posted is, and in the place
        of each other one stands the error that says why not.

        Raises:
            BatchRefused: atomic, and one was refused.
        """
        batch: list[tuple[Header, Sequence[Line]]] = []
        results: list[Transaction | LedgerError | int] = []
        for index, posting in enumerate(postings):
            try:
                checked = self._posting(posting)
            except LedgerError as error:
                if atomic:
                    raise BatchRefused(index, error) from error
                results.append(error)
                continue
            results.append(len(batch))
            batch.append(checked)
        if not batch:
            return []
        outcomes, failed = self._write().post_many(batch, atomic)
        if failed is not None:
            index = results.index(failed)
            cause = self._refused("post", batch[failed][0], outcomes[failed])
            raise BatchRefused(index, cause) from cause
        answers: list[Transaction | LedgerError] = []
        for result in results:
            if isinstance(result, int):
                header, outcome = batch[result][0], outcomes[result]
                try:
                    answers.append(self._posted("post", header, outcome))
                except LedgerError as error:
                    answers.append(error)
            else:
                answers.append(result)
        return answers

    def reverse(
        self,
        transaction_id: int,
        *,
        key: str,
        memo: str = "",
        actor: str = "",
        reference: str = "",
        override: Override | None = None,
    ) -> Transaction:
        """Post the exact contrary of a transaction, once, effective today.

        Limits hold, unless ``override`` names who lets them be broken, and why.

        Raises:
            UnknownTransaction, NotReversible, AlreadyReversed; and what `post` raises.
        """
        if override is not None:
            requests.check_override(override)
        header = requests.header(
            {
                "reverses": transaction_id,
                "override": override and [override.actor, override.reason],
            },
            key=key,
            kind="reversal",
            memo=memo,
            effective=None,
            actor=actor,
            reference=reference,
        )
        original = self._read().transaction(transaction_id)
        if not original.entries or original.reverses is not None:
            raise NotReversible(transaction_id)
        lines = [Line(entry.account, -entry.amount) for entry in original.entries]
        outcome = self._write().post(header, lines, transaction_id, override)
        return self._posted("reverse", header, outcome, subject=transaction_id, override=override)

    # Holds

    def hold(
        self,
        source: str,
        target: str,
        minutes: int,
        *,
        key: str,
        expires_at: datetime | None = None,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Reserve minutes of one account for another, within the limits of both.

        From ``expires_at`` on the hold counts no longer and cannot be settled. It is part of the
        content that the key stands for: take it from the matter at hand, not from the clock.

        Raises:
            What `post` raises.
        """
        requests.check_minutes(minutes)
        expires_at = requests.check_instant(expires_at)
        lines = requests.check_lines([Line(source, -minutes), Line(target, minutes)])
        header = requests.header(
            {
                "hold": [source, target, minutes],
                "expires_at": expires_at and expires_at.isoformat(),
            },
            key=key,
            kind=kind,
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )
        requests.check_two(source, target)
        outcome = self._write().move(True, header, (lines[0], lines[1]), expires_at)
        if outcome.code == "replayed":
            return self._read().hold(outcome.id, replayed=True)
        if outcome.code != "done":
            raise self._refused("hold", header, outcome, expires_at=expires_at)
        return Hold(
            id=outcome.id,
            key=key,
            source=source,
            target=target,
            minutes=minutes,
            settled=0,
            state="open",
            expires_at=expires_at,
            recorded=outcome.recorded.astimezone(UTC),
            kind=kind,
            memo=memo,
            actor=actor,
            reference=reference,
        )

    def settle(
        self,
        hold_id: int,
        minutes: int | None = None,
        *,
        key: str,
        final: bool = True,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Transaction:
        """Turn a hold, or part of it, into a transaction.

        Without ``minutes`` it is all that remains. ``final`` releases the rest; with
        ``final=False`` it stays held, to be settled in further parts or voided.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, ExceedsHold.
            PeriodClosed, IdempotencyConflict.
        """
        if minutes is not None:
            requests.check_minutes(minutes)
        header = requests.header(
            {"settle": hold_id, "minutes": minutes, "final": final},
            key=key,
            kind=kind,
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )
        outcome = self._write().resolve("settle", header, hold_id, minutes, final, None)
        return self._posted("settle", header, outcome, subject=hold_id)

    def void(
        self,
        hold_id: int,
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Release what a hold still reserves.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
        """
        return self._resolve_without_moving(
            "void", hold_id, None, key=key, kind=kind, memo=memo, actor=actor, reference=reference
        )

    def extend(
        self,
        hold_id: int,
        expires_at: datetime | None,
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Give an open hold another time to expire (None: never).

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
            InvalidDate: the time is over already.
        """
        expires_at = requests.check_instant(expires_at)
        return self._resolve_without_moving(
            "extend",
            hold_id,
            expires_at,
            key=key,
            kind=kind,
            memo=memo,
            actor=actor,
            reference=reference,
        )

    def _resolve_without_moving(
        self,
        action: Literal["void", "extend"],
        hold_id: int,
        expires_at: datetime | None,
        **texts: str,
    ) -> Hold:
        content: dict[str, Any] = {action: hold_id}
        if action == "extend":
            content["expires_at"] = expires_at and expires_at.isoformat()
        header = requests.header(content, effective=None, **texts)
        final = action == "void"
        outcome = self._write().resolve(action, header, hold_id, None, final, expires_at)
        if outcome.code not in ("done", "replayed"):
            raise self._refused(action, header, outcome, subject=hold_id, expires_at=expires_at)
        return self._read().hold(hold_id, replayed=outcome.code == "replayed")

    def sweep(self, limit: int = 500) -> int:
        """Take expired holds off the accounts; says how many sides of holds were released.

        Nothing depends on it: an expired hold never counts. It keeps the working set small.
        """
        self._write()
        return accounts.release_due(self.connection, self._clock, None, limit)

    # Reading

    def balance(
        self, code: str, *, effective: date | None = None, recorded: datetime | None = None
    ) -> int:
        """What is posted to an account now, by the end of an effective date, or at an instant."""
        return self._read().balance(code, effective, recorded)

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
        """
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
        """
        return self._read().journal(
            after,
            limit,
            newest_first,
            account=account,
            kind=kind,
            reference=reference,
            start=start,
            end=end,
        )

    def trial_balance(self, *, effective: date | None = None) -> TrialBalance:
        """Every account's balance with totals, now or at the end of an effective date."""
        return self._read().trial_balance(effective)

    def head(self) -> Head:
        """How far the book has come: newest transaction and count of entries; cheap."""
        return self._read().head()

    # What the verbs share

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
                Entry(line.account, line.amount, version, balance)
                for line, version, balance in zip(
                    outcome.lines, outcome.versions, outcome.balances, strict=True
                )
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
