"""Limits: how far a school's balance may go, and from where on it is reported."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.adjustments.kinds.base import (
    BALANCE,
    CREDIT_LIMIT,
    Approved,
    Details,
    Figure,
    Kind,
    require_member,
)
from marketplace.adjustments.kinds.fields import AmountField
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.accounts import find_account
from marketplace.credits.adjusting import Limits, set_limits
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.schools.models import School

CEILING, SOFT_FLOOR, SOFT_CEILING = "Balance at most", "Warning below", "Warning above"
NONE = "none"


class LimitForm(ProposalForm):
    """The limits as they are to be; those that may be absent are left empty."""

    own_fields = ("credit_limit", "ceiling", "soft_floor", "soft_ceiling")
    credit_limit = AmountField(
        "Credit limit",
        least=0,
        description="How far below zero the balance may go, in hours. 0: not at all.",
    )
    ceiling = AmountField(
        "Balance at most (optional)",
        least=0,
        required=False,
        description="Empty: it may collect as much as it likes.",
    )
    soft_floor = AmountField(
        "Report a debt of more than (optional)",
        least=0,
        required=False,
        description="It refuses nothing: auditors see the school among those beyond it.",
    )
    soft_ceiling = AmountField("Report a balance of more than (optional)", least=0, required=False)

    def details(self) -> dict[str, Any]:
        """Return the four limits in minutes, floors as balances."""
        limit, soft = self.credit_limit.minutes or 0, self.soft_floor.minutes
        return {
            "floor": -limit,
            "ceiling": self.ceiling.minutes,
            "soft_floor": None if soft is None else -soft,
            "soft_ceiling": self.soft_ceiling.minutes,
        }


class Limit(Kind):
    """Other limits for the account of a school."""

    name, label = "limit", "Limits"
    lead = "A balance that is beyond a new limit stays as it is: it may only move back towards it."
    button = "Change its limits"
    form = LimitForm

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Change the limits of {school.name}"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that take part."""
        return school.joined_at is not None

    def make_form(self, session: Session, school: School) -> ProposalForm:
        """Return the form with the limits as they are."""
        account = find_account(session, school.urn)
        if account is None:
            return LimitForm()
        return LimitForm(
            credit_limit=None if account.floor is None else -account.floor,
            ceiling=account.ceiling,
            soft_floor=None if account.soft_floor is None else -account.soft_floor,
            soft_ceiling=account.soft_ceiling,
        )

    def summary(self, details: Details) -> str:
        """Say the new limits."""
        words = [f"credit limit {credits(-details['floor'])}"]
        for name, label in (
            ("ceiling", CEILING),
            ("soft_floor", SOFT_FLOOR),
            ("soft_ceiling", SOFT_CEILING),
        ):
            if details[name] is not None:
                words.append(f"{label.lower()} {credits(details[name])}")
        return ", ".join(words)

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse limits that are as they are already, and closed accounts."""
        require_member(school)
        account = find_account(session, school.urn)
        if account is None or account.status == "closed":
            raise Refusal(f"{school.name} has no account that is open.")
        present = (account.floor, account.ceiling, account.soft_floor, account.soft_ceiling)
        if present == _limits(details):
            raise Refusal("These are its limits already. Change one.", field="credit_limit")

    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return the four limits, and the balance to which they apply."""
        account = find_account(session, school.urn)
        assert account is not None
        floor, ceiling, soft_floor, soft_ceiling = _limits(details)
        return [
            Figure(CREDIT_LIMIT, _debt(account.floor), _debt(floor)),
            Figure(CEILING, _words(account.ceiling), _words(ceiling)),
            Figure(SOFT_FLOOR, _words(account.soft_floor), _words(soft_floor)),
            Figure(SOFT_CEILING, _words(account.soft_ceiling), _words(soft_ceiling)),
            Figure(BALANCE, credits(account.posted), credits(account.posted)),
        ]

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Set the limits."""
        set_limits(session, school.urn, Limits(*_limits(details)), approved.cause)


def _limits(details: Details) -> tuple[int | None, int | None, int | None, int | None]:
    return (
        details["floor"],
        details["ceiling"],
        details["soft_floor"],
        details["soft_ceiling"],
    )


def _debt(floor: int | None) -> str:
    return NONE if floor is None else credits(-floor)


def _words(minutes: int | None) -> str:
    return NONE if minutes is None else credits(minutes)


LIMIT = Limit()
