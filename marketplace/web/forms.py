"""Forms that lose nothing: typed values survive errors, expired sessions and a change of school."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, g, request
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms import RadioField as AnyRadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length
from wtforms.widgets import TextInput

from marketplace.web.formats import credits, minutes_from_typed, today, typed_credits
from marketplace.web.problems import Problem, SentBefore

RESUME = "_resume"
"""A post that carries this only shows its form again, filled; it does nothing."""

NOT_KEPT = frozenset(
    {"csrf_token", "password", "new_password", "repeat_password", "resume", RESUME}
)
"""Fields that are never carried over a sign-in."""


_ONCE = re.compile(r"[A-Za-z0-9_-]{16,40}")


def acting_key() -> str:
    """For whom the person acts in this request; empty when signed out."""
    viewer = getattr(g, "viewer", None)
    return viewer.acting.key if viewer is not None else ""


class Form(FlaskForm):
    """The base of every form.

    ``once`` is a fresh key in each form that is shown, so that a double click or a retry of the
    same form makes the same thing once. ``acting`` is the school the form was shown for: if the
    person has switched to another one in another tab, nothing is done in its name.
    """

    once = HiddenField()
    acting = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problem_status = 422
        if not _ONCE.fullmatch(self.once.data or ""):
            self.once.data = secrets.token_urlsafe(16)
        self.shown_for = self.acting.data
        self.acting.data = acting_key()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether this is a post that may be acted on; a resumed one is only shown."""
        if RESUME in request.form:
            return False
        return bool(super().validate_on_submit(extra_validators))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that the form still speaks for the school it was shown for."""
        valid = super().validate(extra_validators)
        if self.shown_for and self.shown_for != self.acting.data:
            self.problem_status = 409
            self.form_errors.append(
                "You have switched to another school since this page was opened. Check for whom"
                " you act (at the top of the page), then send it again."
            )
            return False
        return bool(valid)

    def refuse(self, problem: Problem) -> int:
        """Show ``problem`` beside its field or over the form; gives the status of the page."""
        name = problem.field
        if name is not None and name in self._fields:
            target = self._fields[name]
            target.errors = [*target.errors, problem.message]
        else:
            self.form_errors.append(problem.message)
        if isinstance(problem, SentBefore):
            self.once.data = secrets.token_urlsafe(16)
        self.problem_status = problem.status
        return self.problem_status

    @property
    def status(self) -> int:
        """200 for a form that is only shown, else the status that says what was wrong."""
        return self.problem_status if self.errors else 200


def pressed() -> bool:
    """Whether a form that is only a button was sent and may be acted on; if not, it says why."""
    form = Form()
    if form.validate_on_submit():
        return True
    for message in form.form_errors:
        flash(message, "danger")
    return False


def options(choices: Iterable[tuple[str, str]], *, group: str | None = None) -> list[Any]:
    """The choices of a field, out of values and what people read for them."""
    return [SelectChoice(value, label, optgroup=group) for value, label in choices]


class RadioField(AnyRadioField):
    """One of a few choices; what was chosen must be one of them."""

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
        typed = " ".join(valuelist).strip()
        if not typed:
            return
        try:
            self.data = date.fromisoformat(typed)
        except ValueError:
            raise ValueError(
                f"{self.label.text}: write a day like {today()} (year, month, day)."
            ) from None

    def pre_validate(self, form: Any) -> None:
        """Ask for a day where there is none."""
        if self.data is None and not self.process_errors:
            raise ValidationError(f"{self.label.text}: choose a day.")


class CreditsField(StringField):
    """Credits typed as hours ("1.5", "1½", "2:15"); ``minutes`` is what was meant, or ``None``."""

    widget = TextInput()

    def __init__(self, label: str, *, step: int, longest: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.step = step
        self.longest = longest
        self.minutes: int | None = None

    def process_data(self, value: Any) -> None:
        """Show ``minutes`` (an int) as typed credits."""
        self.minutes = value if isinstance(value, int) else None
        self.data = typed_credits(value) if isinstance(value, int) else value

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no positive multiple of the step, saying what would do."""
        self.minutes = minutes_from_typed(self.data or "")
        if self.minutes is None:
            raise ValidationError(
                f"{self.label.text}: write hours as a number, like 1.5 or 2 (quarters of an hour)."
            )
        self.minutes = check_minutes(self.minutes, step=self.step, longest=self.longest)


def check_minutes(minutes: int, *, step: int, longest: int) -> int:
    """Give back ``minutes`` if they can be exchanged.

    Raises:
        ValidationError: if they are not positive, no multiple of ``step``, or beyond ``longest``.
    """
    if minutes <= 0:
        raise ValidationError("The credits must be more than zero.")
    if minutes % step:
        raise ValidationError(
            f"Credits go in steps of {step} minutes ({credits(step)}):"
            f" {credits(minutes)} is between two steps."
        )
    if minutes > longest:
        raise ValidationError(f"One exchange may cost at most {credits(longest)}.")
    return minutes


def strip(value: str | None) -> str | None:
    """A WTForms filter: no spaces around what was typed, and one kind of line end."""
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else value


def line(label: str, *, most: int, required: bool = True, **kwargs: Any) -> StringField:
    """A one-line text field of at most ``most`` characters."""
    return StringField(label, filters=[strip], validators=_text(label, most, required), **kwargs)


def text(label: str, *, most: int, required: bool = True, **kwargs: Any) -> TextAreaField:
    """A text field of at most ``most`` characters."""
    kwargs.setdefault("render_kw", {"rows": 6})
    return TextAreaField(label, filters=[strip], validators=_text(label, most, required), **kwargs)


def printable(_form: Any, field: Any) -> None:
    """A WTForms validator: refuse the character that no database keeps."""
    if field.data and "\x00" in field.data:
        raise ValidationError(f"{field.label.text}: this holds a character that cannot be kept.")


def _text(label: str, most: int, required: bool) -> list[Any]:
    def not_blank(_form: Any, field: Any) -> None:
        if required and not field.data:
            raise ValidationError(f"{label}: write something here.")

    validators: list[Any] = [InputRequired(f"{label}: write something here.")] if required else []
    message = f"{label}: use at most {most:,} characters."
    return [*validators, not_blank, printable, Length(max=most, message=message)]
