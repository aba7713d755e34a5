"""E-mails as the templates show them: the words for a state, and links in a text."""

from __future__ import annotations

import re

from marketplace.mail.models import EmailState

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

_ADDRESS = re.compile(r"(https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)])")


def with_links(text: str) -> list[tuple[str, bool]]:
    """Return ``text`` in pieces, each with whether it is the address of a page."""
    return [(piece, number % 2 == 1) for number, piece in enumerate(_ADDRESS.split(text)) if piece]
