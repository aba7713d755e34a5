"""Forms that lose nothing: typed values survive errors, expired sessions and a change of school."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import flash, g, request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from wtforms import HiddenField

from marketplace.errors import AlreadySent, Conflict, Refusal

RESUME = "_resume"
"""A post that carries this only shows its form again, filled; it does nothing."""

NOT_KEPT = frozenset(
    {"csrf_token", "password", "new_password", "repeat_password", "resume", RESUME}
)
"""Fields that are never carried over a sign-in."""

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")


def membership_key() -> str:
    """Return the key of the membership the person acts in now; empty if they are signed out."""
    current_user = getattr(g, "current_user", None)
    return current_user.actor.key if current_user is not None else ""


class Form(FlaskForm):
    """The base of every form.

    ``idempotency_key`` is a fresh key in each form that is shown, so that a double click or a
    retry of the same form makes the same thing once. ``acting`` is the school the form was shown
    for: if the person has switched to another one in another tab, nothing is done in its name.

    When a verb refuses what an accepted form asked for, the application rolls back and runs the
    view once more (``application.Skillbank``): the form is then not valid and says why.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc, unused-ignore]
        """Only the fields of a form count; the library would also take JSON, of any depth."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Return what was sent in fields, unless the caller says what to read."""
            if formdata is _Auto:
                return (request.form or None) if form.is_submitted() else None
            return formdata

    idempotency_key = HiddenField()
    acting = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None
        self.refusal_status = 422
        if not _IDEMPOTENCY_KEY.fullmatch(self.idempotency_key.data or ""):
            self.idempotency_key.data = secrets.token_urlsafe(16)
        self.shown_for = self.acting.data
        self.acting.data = membership_key()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Say whether this is a post that may be acted on; a resumed one is only shown."""
        if RESUME in request.form or not super().validate_on_submit(extra_validators):
            return False
        self.refusal = g.pop("refusal", None)
        if self.refusal is not None:
            self.refuse(self.refusal)
            return False
        g.form_accepted = True
        return True

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that the form still speaks for the school it was shown for."""
        valid = super().validate(extra_validators)
        if self.shown_for and self.shown_for != self.acting.data:
            self.refusal_status = 409
            self.form_errors.append(
                "You have switched to another school since this page was opened. Check which"
                " school you act for (at the top of the page), then send it again."
            )
            return False
        return bool(valid)

    def refuse(self, refusal: Refusal) -> None:
        """Show ``refusal`` beside its field or over the form.

        A form that was sent before gets a fresh key, one that met a conflict the new version: the
        person who sends it again has been told what it replaces.
        """
        name = refusal.field
        if name is not None and name in self._fields:
            target = self._fields[name]
            target.errors = [*target.errors, refusal.message]
        else:
            self.form_errors.append(refusal.message)
        if isinstance(refusal, AlreadySent):
            self.idempotency_key.data = secrets.token_urlsafe(16)
        elif isinstance(refusal, Conflict) and "version" in self._fields:
            version = self._fields["version"]
            version.data = version.object_data
        self.refusal_status = refusal.status

    @property
    def key(self) -> str:
        """The key that lets a verb do once what this form asks for."""
        return self.idempotency_key.data or ""

    @property
    def status(self) -> int:
        """200 for a form that is only shown, else the status that says what was wrong."""
        return self.refusal_status if self.errors else 200


class VersionedForm(Form):
    """A form about a thing as the person saw it: ``version`` detects a change in between."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version of the thing that the page showed; 0 if the form does not say."""
        version_text = (self.version.raw_data or [""])[0]
        return int(version_text) if version_text.isdecimal() and len(version_text) < 10 else 0


def button_was_pressed() -> bool:
    """Say whether a form that is only a button was sent and may be acted on.

    If not, a message over the next page says why. What a verb refused gets a page of its own.

    Raises:
        Refusal: if a verb refused what the button asked for.
    """
    form = Form()
    if form.validate_on_submit():
        return True
    if form.refusal is not None:
        raise form.refusal
    for message in form.form_errors:
        flash(message, "danger")
    return False
