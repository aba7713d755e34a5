"""The first message to a school that would help."""

from __future__ import annotations

from marketplace.conversations.service import LONGEST_MESSAGE
from marketplace.web.fields import text
from marketplace.web.forms import Form


class IntroductionForm(Form):
    """What the school that needs help writes first, when it agrees to be introduced."""

    body = text(
        "Your first message to them",
        most=LONGEST_MESSAGE,
        description="They read it with your school’s name.",
        render_kw={"rows": 4},
    )
