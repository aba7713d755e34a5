"""The end of a pause: the school goes on."""

from __future__ import annotations

from sqlalchemy.orm import Session

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
from marketplace.errors import Refusal
from marketplace.network.service import unfreeze_school
from marketplace.schools.facts import Status
from marketplace.schools.models import School


class Unfreeze(Kind):
    """A school that is paused and goes on."""

    name, label = "unfreeze", "End of a pause"
    lead = "Its people can work again once another person approves it."
    button = "Let it go on"
    form = ProposalForm
    is_told = False

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Let {school.name} go on"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that are paused."""
        return school.joined_at is not None and school.paused_at is not None

    def summary(self, _details: Details) -> str:
        """Say what happens."""
        return "the school goes on"

    def refuse(self, _session: Session, school: School, _details: Details) -> None:
        """Refuse a school that is not paused."""
        require_member(school)
        if school.paused_at is None:
            raise Refusal(f"{school.name} is not paused.")

    def figures(self, session: Session, school: School, _details: Details) -> list[Figure]:
        """Return where the school and its account stand."""
        account = find_account(session, school.urn)
        status = account.status if account else "none"
        stays_frozen = school.status == Status.CLOSED or status == "none"
        return [
            Figure(SCHOOL, standing(school), "Takes part"),
            Figure(ACCOUNT, status, status if stays_frozen else "open"),
        ]

    def carry_out(
        self, session: Session, school: School, _details: Details, approved: Approved
    ) -> None:
        """Let it go on."""
        unfreeze_school(session, approved.actor, school.urn, cause=approved.cause)


UNFREEZE = Unfreeze()
