"""The forms with which an administrator manages a school's people."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, HiddenField, PasswordField, SelectMultipleField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

from marketplace.accounts.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from marketplace.accounts.roles import (
    NETWORK_ROLE_MEANINGS,
    ROLE_MEANINGS,
    TRUST_ROLE_MEANINGS,
    Role,
)
from marketplace.web.fields import line, options, printable, strip, text
from marketplace.web.forms import Form


class SeenForm(Form):
    """A change to a colleague; ``seen`` is the roles they had when the page was opened."""

    seen = HiddenField()

    def roles_on_page(self) -> frozenset[Role]:
        """Return the roles that the page showed."""
        return frozenset(role for role in ROLE_MEANINGS if role in (self.seen.data or "").split())


class RolesForm(SeenForm):
    """What a person may do at a school."""

    roles = SelectMultipleField(
        "Roles",
        choices=options((role.value, meaning) for role, meaning in ROLE_MEANINGS.items()),
        description="Tick every one that fits. Everyone can look for help and ask other schools.",
    )

    def validate_roles(self, field: Any) -> None:
        """Refuse a choice without a role."""
        if not field.data:
            raise ValidationError("Roles: tick at least one.")

    def selected_roles(self) -> frozenset[Role]:
        """Return the roles that are ticked, after validation."""
        return frozenset(Role(value) for value in self.roles.data or ())


class InvitationForm(RolesForm):
    """A colleague to invite; the trust's roles are offered to those who may give them."""

    name = line("Name", most=100, render_kw={"autocomplete": "off"})
    email = EmailField(
        "E-mail address",
        filters=[strip],
        validators=[InputRequired("Write the e-mail address."), printable, Length(max=254)],
        description="The invitation goes there, and they sign in with it later.",
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, *, with_trust: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if with_trust:
            meanings = {**ROLE_MEANINGS, **TRUST_ROLE_MEANINGS}
            self.roles.choices = options(
                (role.value, meaning) for role, meaning in meanings.items()
            )


class NetworkInvitationForm(InvitationForm):
    """A person to invite to the network's own staff."""

    roles = SelectMultipleField(
        "Roles",
        choices=options((role.value, meaning) for role, meaning in NETWORK_ROLE_MEANINGS.items()),
        description="Tick every one that fits.",
    )


class ColleaguesForm(Form):
    """Many colleagues at once, as lines of text; ``really`` is set once they have been shown."""

    colleagues = text(
        "Colleagues",
        most=40_000,
        description="One in each line: name, e-mail address, roles. Paste it from a spreadsheet, or"
        " from a CSV file.",
        render_kw={
            "rows": 10,
            "placeholder": "Jo Bloggs, j.bloggs@school.example, coordinator and finance",
            "spellcheck": "false",
        },
    )
    really = HiddenField()


class NewAccountForm(Form):
    """The name and the password of a person who accepts an invitation."""

    name = line("Your name", most=100, render_kw={"autocomplete": "name"})
    new_password = PasswordField(
        "Password",
        description=f"At least {SHORTEST_PASSWORD} characters. Three or four words that do not"
        " belong together are good.",
        validators=[InputRequired("Write a password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "new-password"},
    )
    repeat_password = PasswordField(
        "The same password again",
        validators=[EqualTo("new_password", "The two passwords are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )
