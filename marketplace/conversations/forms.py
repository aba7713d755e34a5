"""The form of a message."""

from __future__ import annotations

from marketplace.conversations.service import LONGEST_MESSAGE
from marketplace.web.fields import text
from marketplace.web.forms import Form


class MessageForm(Form):
    """One message."""

    body = text("Your message", most=LONGEST_MESSAGE)
