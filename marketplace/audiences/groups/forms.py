"""The form of a group: its name, and what it is for."""

from __future__ import annotations

from marketplace.audiences.groups.service import LONGEST_NAME, LONGEST_PURPOSE
from marketplace.web.fields import line, text
from marketplace.web.forms import VersionedForm


class GroupForm(VersionedForm):
    """What a group is called, and what it is for."""

    name = line(
        "Name",
        most=LONGEST_NAME,
        description="As its schools call it, like “Leicester Maths Hub” or “Fosse Way Alliance”.",
    )
    purpose = text(
        "What is it for?",
        most=LONGEST_PURPOSE,
        description="One or two sentences. The schools that you invite read it before they answer.",
        render_kw={"rows": 3},
    )
