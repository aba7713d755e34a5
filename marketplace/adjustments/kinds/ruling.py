"""A ruling on a dispute that two people decide, because it goes beyond a school's credit limit."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.adjustments.kinds.base import Approved, Details, Figure, Kind
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.accounts import find_account
from marketplace.credits.adjusting import fund_balance, override_of, records_by_key
from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.exchanges.disputes.effects import fund_share_of, paid_minutes
from marketplace.exchanges.disputes.forms import FigureField
from marketplace.exchanges.disputes.models import Dispute, Ruling
from marketplace.exchanges.disputes.presenters import RULING_LABELS
from marketplace.exchanges.disputes.queries import get_dispute, list_decidable
from marketplace.exchanges.disputes.rules import LONGEST_STATEMENT
from marketplace.exchanges.disputes.rulings import Decision, possible_rulings
from marketplace.exchanges.disputes.second_person import (
    await_second_person,
    refuse_proposal,
    rule_by_two,
    turn_down_ruling,
)
from marketplace.schools.models import School
from marketplace.web.fields import RadioField, options, text

FUND = "Network’s fund"


class RulingForm(ProposalForm):
    """Which dispute, what is decided, and the reasons that both schools read."""

    own_fields = ("dispute", "ruling", "minutes", "fund_minutes", "reasons")
    dispute = RadioField("Which dispute?")
    ruling = RadioField("What do you decide?")
    minutes = FigureField(
        "Credits that the receiver pays",
        empty_is_nothing=True,
        description="In all. Leave it empty if nothing is due.",
    )
    fund_minutes = FigureField(
        "Credits that the network’s fund pays",
        empty_is_nothing=True,
        description="Only if you share it.",
    )
    reasons = text(
        "Reasons for the ruling",
        most=LONGEST_STATEMENT,
        description="Both schools read them. Name what decided it, not who is at fault.",
    )

    def details(self) -> dict[str, Any]:
        """Return the number of the dispute, and the ruling."""
        return {
            "dispute_id": int(self.dispute.data),
            "ruling": self.ruling.data,
            "minutes": self.minutes.minutes or 0,
            "fund_minutes": self.fund_minutes.minutes or 0,
            "reasons": (self.reasons.data or "").strip(),
        }


class RulingByTwo(Kind):
    """A ruling that one operator proposes, and that another person lets pass a credit limit."""

    name, label = "ruling", "Ruling on a dispute"
    lead = (
        "It may take a school beyond its credit limit. Nothing moves until another person approves"
        " it; then both schools read the reasons, and the ledger names who let it pass."
    )
    reason_hint = (
        "Why it may go beyond a limit. The schools’ administrators and finance staff read it once"
        " it is done."
    )
    button = "Rule on a dispute, beyond a limit"
    form = RulingForm
    is_told = False
    """Both schools are told of the ruling itself."""

    def make_form(self, session: Session, school: School) -> ProposalForm:
        """Return the form with the disputes of ``school`` that can be decided."""
        form = RulingForm()
        disputes = list_decidable(session, school.urn)
        form.dispute.choices = options(
            [(str(dispute.id), f"{dispute.exchange.title} ({dispute.id})") for dispute in disputes]
        )
        possible = {ruling for each in disputes for ruling in possible_rulings(each.exchange)}
        form.ruling.choices = options(
            [(ruling, RULING_LABELS[ruling]) for ruling in Ruling if ruling in possible]
        )
        if len(disputes) == 1 and not form.dispute.data:
            form.dispute.data = str(disputes[0].id)
        return form

    def subject(self, _school: School, details: Details) -> str:
        """Return the dispute: either school may be named."""
        return f"ruling:{details['dispute_id']}"

    def other_urn(self, session: Session, school: School, details: Details) -> int | None:
        """Return the other school of the exchange."""
        return get_dispute(session, details["dispute_id"]).exchange.other_urn(school.urn)

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Rule on a dispute of {school.name}, beyond a limit"

    def is_offered(self, session: Session, school: School) -> bool:
        """Offer it where a dispute can be decided."""
        return bool(list_decidable(session, school.urn))

    def summary(self, details: Details) -> str:
        """Say on which dispute, and what is paid."""
        paid = f"the receiver pays {credits(details['minutes'])}"
        if details["fund_minutes"]:
            paid += f", and the fund {credits(details['fund_minutes'])}"
        return (
            f"dispute {details['dispute_id']}: {paid if details['minutes'] else 'nothing is due'}"
        )

    def words(self, details: Details) -> list[tuple[str, str]]:
        """Return the reasons that both schools read once it is approved."""
        return [("Reasons for the ruling", details["reasons"])]

    def page(self, details: Details) -> tuple[str, str] | None:
        """Return the dispute, with what both schools wrote."""
        number = details["dispute_id"]
        return f"Dispute {number}", url_for("disputes.dispute", dispute_id=number)

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse a dispute that is other schools', or over, and a ruling that cannot be."""
        dispute = get_dispute(session, details["dispute_id"])
        exchange = dispute.exchange
        if school.urn not in (exchange.provider_urn, exchange.receiver_urn):
            raise Refusal("This dispute is of other schools.", field="dispute")
        refuse_proposal(session, dispute, _decision(details))

    def begin(
        self, session: Session, school: School, details: Details, actor: Actor, adjustment_id: int
    ) -> None:
        """Let the dispute wait for the second person."""
        await_second_person(session, actor, details["dispute_id"], adjustment_id)

    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return what was paid, both schools' balances and limits, and what the fund has."""
        dispute = get_dispute(session, details["dispute_id"])
        exchange, minutes, fund = dispute.exchange, details["minutes"], details["fund_minutes"]
        paid, returned = paid_minutes(exchange), fund_share_of(session, exchange)
        figures = [Figure("Paid for the exchange", credits(paid), credits(minutes))]
        for party, change in (
            (exchange.provider, minutes - paid + fund - returned),
            (exchange.receiver, paid - minutes),
        ):
            account = find_account(session, party.urn)
            assert account is not None
            figures.append(
                Figure(
                    f"Balance of {party.name}",
                    credits(account.posted),
                    credits(account.posted + change),
                )
            )
            if account.floor is not None:
                limit = credits(-account.floor)
                figures.append(Figure(f"Credit limit of {party.name}", limit, limit))
        if fund or returned:
            before = fund_balance(session)
            figures.append(Figure(FUND, credits(before), credits(before + returned - fund)))
        return figures

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Carry the ruling out, with an override that names both people."""
        rule_by_two(
            session,
            approved.actor,
            details["dispute_id"],
            _decision(details),
            proposed_by_id=approved.proposed_by_id,
            override=override_of(approved.cause),
        )

    def records(self, session: Session, details: Details) -> list[int]:
        """Return what the ruling recorded: its cause in the ledger is the exchange."""
        dispute = get_dispute(session, details["dispute_id"])
        numbers = {dispute.transaction_id, dispute.fund_transaction_id}
        numbers |= set(records_by_key(session, _keys(dispute)))
        return sorted(number for number in numbers if number is not None)

    def turn_down(
        self, session: Session, _school: School, details: Details, actor: Actor, _reason: str
    ) -> None:
        """Let the dispute be decided anew."""
        turn_down_ruling(session, actor, details["dispute_id"])

    def take_back(self, session: Session, _school: School, details: Details, actor: Actor) -> None:
        """Let the dispute be decided anew."""
        turn_down_ruling(session, actor, details["dispute_id"])


def _decision(details: Details) -> Decision:
    return Decision(
        Ruling(details["ruling"]),
        details["minutes"],
        details["fund_minutes"],
        details["reasons"],
    )


def _keys(dispute: Dispute) -> list[str]:
    """The keys under which a ruling records what it takes back."""
    return [f"{dispute.reference}:reversal", f"{dispute.reference}:fund-return"]


RULING = RulingByTwo()
