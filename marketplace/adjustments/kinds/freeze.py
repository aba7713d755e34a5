"""A pause: the school's people read and change nothing, and nobody agrees anything with it."""

from __future__ import annotations

from sqlalchemy.orm import Session
from wtforms import BooleanField

from marketplace.accounts.actor import Actor
from marketplace.adjustments.kinds.base import (
    ACCOUNT,
    SCHOOL,
    Approved,
    Details,
    Figure,
    Kind,
    require_member,
    standing,
)
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.accounts import find_account
from marketplace.credits.adjusting import Cause
from marketplace.errors import Refusal
from marketplace.network.service import freeze_school, unfreeze_school
from marketplace.schools.models import School


class FreezeForm(ProposalForm):
    """Whether it cannot wait."""

    own_fields = ("at_once",)
    at_once = BooleanField(
        "Pause it at once: it cannot wait for another person",
        description=(
            "The school is paused when you send this. Unless another person confirms it within 48"
            " hours, the school goes on by itself."
        ),
    )

    @property
    def is_urgent(self) -> bool:
        """Whether the box is ticked."""
        return bool(self.at_once.data)


class Freeze(Kind):
    """A school that is paused, which everybody there is told."""

    name, label = "freeze", "Pause"
    lead = (
        "Its people can read everything and change nothing, and they read your reason. Other"
        " schools see that it is paused, and can agree nothing with it; they can cancel what is"
        " open. Its credits stay where they are."
    )
    reason_hint = "All of the school’s people read it. Say what has to happen before it goes on."
    button = "Pause it"
    form = FreezeForm
    may_be_urgent = True
    is_told = False

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Pause {school.name}"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that take part and are not paused."""
        return school.joined_at is not None and school.paused_at is None

    def summary(self, _details: Details) -> str:
        """Say what happens."""
        return "the school is paused"

    def refuse(self, _session: Session, school: School, _details: Details) -> None:
        """Refuse a school that does not take part, or is paused."""
        require_member(school)
        if school.paused_at is not None:
            raise Refusal(f"{school.name} is paused already.")

    def figures(self, session: Session, school: School, _details: Details) -> list[Figure]:
        """Return where the school and its account stand."""
        account = find_account(session, school.urn)
        return [
            Figure(SCHOOL, standing(school), "Paused"),
            Figure(ACCOUNT, account.status if account else "none", "frozen"),
        ]

    def carry_out(
        self, session: Session, school: School, _details: Details, approved: Approved
    ) -> None:
        """Pause it."""
        freeze_school(session, approved.actor, school.urn, approved.reason, cause=approved.cause)

    def undo(self, session: Session, school: School, actor: Actor | None, cause: Cause) -> None:
        """Let the school go on, if it is still paused."""
        if school.joined_at is not None and school.paused_at is not None:
            unfreeze_school(session, actor, school.urn, cause=cause)


FREEZE = Freeze()
