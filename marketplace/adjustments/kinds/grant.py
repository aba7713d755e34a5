"""A grant: credits out of the issuance, or out of the community fund."""

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
from marketplace.credits.adjusting import fund_balance, grant
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.schools.models import School
from marketplace.web.fields import RadioField, options

ISSUANCE, FUND = "issuance", "fund"


class GrantForm(ProposalForm):
    """How much, and out of what."""

    own_fields = ("minutes", "source")
    minutes = AmountField("Credits", description="In hours, like 2 or 1.5.")
    source = RadioField(
        "Where do they come from?",
        choices=options(
            [
                (ISSUANCE, "The issuance: new credits"),
                (FUND, "The community fund: credits that schools have given"),
            ]
        ),
        default=ISSUANCE,
    )

    def details(self) -> dict[str, Any]:
        """Return the minutes and their source."""
        return {"minutes": self.minutes.minutes, "source": self.source.data}


class Grant(Kind):
    """Credits that the network gives to a school."""

    name, label = "grant", "Grant"
    lead = "The credits are the school’s once another person approves it."
    button = "Give credits"
    form = GrantForm

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Give credits to {school.name}"

    def is_offered(self, _session: Session, school: School) -> bool:
        """Offer it to schools that take part and are not paused."""
        return school.joined_at is not None and school.paused_at is None

    def summary(self, details: Details) -> str:
        """Say how much, and out of what."""
        is_given = details["source"] == FUND
        source = " from the community fund" if is_given else ", newly issued"
        return f"{credits(details['minutes'])}{source}"

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse what the fund does not have, and accounts that take nothing."""
        require_member(school)
        account = find_account(session, school.urn)
        if account is None or account.status != "open":
            raise Refusal(f"The account of {school.name} is frozen, so it takes no credits.")
        in_fund = fund_balance(session)
        if details["source"] == FUND and in_fund < details["minutes"]:
            raise Refusal(
                f"The community fund has {credits(in_fund)}. Give less, or new credits.",
                field="minutes",
            )
        if account.room is not None and account.room < details["minutes"]:
            raise Refusal(
                f"{school.name} may collect {credits(max(account.room, 0))} more: its balance has"
                " an upper limit. Give less, or change the limit first.",
                field="minutes",
            )

    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return the school's balance, the state of its account, and what the fund has."""
        account = find_account(session, school.urn)
        assert account is not None
        minutes = details["minutes"]
        figures = [
            Figure(BALANCE, credits(account.posted), credits(account.posted + minutes)),
            Figure(ACCOUNT, account.status, account.status),
        ]
        if details["source"] == FUND:
            fund = fund_balance(session)
            figures.append(Figure("Community fund", credits(fund), credits(fund - minutes)))
        return figures

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Give the credits."""
        grant(
            session,
            school.urn,
            details["minutes"],
            approved.cause,
            from_fund=details["source"] == FUND,
        )


GRANT = Grant()
