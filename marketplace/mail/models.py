"""Tables: every e-mail with what became of it, and the addresses that take none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base

LONGEST_ADDRESS = 254
LONGEST_ERROR = 300
LONGEST_KEY = 200
LONGEST_SUBJECT = 200
LONGEST_TEMPLATE = 80


class EmailState(StrEnum):
    """What became of an e-mail."""

    WAITING = "waiting"
    """It has not been sent yet: the worker has not come to it, or it is for later."""
    SENT = "sent"
    """The mail server took it."""
    REFUSED = "refused"
    """The mail server refused it for good."""
    BOUNCED = "bounced"
    """It was sent and came back."""
    WITHHELD = "withheld"
    """It was not sent, because its address is one that takes no e-mail."""
    KEPT = "kept"
    """It was not sent: no mail server is set, or it is not needed any more: see `last_error`."""
    GIVEN_UP = "given_up"
    """It could not be sent at any try."""


UNDELIVERED = (
    EmailState.REFUSED,
    EmailState.BOUNCED,
    EmailState.WITHHELD,
    EmailState.GIVEN_UP,
)
"""The states of an e-mail that will not reach its person."""


def _quoted(*states: EmailState) -> str:
    return ", ".join(f"'{state}'" for state in states)


def _partial_index(name: str, *columns: str, where: str) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Email(Base):
    """One e-mail to one address, as it was written, and what became of it.

    The texts are deleted a month after it was sent, the row a year after it was written.
    """

    __tablename__ = "email"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_quoted(*EmailState)})", name="state"),
        sa.CheckConstraint("queued_at IS NOT NULL OR send_after IS NOT NULL", name="queued_or_due"),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_instant"),
        sa.CheckConstraint(
            f"(state IN ({_quoted(*UNDELIVERED)})) = (failed_at IS NOT NULL)",
            name="failed_has_instant",
        ),
        sa.CheckConstraint("to_address = lower(to_address)", name="to_lower_case"),
        sa.Index("ix_email_person_id_id", "person_id", "id"),
        sa.Index("ix_email_school_urn_id", "school_urn", "id"),
        sa.Index("ix_email_to_address_id", "to_address", "id"),
        _partial_index(
            "ix_email_due",
            "send_after",
            "id",
            where="state = 'waiting' AND queued_at IS NULL",
        ),
        _partial_index("ix_email_not_sent", "id", where="state <> 'sent'"),
        _partial_index("ix_email_with_text", "id", where="text IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(sa.String(LONGEST_TEMPLATE))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    """The school on whose behalf it was written, if there is one."""
    to_address: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS))
    subject: Mapped[str] = mapped_column(sa.String(LONGEST_SUBJECT))
    text: Mapped[str | None] = mapped_column(sa.Text)
    html: Mapped[str | None] = mapped_column(sa.Text)
    key: Mapped[str | None] = mapped_column(sa.String(LONGEST_KEY), unique=True)
    message_id: Mapped[str] = mapped_column(sa.String(320), unique=True)
    unsubscribe_url: Mapped[str | None] = mapped_column(sa.String(1000))
    secret: Mapped[bool] = mapped_column(default=False)
    """Whether the texts hold a link that lets its reader in, and go as soon as they are sent."""
    even_if_failing: Mapped[bool] = mapped_column(default=False)
    """Whether it is tried although e-mails to its address have failed."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    send_after: Mapped[datetime | None]
    """Not to be sent before then; None if at once."""
    queued_at: Mapped[datetime | None]
    """When the worker was told to send it; None while it is for later."""
    state: Mapped[str] = mapped_column(sa.String(10), default=EmailState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(LONGEST_ERROR))
    """What the mail server said, or why it was not sent."""
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """When it came into a state of `UNDELIVERED`."""
    failure_seen_at: Mapped[datetime | None]
    """When the operator took note of that."""


class FailingAddress(Base):
    """An address that takes no e-mail, until its person confirms it again or changes it."""

    __tablename__ = "failing_address"
    __table_args__ = (sa.CheckConstraint("address = lower(address)", name="address_lower_case"),)

    address: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS), primary_key=True)
    failed_at: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_ERROR))
    """What the mail server said."""


def is_not_sent() -> sa.ColumnElement[bool]:
    """Return the SQL condition for every state but sent, written so that its index is used."""
    return Email.state != sa.literal(EmailState.SENT.value, sa.String, literal_execute=True)


def is_kept_for_server() -> sa.ColumnElement[bool]:
    """Return the SQL condition for what is kept until a mail server is set."""
    return sa.and_(is_not_sent(), is_in(EmailState.KEPT), Email.last_error.is_(None))


def is_in(state: EmailState) -> sa.ColumnElement[bool]:
    """Return the SQL condition for ``state``, written so that a partial index is used."""
    return Email.state == sa.literal(state.value, sa.String, literal_execute=True)
