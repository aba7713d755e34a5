"""The forms of signing in, of choosing a password, and of a school's people."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.validators import EqualTo, InputRequired, Length

from marketplace.people.roles import ROLE_MEANINGS, Role
from marketplace.people.service import LONGEST_PASSWORD, SHORTEST_PASSWORD
from marketplace.web.forms import Form, line, options, printable, strip


class SignInForm(Form):
    """E-mail and password; ``resume`` carries a form that was sent after the session ended."""

    email = EmailField(
        "E-mail address",
        filters=[strip],
        validators=[InputRequired("Write your e-mail address."), printable, Length(max=254)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Write your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    resume = HiddenField()


class PasswordForm(Form):
    """A password, typed twice."""

    new_password = PasswordField(
        "New password",
        description=f"At least {SHORTEST_PASSWORD} characters. Three or four words that do not"
        " belong together are easy to remember and hard to guess.",
        validators=[
            InputRequired("Write a password."),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=f"The password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}"
                " characters.",
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    repeat_password = PasswordField(
        "The same password again",
        validators=[EqualTo("new_password", "The two passwords are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )


class SeenForm(Form):
    """A change to a colleague; ``seen`` is the roles they had when the page was opened."""

    seen = HiddenField()

    def roles_seen(self) -> frozenset[Role]:
        """The roles that the page showed."""
        return frozenset(role for role in ROLE_MEANINGS if role in (self.seen.data or "").split())


class RolesForm(SeenForm):
    """What somebody may do at a school."""

    roles = SelectMultipleField(
        "Roles",
        choices=options((role.value, meaning) for role, meaning in ROLE_MEANINGS.items()),
        description="Tick every one that fits. Everybody can look for help and ask other schools.",
    )

    def validate_roles(self, field: Any) -> None:
        """Ask for at least one."""
        if not field.data:
            raise ValidationError("Roles: tick at least one.")

    def chosen(self) -> frozenset[Role]:
        """The roles that are ticked, after validation."""
        return frozenset(Role(value) for value in self.roles.data or ())


class ColleagueForm(RolesForm):
    """Somebody to be added; ``known`` is asked of an account that is already here."""

    name = line("Name", most=100, render_kw={"autocomplete": "off"})
    email = EmailField(
        "E-mail address",
        filters=[strip],
        validators=[InputRequired("Write the e-mail address."), printable, Length(max=254)],
        description="They sign in with it. Nothing is sent there.",
        render_kw={"autocomplete": "off"},
    )
    known = BooleanField("Yes, this is our colleague’s account")
