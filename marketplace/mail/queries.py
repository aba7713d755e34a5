"""Reading the delivery log: what was sent to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.mail.models import (
    Email,
    EmailState,
    FailingAddress,
    is_kept_for_server,
    is_not_sent,
)
from marketplace.settings import current_settings
from marketplace.web.paging import Page, paginate

PAGE = 50
COMPLAINED_OF_FOR = timedelta(days=7)
ALARMING = (EmailState.REFUSED, EmailState.BOUNCED, EmailState.GIVEN_UP)
"""What ``mail status`` reports. What is withheld follows from an earlier failure."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of the delivery log; the texts are not in it."""

    id: int
    template: str
    to: str
    subject: str
    state: EmailState
    created_at: datetime
    send_after: datetime | None
    sent_at: datetime | None
    tries: int
    last_error: str | None
    person_id: int | None
    school_urn: int | None
    queued_at: datetime | None
    failed_at: datetime | None
    failure_seen: bool


@dataclass(frozen=True, slots=True)
class Failing:
    """An address that takes no e-mail, since when, and what the mail server said."""

    address: str
    failed_at: datetime
    reason: str


def deliveries_to_person(
    session: Session, person_id: int, *, after: str = "", limit: int = PAGE
) -> Page[Delivery]:
    """Return a page of the e-mails to a person, the newest first."""
    return _page(session, Email.person_id == person_id, after=after, limit=limit)


def deliveries_of_school(
    session: Session, urn: int, *, after: str = "", limit: int = PAGE
) -> Page[Delivery]:
    """Return a page of the e-mails that people got for a school, the newest first."""
    return _page(session, Email.school_urn == urn, after=after, limit=limit)


def deliveries(
    session: Session,
    *,
    states: Sequence[EmailState] = (),
    address: str = "",
    after: str = "",
    limit: int = PAGE,
) -> Page[Delivery]:
    """Return a page of all e-mails, the newest first.

    Args:
        states: only e-mails in one of them.
        address: only e-mails to it.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if states:
        conditions.append(Email.state.in_(states))
        if EmailState.SENT not in states:
            conditions.append(is_not_sent())
    if address:
        conditions.append(Email.to_address == address.strip().lower())
    return _page(session, *conditions, after=after, limit=limit)


def failing_addresses(
    session: Session, *, address: str = "", after: str = "", limit: int = PAGE
) -> Page[Failing]:
    """Return a page of the addresses that take no e-mail, in their alphabetical order."""
    query = sa.select(FailingAddress.address, FailingAddress.failed_at, FailingAddress.reason)
    if address:
        query = query.where(FailingAddress.address == address.strip().lower())
    page = paginate(session, query, FailingAddress.address, after=after, limit=limit)
    return page.map(lambda row: Failing(*row))


def find_failing(session: Session, addresses: Iterable[str]) -> list[Failing]:
    """Return which of ``addresses`` take no e-mail, in their alphabetical order."""
    lower_case = {address.strip().lower() for address in addresses}
    rows = session.execute(
        sa.select(FailingAddress.address, FailingAddress.failed_at, FailingAddress.reason)
        .where(FailingAddress.address.in_(lower_case))
        .order_by(FailingAddress.address)
    )
    return [Failing(*row) for row in rows]


def count_by_state(session: Session) -> dict[EmailState, int]:
    """Count the e-mails in each state."""
    rows = session.execute(sa.select(Email.state, sa.func.count()).group_by(Email.state))
    counts = {EmailState(state): count for state, count in rows}
    return {state: counts.get(state, 0) for state in EmailState}


def new_failures(session: Session, *, limit: int) -> list[Delivery]:
    """Return the first failures that the operator has not taken note of, the oldest first."""
    query = sa.select(*_COLUMNS).where(is_new_failure()).order_by(Email.id).limit(limit)
    return [_delivery(row) for row in session.execute(query)]


def is_new_failure() -> sa.ColumnElement[bool]:
    """Return the SQL condition for a failure that the operator has not taken note of."""
    return sa.and_(is_not_sent(), Email.state.in_(ALARMING), Email.failure_seen_at.is_(None))


def complaints(session: Session) -> list[str]:
    """Say that e-mails are kept and not sent, where people rely on them."""
    settings = current_settings()
    if not settings.production or settings.mail.server is not None or settings.mail.mailbox:
        return []
    count = session.scalar(
        sa.select(sa.func.count()).where(
            is_kept_for_server(), Email.created_at > clock.now() - COMPLAINED_OF_FOR
        )
    )
    if not count:
        return []
    return [
        f"No mail server is set, so {count:,} {'e-mail' if count == 1 else 'e-mails'} of the last"
        " seven days were kept and not sent: set SKILLBANK_SMTP_URL."
    ]


_COLUMNS = (
    Email.id,
    Email.template,
    Email.to_address,
    Email.subject,
    Email.state,
    Email.created_at,
    Email.send_after,
    Email.sent_at,
    Email.tries,
    Email.last_error,
    Email.person_id,
    Email.school_urn,
    Email.queued_at,
    Email.failed_at,
    Email.failure_seen_at.is_not(None),
)


def _page(
    session: Session, *conditions: sa.ColumnElement[bool], after: str, limit: int
) -> Page[Delivery]:
    query = sa.select(*_COLUMNS).where(*conditions)
    return paginate(session, query, Email.id.desc(), after=after, limit=limit).map(_delivery)


def _delivery(row: Sequence[object]) -> Delivery:
    values = dict(zip(Delivery.__slots__, row, strict=True))
    return Delivery(**values | {"state": EmailState(str(values["state"]))})  # type: ignore[arg-type]
