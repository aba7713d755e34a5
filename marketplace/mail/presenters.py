"""E-mails as the templates show them: the words for a state, and links in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from marketplace.mail.models import EmailState
from marketplace.mail.queries import Delivery
from marketplace.web.formats import moment

# The text of the tag, and its tone.
STATE_TAGS = {
    EmailState.WAITING: ("Waiting", "info"),
    EmailState.SENT: ("Sent", "success"),
    EmailState.REFUSED: ("Refused", "danger"),
    EmailState.BOUNCED: ("Came back", "danger"),
    EmailState.WITHHELD: ("Withheld", "warning"),
    EmailState.KEPT: ("Kept, not sent", "neutral"),
    EmailState.GIVEN_UP: ("Given up", "danger"),
}


NOT_SENT_TAG = ("Not sent", "neutral")
"""Of an e-mail that was not to be sent any more."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One e-mail in the delivery log that a person, a school or the operator reads."""

    id: int
    subject: str
    to: str
    tag: tuple[str, str]
    state: str
    """What became of it, in a sentence."""
    reason: str | None
    """What the mail server said, or why it was not sent."""
    written_at: datetime
    tries: int
    is_new_failure: bool
    """Whether it did not arrive, and the operator has not noted that."""


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """Return an e-mail as a row of the log."""
    return DeliveryRow(
        id=delivery.id,
        subject=delivery.subject,
        to=delivery.to,
        tag=NOT_SENT_TAG if _is_not_needed(delivery) else STATE_TAGS[delivery.state],
        state=_state_in_words(delivery),
        reason=delivery.last_error,
        written_at=delivery.created_at,
        tries=delivery.tries,
        is_new_failure=delivery.failed_at is not None and not delivery.failure_seen,
    )


def _is_not_needed(delivery: Delivery) -> bool:
    return delivery.state is EmailState.KEPT and delivery.last_error is not None


def _state_in_words(delivery: Delivery) -> str:
    match delivery.state:
        case EmailState.WAITING if delivery.tries:
            return "The mail server could not take it yet. We try again."
        case EmailState.WAITING if delivery.queued_at is None and delivery.send_after is not None:
            return f"It will be sent after {moment(delivery.send_after)}."
        case EmailState.WAITING:
            return "It will be sent in a moment."
        case EmailState.SENT if delivery.sent_at is not None:
            return f"The mail server took it on {moment(delivery.sent_at)}."
        case EmailState.REFUSED:
            return "The mail server refused it."
        case EmailState.BOUNCED:
            return "It was sent and came back."
        case EmailState.WITHHELD:
            return "It was not sent."
        case EmailState.KEPT if _is_not_needed(delivery):
            return "It was not sent."
        case EmailState.KEPT:
            return "It was not sent, because no mail server is set."
        case EmailState.GIVEN_UP:
            return "We tried several times, and the mail server never took it."
    return "It was sent."


_ADDRESS = re.compile(r"(https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)])")


def with_links(text: str) -> list[tuple[str, bool]]:
    """Return ``text`` in pieces, each with whether it is the address of a page."""
    return [(piece, number % 2 == 1) for number, piece in enumerate(_ADDRESS.split(text)) if piece]
