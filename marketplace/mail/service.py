"""Writing an e-mail, and noting what became of it. Nothing here commits or sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.mail.addresses import checked_address, sender_domain
from marketplace.mail.events import MailQueued
from marketplace.mail.models import (
    LONGEST_ERROR,
    LONGEST_KEY,
    Email,
    EmailState,
    FailingAddress,
    is_in,
    is_kept_for_server,
)
from marketplace.mail.rendering import one_line, render_email
from marketplace.outbox import record
from marketplace.settings import current_settings

SENT_LATER_WITHIN = timedelta(days=7)
"""What was kept while no mail server was set is sent later, unless it is older than this."""
TOO_OLD = f"It was too old: no mail server was set within {SENT_LATER_WITHIN.days} days."


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that is to be written; what its values mean stands at ``queue_email``."""

    template: str
    to: str
    context: dict[str, Any]
    person_id: int | None = None
    school_urn: int | None = None
    key: str | None = None
    unsubscribe_url: str | None = None
    send_after: datetime | None = None
    secret: bool = False
    even_if_failing: bool = False


def queue_email(
    session: Session,
    *,
    template: str,
    to: str,
    person_id: int | None = None,
    school_urn: int | None = None,
    key: str | None = None,
    unsubscribe_url: str | None = None,
    send_after: datetime | None = None,
    secret: bool = False,
    even_if_failing: bool = False,
    **context: Any,
) -> Email:
    """Write an e-mail in the caller's transaction; the worker sends it once that commits.

    It is rendered now, from ``templates/email/TEMPLATE.txt`` and ``TEMPLATE.html`` (see
    `marketplace.mail.rendering`) with ``context``.

    Args:
        to: one plain address.
        person_id: whose e-mail it is; the delivery log of the person shows it.
        school_urn: for which school the person gets it; the school's log shows it.
        key: the same key twice makes one e-mail, and the first one is returned.
        unsubscribe_url: where one click (a POST without a sign-in) ends e-mails of this kind.
        send_after: not to be sent before then, as in a person's quiet hours.
        secret: it holds a link that lets its reader in; its texts are deleted once it is sent.
        even_if_failing: it is tried although e-mails to the address have failed: for what the
            person has just asked for, such as the link that confirms the address.

    Raises:
        ValueError: if ``to`` or ``unsubscribe_url`` is not an address, if the key is empty or
            too long, or if the subject is empty.
    """
    letter = Letter(
        template,
        to,
        context,
        person_id=person_id,
        school_urn=school_urn,
        key=key,
        unsubscribe_url=unsubscribe_url,
        send_after=send_after,
        secret=secret,
        even_if_failing=even_if_failing,
    )
    return queue_emails(session, [letter])[0]


def queue_emails(session: Session, letters: Sequence[Letter]) -> list[Email]:
    """Write several e-mails as ``queue_email`` does, in a few statements for all of them.

    Raises:
        ValueError: as there; then none is written.
    """
    keys = [letter.key for letter in letters if letter.key is not None]
    if any(not 0 < len(key) <= LONGEST_KEY for key in keys):
        raise ValueError(f"a key has from 1 to {LONGEST_KEY} characters")
    existing: dict[str | None, Email] = {}
    if keys:
        rows = session.scalars(sa.select(Email).where(Email.key.in_(keys)))
        existing = {email.key: email for email in rows}
    emails, new = [], []
    for letter in letters:
        email = existing.get(letter.key) if letter.key is not None else None
        if email is None:
            email = _written(letter)
            new.append(email)
            if letter.key is not None:
                existing[letter.key] = email
        emails.append(email)
    session.add_all(new)
    session.flush()
    for email in new:
        if email.queued_at is not None:
            _record(session, email)
    return emails


def write_email(
    session: Session, *, template: str, to: str, context: dict[str, Any], **values: Any
) -> Email:
    """Add the row of an e-mail, rendered, which the worker is not told to send."""
    email = _written(Letter(template, to, context, **values))
    session.add(email)
    session.flush()
    return email


