"""The accounts of schools: opened when a school joins, frozen when it closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger import (
    Account,
    AccountExists,
    Book,
    Clock,
    IdempotencyConflict,
    NewTransaction,
    Posting,
    UnknownAccount,
    schema,
)
from marketplace.credits.chart import FUND, ISSUANCE, SCHOOLS, account_code
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.schools.models import School
from marketplace.settings import Policy


def find_account(session: Session, urn: int) -> Account | None:
    """Return the present account of the school ``urn``, or ``None`` if it does not have one."""
    try:
        return Book(session).account(account_code(urn))
    except UnknownAccount:
        return None


def open_network_accounts(session: Session, *, actor: str, clock: Clock | None = None) -> None:
    """Open the network's own accounts, once."""
    book = Book(session, clock=clock)
    balances = book.balances([ISSUANCE, FUND])
    # Another process that brings in the first school at the same instant may open them first.
    with suppress(AccountExists, IdempotencyConflict):
        if ISSUANCE not in balances:
            book.open_account(
                ISSUANCE,
                floor=None,
                ceiling=0,
                name="Issuance",
                key=f"open:{ISSUANCE}",
                actor=actor,
            )
    with suppress(AccountExists, IdempotencyConflict):
        if FUND not in balances:
            book.open_account(FUND, floor=0, name="Community fund", key=f"open:{FUND}", actor=actor)


def open_school_accounts(
    session: Session,
    schools: Sequence[School],
    policy: Policy,
    *,
    actor: str,
    grant: bool = True,
    clock: Clock | None = None,
) -> None:
    """Open an account for each of ``schools``, with its credit limit and its joining grant.

    A school that has been here before has an account, which is unfrozen: there is no second
    grant. Without ``grant`` there is none at all, for a school that carries on for another.
    ``actor`` is who does it, as the ledger names it; ``clock`` is the ledger's.

    Raises:
        Refusal: if one of them has an account that is open already.
    """
    open_network_accounts(session, actor=actor, clock=clock)
    book = Book(session, clock=clock)
    returning = [school.urn for school in schools if school.left_at or school.continued_by_urn]
    frozen = _accounts_with_status(session, returning, "frozen")
    unfreeze_accounts(session, returning, actor=actor, reason="takes part again")
    schools = [school for school in schools if account_code(school.urn) not in frozen]
    for school in schools:
        code = account_code(school.urn)
        try:
            account = book.open_account(
                code,
                floor=-policy.credit_limit,
                name=school.name,
                key=f"open:{code}",
                actor=actor,
                reference=code,
            )
        except (AccountExists, IdempotencyConflict):
            raise _already_in(school) from None
        if account.replayed:
            raise _already_in(school)
    if policy.joining_grant and grant and schools:
        book.post_many([_joining_grant(school, policy, actor) for school in schools])


def freeze_accounts(
    session: Session, urns: Iterable[int], *, actor: str, reason: str, reference: str = ""
) -> int:
    """Freeze the accounts of schools that are open; return how many.

    ``reference`` names the cause in the ledger; without one it is the account.
    """
    codes = _accounts_with_status(session, urns, "open")
    for code in codes:
        key = _key_of_change(session, "freeze", code)
        Book(session).freeze(code, key=key, actor=actor, memo=reason, reference=reference or code)
    return len(codes)


def unfreeze_accounts(
    session: Session, urns: Iterable[int], *, actor: str, reason: str, reference: str = ""
) -> int:
    """Open the accounts of schools that are frozen, as `freeze_accounts` does; return how many."""
    codes = _accounts_with_status(session, urns, "frozen")
    for code in codes:
        key = _key_of_change(session, "unfreeze", code)
        Book(session).unfreeze(code, key=key, actor=actor, memo=reason, reference=reference or code)
    return len(codes)


def rename_accounts(session: Session, names: Mapping[int, str], *, actor: str, reason: str) -> int:
    """Give the accounts of schools, by URN, other names; return how many had another one.

    A closed account keeps the name that it was closed with.
    """
    renamed = 0
    for urn, name in names.items():
        account = find_account(session, urn)
        if account is None or account.status == "closed" or account.name == name:
            continue
        code = account.code
        key = _key_of_change(session, "rename", code)
        Book(session).rename(code, name, key=key, actor=actor, memo=reason, reference=code)
        renamed += 1
    return renamed


def _key_of_change(session: Session, action: str, code: str) -> str:
    """The key of the next change of an account, which is told by how many went before."""
    return f"{action}:{code}:{len(Book(session).history(code))}"


def _already_in(school: School) -> Refusal:
    return Refusal(f"{school.name} has just been brought in.")


def _accounts_with_status(session: Session, urns: Iterable[int], status: str) -> list[str]:
    accounts = [find_account(session, urn) for urn in urns]
    return [account.code for account in accounts if account and account.status == status]


def _joining_grant(school: School, policy: Policy, actor: str) -> NewTransaction:
    code = account_code(school.urn)
    return NewTransaction(
        postings=[Posting(ISSUANCE, -policy.joining_grant), Posting(code, policy.joining_grant)],
        key=f"joining-grant:{school.urn}",
        kind="grant",
        memo=f"Joining grant of {credits(policy.joining_grant)}",
        actor=actor,
        reference=f"school:{school.urn}",
    )


def is_frozen(urn: sa.ColumnElement[int] | InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """Return the condition that the account of the school ``urn`` (a column) is frozen."""
    account, balance = schema.account, schema.balance
    return sa.exists().where(
        account.c.code == sa.literal(SCHOOLS) + sa.cast(urn, sa.String),
        account.c.id == balance.c.account_id,
        balance.c.status == "frozen",
    )


def frozen_urns() -> sa.Select[int]:
    """Return the query of the schools whose accounts are frozen."""
    account, balance = schema.account, schema.balance
    number = sa.func.substr(account.c.code, len(SCHOOLS) + 1)
    is_number = sa.and_(
        account.c.code.startswith(SCHOOLS),
        sa.func.length(number).between(1, 9),
        sa.func.trim(number, "0123456789") == "",
    )
    return (
        sa.select(sa.case((is_number, sa.cast(number, sa.Integer))).label("urn"))
        .join(balance, account.c.id == balance.c.account_id)
        # Written out, so that the index of the frozen is used.
        .where(balance.c.status == sa.literal_column("'frozen'"), is_number)
    )
