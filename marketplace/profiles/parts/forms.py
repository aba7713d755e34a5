"""The form of one part of a school's page."""

from __future__ import annotations

from typing import Any

from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.forms import AudienceFields
from marketplace.profiles.parts.service import LONGEST_PART
from marketplace.web.fields import text
from marketplace.web.forms import VersionedForm


class PartForm(AudienceFields, VersionedForm):
    """One part of a school's page, with its audience."""

    text = text(
        "What stands there",
        most=LONGEST_PART,
        required=False,
        description="Leave it empty to take the part off the page. An empty line ends a paragraph,"
        " “- ” a point of a list, **two stars** make bold, and [words](https://…) make a link.",
        render_kw={"rows": 12},
    )

    def __init__(self, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own)