def _written(letter: Letter) -> Email:
    """The row of an e-mail, rendered."""
    now = clock.now()
    unsubscribe_url = _checked_url(letter.unsubscribe_url)
    rendered = render_email(letter.template, {**letter.context, "unsubscribe_url": unsubscribe_url})
    is_due = letter.send_after is None or letter.send_after <= now
    return Email(
        template=letter.template,
        to_address=checked_address(letter.to),
        person_id=letter.person_id,
        school_urn=letter.school_urn,
        key=letter.key,
        unsubscribe_url=unsubscribe_url,
        send_after=letter.send_after,
        secret=letter.secret,
        even_if_failing=letter.even_if_failing,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=f"<{uuid4().hex}@{sender_domain(current_settings())}>",
        created_at=now,
        queued_at=now if is_due else None,
        state=EmailState.WAITING,
        tries=0,
    )


def queue_due(session: Session, limit: int) -> int:
    """Tell the worker to send up to ``limit`` e-mails whose time has come; count them."""
    now = clock.now()
    emails = session.scalars(
        sa.select(Email)
        .where(
            is_in(EmailState.WAITING),
            Email.queued_at.is_(None),
            Email.send_after <= now,
        )
        .order_by(Email.send_after, Email.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for email in emails:
        email.queued_at = now
        _record(session, email)
    session.flush()
    return len(emails)


def queue_kept(session: Session, limit: int) -> tuple[int, int]:
    """Tell the worker to send up to ``limit`` e-mails that were kept until a mail server was set.

    Those that are too old are marked as such. Each leaves its state in the caller's transaction,
    so that it is told of once.

    Returns:
        How many are to be sent, and how many were too old.
    """
    now = clock.now()
    emails = session.scalars(
        sa.select(Email)
        .where(is_kept_for_server())
        .order_by(Email.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    fresh = [email for email in emails if now - email.created_at <= SENT_LATER_WITHIN]
    for email in emails:
        if email not in fresh:
            mark_not_needed(email, TOO_OLD)
    for email in fresh:
        email.state, email.queued_at = EmailState.WAITING, now
        _record(session, email)
    session.flush()
    return len(fresh), len(emails) - len(fresh)


def mark_not_needed(email: Email, reason: str) -> None:
    """Note that an e-mail is not to be sent any more, and why; a link in it goes."""
    email.state, email.last_error, email.failed_at = EmailState.KEPT, reason, None
    if email.secret:
        email.text = email.html = None


def mark_sent(email: Email) -> None:
    """Note that the mail server took an e-mail."""
    email.state, email.sent_at, email.last_error = EmailState.SENT, clock.now(), None
    email.failed_at = None
    email.tries += 1
    if email.secret:
        email.text = email.html = None


def mark_undelivered(email: Email, state: EmailState, reason: str) -> None:
    """Note that an e-mail will not reach its person: ``state`` is one of `UNDELIVERED`."""
    email.state, email.last_error = state, one_line(reason, LONGEST_ERROR)
    email.failed_at = clock.now()
    email.failure_seen_at = None


def mark_failing(session: Session, address: str, reason: str) -> None:
    """Note that ``address`` takes no e-mail: nothing more is sent to it until it is mended."""
    address, now = checked_address(address), clock.now()
    row = session.get(FailingAddress, address, with_for_update=True)
    if row is None:
        row = FailingAddress(address=address)
        session.add(row)
    row.failed_at, row.reason = now, one_line(reason, LONGEST_ERROR)
    session.flush()


def mark_working(session: Session, address: str) -> bool:
    """Note that ``address`` takes e-mail again, as when its person has confirmed it.

    Returns:
        Whether it was one that took none.
    """
    result = session.execute(
        sa.delete(FailingAddress).where(FailingAddress.address == checked_address(address))
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount > 0


def note_failure_seen(session: Session, email_id: int) -> bool:
    """Note that the operator has seen that an e-mail did not arrive.

    Returns:
        Whether there is one that did not arrive, of which that was not noted.
    """
    result = session.execute(
        sa.update(Email)
        .where(Email.id == email_id, Email.failed_at.is_not(None), Email.failure_seen_at.is_(None))
        .values(failure_seen_at=clock.now())
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount > 0


def _record(session: Session, email: Email) -> None:
    schools = () if email.school_urn is None else (email.school_urn,)
    record(session, MailQueued(actor_id=None, school_urns=schools, email_id=email.id))


def _checked_url(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' <>"')
    if not is_plain or parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("the address that ends e-mails must be a whole address of a page")
    return url
