"""A school leaves: what is open ends, and its credits go where the proposal says."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.adjustments.kinds.base import (
    ACCOUNT,
    BALANCE,
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
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.network.presenters import leaving_sentences
from marketplace.network.service import leaving_of, let_school_leave
from marketplace.schools.models import School
from marketplace.schools.standing import takes_part
from marketplace.web.fields import RadioField, line, options

TO_NETWORK, TO_SCHOOL = "network", "school"


class LeavingForm(ProposalForm):
    """Where the credits of the school go."""

    own_fields = ("credits_to", "heir")
    credits_to = RadioField(
        "Where do its credits go?",
        choices=options(
            [
                (TO_NETWORK, "Back to the network, as a gift"),
                (TO_SCHOOL, "To another school, as a gift"),
            ]
        ),
        default=TO_NETWORK,
    )
    heir = line(
        "URN of that school",
        most=9,
        required=False,
        description="Only if its credits go to another school that takes part.",
        render_kw={"inputmode": "numeric"},
    )

    def details(self) -> dict[str, Any]:
        """Return the school that is given the credits; 0 for what is no URN."""
        if self.credits_to.data != TO_SCHOOL:
            return {"heir_urn": None}
        typed = (self.heir.data or "").strip()
        return {"heir_urn": int(typed) if typed.isascii() and typed.isdecimal() else 0}


class Leaving(Kind):
    """A school that leaves the network; its record stays, and it may join again."""

    name, label = "leaving", "Leaving"
    lead = "It leaves once another person approves it."
    reason_hint = "It is kept with the school, for the network’s operators and auditors."
    button = "Let it leave"
    form = LeavingForm

    def other_urn(self, _session: Session, _school: School, details: Details) -> int | None:
        """Return the school that is given the credits."""
        urn: int | None = details["heir_urn"]
        return urn

    def notices(self, session: Session, school: School) -> list[str]:
        """Say what becomes of its people, listings, exchanges and balance."""
        return leaving_sentences(leaving_of(session, school))

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Let {school.name} leave"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that take part."""
        return school.joined_at is not None

    def summary(self, details: Details) -> str:
        """Say where its credits go."""
        if details["heir_urn"] is None:
            return "the school leaves; its credits go back to the network"
        return f"the school leaves; its credits go to the school {details['heir_urn']}"

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse a school that does not take part, and an heir that cannot take the credits."""
        require_member(school)
        heir_urn = details["heir_urn"]
        if heir_urn is None:
            return
        heir = session.get(School, heir_urn)
        if heir is None:
            raise Refusal("The register has no school with this URN.", field="heir")
        if heir.urn == school.urn:
            raise Refusal("Choose another school: this is the one that leaves.", field="heir")
        if not takes_part(heir):
            raise Refusal(f"{heir.name} cannot take credits at the moment.", field="heir")

    def figures(self, session: Session, school: School, _details: Details) -> list[Figure]:
        """Return what ends, and what becomes of the balance."""
        plan = leaving_of(session, school)
        account = find_account(session, school.urn)
        return [
            Figure(SCHOOL, standing(school), "Left the network"),
            Figure(BALANCE, credits(plan.balance), credits(0)),
            Figure(ACCOUNT, account.status if account else "none", "frozen"),
            Figure("People", f"{plan.people:,}", "0"),
            Figure("Open offers and requests", f"{plan.listings:,}", "0"),
            Figure("Open exchanges", f"{plan.exchanges:,}", "0"),
        ]

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Let it leave."""
        let_school_leave(
            session,
            approved.actor,
            school.urn,
            reason=approved.reason,
            heir_urn=details["heir_urn"],
            seen=leaving_of(session, school).fingerprint,
            cause=approved.cause,
        )


LEAVING = Leaving()
