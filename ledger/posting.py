"""Posting and reversing: what moves minutes at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger import requests
from ledger.base import Base
from ledger.errors import BatchRefused, LedgerError, NotReversible
from ledger.records import Line, Override, Posting, Transaction
from ledger.requests import Header
from ledger.witness import verb


class Postings(Base):
    """The verbs that post; part of `ledger.Book`."""

    @verb
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

    @verb
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

    @verb
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
        outcomes, failed = self._write().post_many(batch, atomic) if batch else ([], None)
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

    @verb
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
