"""The forms about what another person has proposed: approve, refuse, withdraw."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from marketplace.adjustments.models import LONGEST_REASON
from marketplace.web.fields import text
from marketplace.web.forms import Form


class ApprovalForm(Form):
    """An approval: of the figures that the page showed."""

    seen = HiddenField()
    despite_changes = BooleanField(
        "I have read the figures as they are now, and approve it all the same"
    )
    remark = text(
        "A word about it (optional)", most=LONGEST_REASON, required=False, render_kw={"rows": 2}
    )


class RefusalForm(Form):
    """Why it is refused."""

    reason = text(
        "Why not?",
        most=LONGEST_REASON,
        description="The person who proposed it reads it, and so do operators and auditors.",
        render_kw={"rows": 3},
    )


class WithdrawalForm(Form):
    """Why the proposer takes it back."""

    remark = text("Why? (optional)", most=LONGEST_REASON, required=False, render_kw={"rows": 2})
