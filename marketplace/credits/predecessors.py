"""Credits paid with the account of a school for which another one carries on.

What was paid with it is reversed there, as the ledger wants, and the same minutes go on to the
account of the successor, or come from it: the old account is as empty after it as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger import Book, Override, Transaction
from marketplace.credits.chart import CARRIED_BACK, CARRIED_ON, SCHOOLS, account_code
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A school that paid or was paid ``minutes``, and whose account went to another one.

    ``minutes`` are below zero if it paid. ``is_frozen`` says that its account is frozen because of
    that, and is opened for a moment.
    """

    urn: int
    name: str
    heir_urn: int
    heir_name: str
    minutes: int
    is_frozen: bool

    @property
    def code(self) -> str:
        """Its account."""
        return account_code(self.urn)

    @property
    def words(self) -> str:
        """What both statements say beside what is put right."""
        return f"for {self.name}, whose account went to {self.heir_name}"


@dataclass(frozen=True, slots=True)
class Note:
    """By whom, under which key and because of what the ledger records something."""

    actor: str
    key: str
    memo: str
    reference: str


def predecessors_in(
    session: Session, standing: Transaction, *, payer_urn: int | None, payee_urn: int
) -> list[Predecessor]:
    """Return the schools whose accounts took part in ``standing``, and went to payer or payee.

    ``payer_urn`` is None where no school pays.
    """
    found = []
    book = Book(session)
    for entry in standing.entries:
        heir_urn = payer_urn if entry.amount < 0 else payee_urn
        if heir_urn is None or not entry.account.startswith(SCHOOLS):
            continue
        if entry.account == account_code(heir_urn):
            continue
        school = session.get_one(School, int(entry.account.removeprefix(SCHOOLS)))
        is_frozen = (
            school.continued_by_urn is not None and book.account(entry.account).status == "frozen"
        )
        heir_name = session.get_one(School, heir_urn).name
        found.append(
            Predecessor(school.urn, school.name, heir_urn, heir_name, entry.amount, is_frozen)
        )
    return found


def memo_with(memo: str, predecessors: Sequence[Predecessor]) -> str:
    """Return ``memo`` with the schools that it is for beside it."""
    words = "; ".join(one.words for one in predecessors)
    return f"{memo} ({words})" if words else memo


@contextmanager
def opened(book: Book, predecessors: Sequence[Predecessor], note: Note) -> Iterator[None]:
    """Open the accounts that are frozen because another school carries on, and freeze them again.

    Use it within a group, so that they are never seen open.
    """
    frozen = [one for one in predecessors if one.is_frozen]
    for one in frozen:
        book.unfreeze(
            one.code,
            key=f"{note.key}:unfreeze:{one.urn}",
            actor=note.actor,
            memo=note.memo,
            reference=note.reference,
        )
    yield
    for one in frozen:
        book.freeze(
            one.code,
            key=f"{note.key}:freeze:{one.urn}",
            actor=note.actor,
            memo=note.memo,
            reference=note.reference,
        )


def carry_on(book: Book, predecessors: Sequence[Predecessor], note: Note) -> None:
    """Let what was given back to schools that had paid go on to their successors."""
    for one in predecessors:
        if one.minutes < 0:
            book.transfer(
                one.code,
                account_code(one.heir_urn),
                -one.minutes,
                key=f"{note.key}:carried-on:{one.urn}",
                kind=CARRIED_ON,
                memo=note.memo,
                actor=note.actor,
                reference=note.reference,
            )


def carry_back(
    book: Book, predecessors: Sequence[Predecessor], note: Note, override: Override | None
) -> None:
    """Let successors give what was taken back from schools that had been paid."""
    for one in predecessors:
        if one.minutes > 0:
            transfer_past_limit(
                book,
                account_code(one.heir_urn),
                one.code,
                one.minutes,
                Note(note.actor, f"{note.key}:carried-back:{one.urn}", note.memo, note.reference),
                kind=CARRIED_BACK,
                override=override,
            )


def transfer_past_limit(
    book: Book,
    source: str,
    target: str,
    minutes: int,
    note: Note,
    *,
    kind: str,
    override: Override | None,
    limit_key: str | None = None,
) -> int:
    """Transfer minutes; with an ``override`` the giver's limit is moved for it, and back.

    The ledger lets a reversal pass a limit, and nothing else. So the record of the giver's account
    says who moved its limit, why, and that it is what it was. Return the transaction.
    """
    giver = book.account(source)
    floor, limit_key = giver.floor, limit_key or f"{note.key}:limit"
    beyond = override is not None and floor is not None and (giver.available or 0) < minutes
    if beyond and override is not None:
        book.set_limits(
            giver.code,
            floor=giver.posted - giver.held_out - minutes,
            ceiling=giver.ceiling,
            key=limit_key,
            actor=override.actor,
            memo=override.reason,
            reference=note.reference,
        )
    transaction_id = book.transfer(
        giver.code,
        target,
        minutes,
        key=note.key,
        kind=kind,
        memo=note.memo,
        actor=note.actor,
        reference=note.reference,
    ).id
    if beyond and override is not None:
        book.set_limits(
            giver.code,
            floor=floor,
            ceiling=giver.ceiling,
            key=f"{limit_key}-again",
            actor=override.actor,
            memo=f"as it was: {override.reason}",
            reference=note.reference,
        )
    return transaction_id
