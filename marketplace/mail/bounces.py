"""E-mails that come back: read out of a failure notice, and noted."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.mail.addresses import checked_address
from marketplace.mail.models import Email, EmailState
from marketplace.mail.service import mark_failing, mark_undelivered
from marketplace.mail.statuses import is_of_address

_ORIGINAL = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")


@dataclass(frozen=True, slots=True)
class FailureNotice:
    """What a mail server reports of an e-mail that it could not deliver (RFC 3464)."""

    message_id: str
    reason: str
    is_of_address: bool
    """Whether the address takes no e-mail at all, not only this one."""


def read_notice(content: bytes) -> FailureNotice | None:
    """Return what a message reports; None if it is not a notice of a failure for good.

    Notices that something is late, that it has arrived, and answers of people are not.
    """
    message = message_from_bytes(content, policy=policy.compat32)
    if (
        message.get_content_type() != "multipart/report"
        or str(message.get_param("report-type", "")).lower() != "delivery-status"
    ):
        return None
    parts = list(message.walk())
    message_ids = [message_id for part in parts if (message_id := _original_id(part))]
    failures = [failure for part in parts if (failure := _failure(part))]
    if not message_ids or not failures:
        return None
    status, said = failures[0]
    reason = f"{status} {said}".strip() if status not in said else said
    return FailureNotice(message_ids[0], reason, is_of_address(0, status))


def note_bounce(session: Session, notice: FailureNotice) -> Email | None:
    """Note that the e-mail of a failure notice came back; None if it is not one of ours.

    A notice can be forged by whoever knows the e-mail's Message-ID, which is its recipient alone;
    so only the address to which that e-mail went is marked.
    """
    email = _by_message_id(session, notice.message_id)
    if email is not None and email.state != EmailState.BOUNCED:
        mark_undelivered(email, EmailState.BOUNCED, notice.reason)
        if notice.is_of_address:
            mark_failing(session, email.to_address, notice.reason)
    return email


def note_bounced(session: Session, name: str, reason: str) -> tuple[str, Email | None]:
    """Note what the operator has learned of an address, or of an e-mail by its Message-ID.

    Returns:
        The address, to which nothing more is sent, and its e-mail that came back: the one that
        was named, or the last that was sent there; None if there is none.

    Raises:
        ValueError: if it is neither the Message-ID of one of our e-mails nor an address.
    """
    email = _by_message_id(session, name)
    address = email.to_address if email is not None else checked_address(name)
    if email is None:
        email = session.scalar(
            sa.select(Email)
            .where(Email.to_address == address, Email.state == EmailState.SENT)
            .order_by(Email.id.desc())
            .limit(1)
        )
    if email is not None:
        mark_undelivered(email, EmailState.BOUNCED, reason)
    mark_failing(session, address, reason)
    return address, email


def _by_message_id(session: Session, text: str) -> Email | None:
    message_id = f"<{text.strip().strip('<>')}>"
    return session.scalar(sa.select(Email).where(Email.message_id == message_id))


def _original_id(part: Message) -> str | None:
    """The Message-ID of the e-mail that came back, if ``part`` holds it or its headers."""
    if part.get_content_type() not in _ORIGINAL:
        return None
    content = part.get_payload()
    original: Message | None = None
    if isinstance(content, list):
        original = content[0] if content and isinstance(content[0], Message) else None
    else:
        decoded = part.get_payload(decode=True)
        text = decoded.decode(errors="replace") if isinstance(decoded, bytes) else str(content)
        original = message_from_string(text)
    message_id = str(original["Message-ID"] or "").strip() if original is not None else ""
    return message_id or None


def _failure(part: Message) -> tuple[str, str] | None:
    """The status and the words of the first recipient that failed for good."""
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return None
    groups = part.get_payload()
    for group in groups if isinstance(groups, list) else []:
        if not isinstance(group, Message):
            continue
        action = str(group["Action"] or "").strip().lower()
        status = str(group["Status"] or "").strip().partition(" ")[0]
        if action == "failed" and status.startswith("5."):
            return status, str(group["Diagnostic-Code"] or "").partition(";")[2].strip()
    return None
