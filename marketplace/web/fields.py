"""The fields of forms that know no domain: texts, days, choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from wtforms import DateField, StringField, TextAreaField, ValidationError
from wtforms import RadioField as AnyRadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired
from wtforms.widgets import MonthInput

from marketplace.clock import today
from marketplace.web.texts import code_points, forbidden_characters, visible


def options(choices: Iterable[tuple[str, str]], *, group: str | None = None) -> list[Any]:
    """Return the choices of a field, out of values and what people read for them."""
    return [SelectChoice(value, label, optgroup=group) for value, label in choices]


class RadioField(AnyRadioField):
    """One of a few choices; the value that is sent must be one of them."""

    def pre_validate(self, form: Any) -> None:
        """Say which question wants an answer."""
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(f"{self.label.text} Choose one.") from None


class DayField(DateField):
    """A day; one that cannot be read stays in the form as it was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, or say how one is written."""
        self.data = None
        day_text = " ".join(valuelist).strip()
        if not day_text:
            return
        try:
            self.data = date.fromisoformat(day_text)
        except ValueError:
            raise ValueError(
                f"{self.label.text}: write a day like {today()} (year, month, day)."
            ) from None

    def pre_validate(self, form: Any) -> None:
        """Ask for a day where there is none."""
        if self.data is None and not self.process_errors:
            raise ValidationError(f"{self.label.text}: choose a day.")


class OptionalDayField(DayField):
    """A day that may be left open."""

    def pre_validate(self, form: Any) -> None:
        """Ask for none."""


class MonthField(StringField):
    """A month; ``month`` is its first day, or ``None`` if it was left open.

    Browsers send “2026-11”. Some show a plain field, in which people write “11/2026” or “Nov 2026”.
    """

    widget = MonthInput()

    def __init__(self, label: str, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.is_needed = required
        self.month: date | None = None

    def process_data(self, value: Any) -> None:
        """Show the month of a day."""
        self.month = value.replace(day=1) if isinstance(value, date) else None
        self.data = f"{value:%Y-%m}" if isinstance(value, date) else ""

    def pre_validate(self, form: Any) -> None:
        """Read the month, or say how one is written."""
        typed = " ".join((self.data or "").split())
        self.month = _read_month(typed)
        if self.month is None and typed:
            raise ValidationError(
                f"{self.label.text}: write a month like {today():%Y-%m} or {today():%B %Y}."
            )
        if self.month is None and self.is_needed:
            raise ValidationError(f"{self.label.text}: choose a month.")


def _read_month(typed: str) -> date | None:
    if len(typed) > 20 or not typed.isascii():
        return None
    for form in ("%Y-%m", "%m/%Y", "%B %Y", "%b %Y"):
        with suppress(ValueError):
            return datetime.strptime(typed, form).date()  # noqa: DTZ007  # only a month
    return None


class WholeNumberField(StringField):
    """A whole number within bounds that may be left open; ``number`` is its value, or ``None``."""

    def __init__(self, label: str, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least, self.most = least, most
        self.number: int | None = None

    def process_data(self, value: Any) -> None:
        """Show a number."""
        self.number = value if isinstance(value, int) else None
        self.data = str(value) if isinstance(value, int) else ""

    def pre_validate(self, form: Any) -> None:
        """Read the number, or say which ones there are."""
        typed = (self.data or "").strip().replace(",", "")
        self.number = (
            int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else None
        )
        if typed and (self.number is None or not self.least <= self.number <= self.most):
            raise ValidationError(
                f"{self.label.text}: write a number from {self.least:,} to {self.most:,}."
            )


def strip(value: str | None) -> str | None:
    """Return ``value`` without outer spaces and with one kind of line end (a WTForms filter)."""
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else value


def line(label: str, *, most: int, required: bool = True, **kwargs: Any) -> StringField:
    """Return a one-line text field of at most ``most`` characters."""
    validators = [*_text(label, most, required), printable]
    kwargs["render_kw"] = {"data-most": most} | kwargs.get("render_kw", {})
    return StringField(label, filters=[strip], validators=validators, **kwargs)


def text(label: str, *, most: int, required: bool = True, **kwargs: Any) -> TextAreaField:
    """Return a text field of at most ``most`` characters."""
    kwargs["render_kw"] = {"data-most": most, "rows": 6} | kwargs.get("render_kw", {})
    validators = [*_text(label, most, required), printable_lines]
    return TextAreaField(label, filters=[strip], validators=validators, **kwargs)


def printable(_form: Any, field: Any) -> None:
    """Refuse control and bidi characters in a field of one line (a WTForms validator)."""
    _refuse_forbidden(field, several_lines=False)


def printable_lines(_form: Any, field: Any) -> None:
    """Refuse them in a field of several lines, but allow line breaks and tabs."""
    _refuse_forbidden(field, several_lines=True)


def at_most(label: str, most: int) -> Callable[[Any, Any], None]:
    """Return a WTForms validator that refuses longer texts, and says by how much.

    The browser must not cut what is typed or pasted, which nobody would notice; so the field has
    its length as ``data-most``, and a script counts.
    """

    def check(_form: Any, field: Any) -> None:
        beyond = len(field.data or "") - most
        if beyond > 0:
            raise ValidationError(
                f"{label}: use at most {most:,} characters. It has {beyond:,} too many."
            )

    return check


def _refuse_forbidden(field: Any, *, several_lines: bool) -> None:
    forbidden = forbidden_characters(field.data or "", several_lines=several_lines)
    if forbidden:
        raise ValidationError(
            f"{field.label.text}: delete what cannot be shown ({code_points(forbidden)})."
        )


def _text(label: str, most: int, required: bool) -> list[Any]:
    def not_blank(_form: Any, field: Any) -> None:
        if required and not visible(field.data or ""):
            raise ValidationError(f"{label}: write something here.")

    validators: list[Any] = [InputRequired(f"{label}: write something here.")] if required else []
    return [*validators, not_blank, at_most(label, most)]
