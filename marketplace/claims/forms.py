"""The forms of claiming a school, of asking to be added, and of the operator's decision."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from marketplace.accounts.roles import ROLE_MEANINGS, Role
from marketplace.claims.service import Claimant
from marketplace.web.fields import line, options, printable, strip, text
from marketplace.web.forms import Form

ROLES_TO_ASK_FOR = (Role.COORDINATOR, Role.FINANCE)


def _email(description: str) -> EmailField:
    return EmailField(
        "Work e-mail address",
        description=description,
        filters=[strip],
        validators=[
            InputRequired("Write your e-mail address."),
            printable,
            Length(max=254, message="The e-mail address: use at most 254 characters."),
        ],
        render_kw={"autocomplete": "email"},
    )


class _ClaimantForm(Form):
    """Who a person is."""

    name = line("Your name", most=100, render_kw={"autocomplete": "name"})
    job = line(
        "Your job at the school",
        most=100,
        description="For example: head teacher, business manager.",
        render_kw={"autocomplete": "organization-title"},
    )

    def claimant(self, network_address: str | None) -> Claimant:
        """Return what was typed, after validation."""
        return Claimant(
            name=self.name.data or "",
            job=self.job.data or "",
            email=self["email"].data or "",
            network_address=network_address or "",
            roles=self.asked_roles(),
        )

    def asked_roles(self) -> frozenset[Role]:
        """Return the roles that the person asks for."""
        return frozenset()


class ClaimForm(_ClaimantForm):
    """A claim for a school."""

    email = _email("We send a link to it. Nobody else sees it but the network’s operator.")
    roles = SelectMultipleField(
        "What else will you do?",
        choices=options((role.value, ROLE_MEANINGS[role]) for role in ROLES_TO_ASK_FOR),
        description="You become the administrator: you decide who uses Skillbank at your school."
        " In a small school one person often does all of it. You can change this later.",
    )
    may_act = BooleanField(
        "I work at this school, and I may act for it.",
        validators=[InputRequired("Say that you work at this school and may act for it.")],
    )

    def asked_roles(self) -> frozenset[Role]:
        """Return the roles that are ticked."""
        return frozenset(Role(value) for value in self.roles.data or ())


class AskForm(_ClaimantForm):
    """A request to the administrators of a school to add a person."""

    email = _email("The school’s administrators see it, and add you with it.")


class ApprovalForm(Form):
    """The operator approves a claim."""

    note = text(
        "How did you check it?",
        most=1000,
        description="Kept with the claim. For example: whom at the school you spoke to, and at"
        " which number.",
        render_kw={"rows": 3},
    )


class RefusalForm(Form):
    """The operator refuses a claim."""

    reason = text(
        "Why do you refuse it?",
        most=1000,
        description="The person reads it in an e-mail.",
        render_kw={"rows": 3},
    )
