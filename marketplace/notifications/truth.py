"""Whether what an e-mail tells is still so, asked just before it is sent."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.mail.checks import has_waited
from marketplace.mail.models import Email
from marketplace.notifications.kinds import Urgency
from marketplace.notifications.models import Notification, NotificationDigest
from marketplace.notifications.queries import Told, with_words
from marketplace.notifications.recipients import RolesOf

NOTIFICATION, DIGEST = "notification", "digest"
"""How the keys of e-mails begin that tell of one notification, and of a day's."""


def notification_key(notification_id: int) -> str:
    """Return the key of the e-mail that tells of one notification at once."""
    return f"{NOTIFICATION}:{notification_id}"


def digest_key(person_id: int, day: date) -> str:
    """Return the key of the e-mail with a person's digest of one day."""
    return f"{DIGEST}:{person_id}:{day}"


def is_still_true(session: Session, email: Email) -> bool:
    """Say whether anything that an e-mail tells is still so, and for its person to know.

    Its kind decides (`Kind.is_current`). What has waited is not sent either if the person has
    read of it on the site meanwhile, or if another event has followed; about the account itself
    (`Urgency.SECURITY`) it is sent all the same, because someone else may have read it there.
    """
    name, _, rest = (email.key or "").partition(":")
    if name not in (NOTIFICATION, DIGEST) or email.person_id is None:
        return True
    if name == NOTIFICATION:
        is_in_email = Notification.id == int(rest)
    else:
        made_at = sa.select(NotificationDigest.made_at).where(
            NotificationDigest.person_id == email.person_id,
            NotificationDigest.day == date.fromisoformat(rest.rpartition(":")[2]),
        )
        is_in_email = Notification.digested_at == made_at.scalar_subquery()
    rows = session.scalars(
        sa.select(Notification).where(Notification.person_id == email.person_id, is_in_email)
    ).all()
    roles = RolesOf(session, email.person_id)
    waited = has_waited(email)
    return any(
        item.is_current
        and roles.allow(item.kind, item.notification.school_urn)
        and not (waited and _was_read(item))
        for item in with_words(session, rows)
    )


def _was_read(item: Told) -> bool:
    return item.kind.urgency is not Urgency.SECURITY and item.notification.read_at is not None
