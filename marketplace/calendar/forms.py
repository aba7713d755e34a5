"""The form of term dates: some days, or a file with all of them."""

from __future__ import annotations

from wtforms import FileField

from marketplace.calendar.models import EntryKind
from marketplace.calendar.school_calendar import Days
from marketplace.web.fields import DayField, RadioField, line, options
from marketplace.web.forms import Form

KIND_LABELS = {
    EntryKind.TERM: "School days: a term, or a half-term",
    EntryKind.HOLIDAY: "Holidays",
    EntryKind.INSET: "An INSET day",
}
KIND_NAMES = {EntryKind.TERM: "Term", EntryKind.HOLIDAY: "Holidays", EntryKind.INSET: "INSET"}


class DaysForm(Form):
    """Some days of a school year."""

    kind = RadioField(
        "What are these days?", choices=options((one.value, KIND_LABELS[one]) for one in EntryKind)
    )
    name = line(
        "Name", most=100, required=False, description="Like “Spring term” or “February half-term”."
    )
    starts_on = DayField("First day")
    ends_on = DayField("Last day", description="The same day for one day.")

    def days(self) -> Days:
        """Return what was filled in, after validation."""
        assert self.starts_on.data is not None
        assert self.ends_on.data is not None
        return Days(self.kind.data, self.name.data or "", self.starts_on.data, self.ends_on.data)


class FileForm(Form):
    """A calendar as a file."""

    file = FileField(
        "Calendar file (.ics)",
        description="Most councils have one beside their term dates, and every calendar program"
        " can save one. What was imported before is replaced; what was typed stays.",
        render_kw={"accept": ".ics,text/calendar"},
    )
