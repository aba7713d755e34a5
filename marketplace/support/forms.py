"""The form with which an operator begins to read a school's pages."""

from __future__ import annotations

from typing import Any

from wtforms import StringField, ValidationError

from marketplace.accounts.support_access import LONGEST_REASON
from marketplace.web.fields import strip, text
from marketplace.web.forms import Form


class SupportForm(Form):
    """Which school, and why."""

    urn = StringField(
        "School", filters=[strip], description="Its URN, the number of six digits in the register."
    )
    reason = text(
        "Reason",
        most=LONGEST_REASON,
        description="The school’s administrators read it at once, by e-mail and on their pages.",
        render_kw={"rows": 3},
    )

    def validate_urn(self, field: Any) -> None:
        """Refuse what cannot be a URN."""
        written = field.data or ""
        if not (written.isascii() and written.isdecimal() and len(written) <= 9):
            raise ValidationError("School: write a URN, like 123456.")

    @property
    def school_urn(self) -> int:
        """The URN that was written, after validation."""
        return int(self.urn.data or 0)
