"""The form in which a person says how often they want to be told of what, and when not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from wtforms import SelectField

from marketplace.notifications.kinds import Group, Kind
from marketplace.notifications.models import Frequency
from marketplace.notifications.preferences import Hours
from marketplace.web.fields import options
from marketplace.web.forms import Form

FREQUENCY_LABELS = {
    Frequency.AT_ONCE: "At once",
    Frequency.DAILY: "Once a day",
    Frequency.WEEKLY: "Once a week",
    Frequency.OFF: "No e-mail",
}
_TIMES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
_TIME_CHOICES = [("", "None"), *((text, text) for text in _TIMES)]


class PreferencesForm(Form):
    """Quiet hours; the fields of the kinds are added by ``preferences_form``."""

    begins = SelectField("From", choices=options(_TIME_CHOICES), default="")
    ends = SelectField("To", choices=options(_TIME_CHOICES), default="")

    kinds: Sequence[Kind[Any, Any]] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that quiet hours have a beginning and an end."""
        if not super().validate(extra_validators):
            return False
        if bool(self.begins.data) != bool(self.ends.data):
            missing = self.ends if self.begins.data else self.begins
            missing.errors = ["Quiet hours: choose both times, or “None” for both."]
            return False
        if self.begins.data and self.begins.data == self.ends.data:
            self.ends.errors = ["Quiet hours: choose an end that is not the beginning."]
            return False
        return True

    def frequencies(self) -> dict[str, Frequency]:
        """Return what was chosen for each kind, by its name."""
        return {kind.name: Frequency(self[field_name(kind)].data) for kind in self.kinds}

    def hours(self) -> Hours | None:
        """Return the quiet hours; ``None`` if there are none."""
        if not self.begins.data:
            return None
        return Hours(time.fromisoformat(self.begins.data), time.fromisoformat(self.ends.data))

    def by_group(self) -> list[tuple[str, list[Any]]]:
        """Return the fields of the kinds under their headings."""
        groups = [
            (group.value, [self[field_name(kind)] for kind in self.kinds if kind.group is group])
            for group in Group
        ]
        return [(heading, fields) for heading, fields in groups if fields]


def preferences_form(
    kinds: Sequence[Kind[Any, Any]], current: Mapping[str, Frequency], hours: Hours | None
) -> PreferencesForm:
    """Return the form with a field for each of ``kinds``, filled with what is so now."""
    choices = options((frequency.value, label) for frequency, label in FREQUENCY_LABELS.items())
    fields: dict[str, Any] = {
        field_name(kind): SelectField(kind.label, choices=choices) for kind in kinds
    }
    form_class = type("FilledPreferencesForm", (PreferencesForm,), {**fields, "kinds": kinds})
    values = {field_name(kind): current[kind.name].value for kind in kinds}
    if hours is not None:
        values |= {"begins": f"{hours.begins:%H:%M}", "ends": f"{hours.ends:%H:%M}"}
    form: PreferencesForm = form_class(data=values)
    return form


def field_name(kind: Kind[Any, Any]) -> str:
    """Return the name of the field of a kind."""
    return f"kind-{kind.name.replace('.', '-')}"
