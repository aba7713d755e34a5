"""The forms with which an administrator manages a school's people."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, HiddenField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, Length

from marketplace.accounts.roles import ROLE_MEANINGS, Role
from marketplace.web.fields import line, options, printable, strip
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


class ColleagueForm(RolesForm):
    """A colleague to add; ``known`` confirms an account that exists at another school."""

    name = line("Name", most=100, render_kw={"autocomplete": "off"})
    email = EmailField(
        "E-mail address",
        filters=[strip],
        validators=[InputRequired("Write the e-mail address."), printable, Length(max=254)],
        description="They sign in with it. We do not send anything to it.",
        render_kw={"autocomplete": "off"},
    )
    known = BooleanField("Yes, this is our colleague’s account")
