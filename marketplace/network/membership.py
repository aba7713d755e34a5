"""Schools come into the network with an account and a grant, and leave it when they close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import AccountExists, Book, Clock, Line, Posting, UnknownAccount
from marketplace.listings.service import withdraw_listings_of
from marketplace.schools.models import School, account_code
from marketplace.settings import Policy
from marketplace.web.formats import credits
from marketplace.web.problems import Problem

ISSUANCE = "network:issuance"
"""Where joining grants come from: what it owes is what has been issued."""
FUND = "network:fund"
"""The network's own account, for support that is paid in common."""


def open_network_accounts(book: Book) -> None:
    """Open the network's own accounts, once."""
    known = book.balances([ISSUANCE, FUND])
    # Whoever brings in the first school at the same instant may open them first.
    with suppress(AccountExists):
        if ISSUANCE not in known:
            book.open_account(ISSUANCE, floor=None, ceiling=0, name="Issuance")
    with suppress(AccountExists):
        if FUND not in known:
            book.open_account(FUND, floor=0, name="Community fund")


def join(session: Session, school: School, policy: Policy, *, actor: str) -> bool:
    """Bring ``school`` in: an account, a credit limit and the joining grant.

    Gives back whether it was new; joining twice changes nothing.

    Raises:
        Problem: if the school is not open.
    """
    return bool(join_all(session, [school], policy, actor=actor))


def join_all(
    session: Session,
    schools: Sequence[School],
    policy: Policy,
    *,
    actor: str,
    clock: Clock | None = None,
) -> list[School]:
    """Bring many schools in at once; gives those that were new.

    ``clock`` is the ledger's, for schools that came in before today.

    Raises:
        Problem: if one of them is not open, naming it.
    """
    for school in schools:
        if school.status not in ("open", "closing"):
            raise Problem(
                f"{school.name} (URN {school.urn}) is {school.status} in the register, so it"
                " cannot take part."
            )
    new = [school for school in schools if school.joined_at is None]
    if not new:
        return []
    book = Book(session, clock=clock)
    open_network_accounts(book)
    now = clock() if clock else datetime.now(UTC)
    for school in new:
        try:
            book.open_account(school.account_code, floor=-policy.credit_limit, name=school.name)
        except AccountExists:
            raise Problem(f"{school.name} is being brought in by somebody else.") from None
        school.joined_at = now
    if policy.joining_grant:
        book.post_many([_grant(school, policy, actor) for school in new])
    session.flush()
    return new


def schools_changed(
    session: Session, newly_closed: Iterable[int], reopened: Iterable[int], *, actor: str
) -> str:
    """Act on the register: freeze the accounts of schools that closed and withdraw their
    listings; unfreeze those that are open again. Gives a sentence on what was done."""
    closed, opened = list(newly_closed), list(reopened)
    if not closed and not opened:
        return ""
    taking_part = set(
        session.scalars(
            sa.select(School.urn).where(
                School.urn.in_(closed + opened), School.joined_at.is_not(None)
            )
        )
    )
    book = Book(session)
    frozen = [urn for urn in closed if urn in taking_part and _open(book, urn)]
    for urn in frozen:
        book.freeze(account_code(urn), actor=actor, reason="closed in the register")
    thawed = [urn for urn in opened if urn in taking_part and not _open(book, urn)]
    for urn in thawed:
        book.unfreeze(account_code(urn), actor=actor, reason="open again in the register")
    withdrawn = withdraw_listings_of(session, closed)
    if not (frozen or thawed or withdrawn):
        return ""
    return (
        f"Accounts frozen: {len(frozen)}; unfrozen: {len(thawed)}; listings withdrawn: {withdrawn}."
    )


def _open(book: Book, urn: int) -> bool:
    try:
        return book.account(account_code(urn)).status == "open"
    except UnknownAccount:
        return False


def _grant(school: School, policy: Policy, actor: str) -> Posting:
    return Posting(
        lines=[
            Line(ISSUANCE, -policy.joining_grant),
            Line(school.account_code, policy.joining_grant),
        ],
        key=f"joining-grant:{school.urn}",
        kind="grant",
        memo=f"Joining grant of {credits(policy.joining_grant)}",
        actor=actor,
        reference=f"school:{school.urn}",
    )
