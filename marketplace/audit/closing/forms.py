"""The form that proposes to close a period."""

from __future__ import annotations

from datetime import date, timedelta

from wtforms import DateField
from wtforms.validators import InputRequired

from marketplace import clock
from marketplace.audit.closing.models import LONGEST_REASON
from marketplace.web.fields import text
from marketplace.web.forms import Form


class ClosingForm(Form):
    """Through which day the books are to be closed, and why what is open may stay so."""

    ends_on = DateField(
        "Last day of the period", validators=[InputRequired("Choose the last day of the period.")]
    )
    reason = text(
        "Why it may be closed",
        most=LONGEST_REASON,
        required=False,
        description="Needed if anything in the list is open. It is recorded in the ledger.",
        render_kw={"rows": 3},
    )


def last_month_end() -> date:
    """Return the last day of the month before this one."""
    return clock.today().replace(day=1) - timedelta(days=1)
