"""A write-off: what a school owes, or part of it, is made good by the network."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.adjustments.kinds.base import (
    ACCOUNT,
    BALANCE,
    Approved,
    Details,
    Figure,
    Kind,
    require_member,
)
from marketplace.adjustments.kinds.fields import AmountField
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.accounts import find_account
from marketplace.credits.adjusting import write_off
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.schools.models import School


class WriteOffForm(ProposalForm):
    """How much of what the school owes."""

    own_fields = ("minutes",)
    minutes = AmountField(
        "Credits to write off", description="In hours; at most what the school owes."
    )

    def details(self) -> dict[str, Any]:
        """Return the minutes."""
        return {"minutes": self.minutes.minutes}


class WriteOff(Kind):
    """A debt of a school that the network writes off against its issuance."""

    name, label = "write-off", "Write-off"
    lead = "The debt is written off against the issuance once another person approves it."
    button = "Write off a debt"
    form = WriteOffForm

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Write off what {school.name} owes"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that take part and are not paused."""
        return school.joined_at is not None and school.paused_at is None

    def summary(self, details: Details) -> str:
        """Say how much."""
        return f"{credits(details['minutes'])} written off"

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse more than the school owes, and accounts that take nothing."""
        require_member(school)
        account = find_account(session, school.urn)
        if account is None or account.status != "open":
            raise Refusal(f"The account of {school.name} is frozen, so nothing moves on it.")
        if account.posted >= 0:
            raise Refusal(f"{school.name} owes nothing.", field="minutes")
        if details["minutes"] > -account.posted:
            raise Refusal(
                f"{school.name} owes {credits(-account.posted)}. Write off no more than that.",
                field="minutes",
            )

    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return the school's balance and the state of its account."""
        account = find_account(session, school.urn)
        assert account is not None
        after = account.posted + details["minutes"]
        return [
            Figure(BALANCE, credits(account.posted), credits(after)),
            Figure(ACCOUNT, account.status, account.status),
        ]

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Write it off."""
        write_off(session, school.urn, details["minutes"], approved.cause)


WRITE_OFF = WriteOff()
