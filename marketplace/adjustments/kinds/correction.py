"""A correction that both schools want, and that takes one of them beyond its credit limit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.adjustments.kinds.base import Approved, Details, Figure, Kind
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.accounts import find_account
from marketplace.credits.adjusting import override_of
from marketplace.credits.formats import credits
from marketplace.errors import NotFound, Refusal
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.service import hold_back_at_limit, let_through_limit
from marketplace.exchanges.models import Exchange
from marketplace.schools.models import School
from marketplace.web.fields import RadioField, options

NOT_WAITING = "This correction does not wait for the network any more."


class CorrectionForm(ProposalForm):
    """Which of the corrections that wait."""

    own_fields = ("correction",)
    correction = RadioField("Which correction?")

    def details(self) -> dict[str, Any]:
        """Return the number of the correction."""
        return {"correction_id": int(self.correction.data)}


class CorrectionBeyondLimit(Kind):
    """A figure that both schools hold right, let through a credit limit."""

    name, label = "correction", "Correction beyond a limit"
    lead = (
        "Both schools want another figure for an exchange, and it takes one of them beyond its"
        " credit limit. The ledger names who lets it pass, and why."
    )
    button = "Let a correction pass a limit"
    form = CorrectionForm

    def make_form(self, session: Session, school: School) -> ProposalForm:
        """Return the form with the corrections of ``school`` that wait."""
        form = CorrectionForm()
        form.correction.choices = options(
            [
                (
                    str(correction.id),
                    f"{correction.exchange.title}: {credits(correction.minutes)} instead of"
                    f" {credits(correction.paid_minutes)}",
                )
                for correction in _waiting(session, school.urn)
            ]
        )
        return form

    def subject(self, _school: School, details: Details) -> str:
        """Return the correction: either school may be named."""
        return f"correction:{details['correction_id']}"

    def other_urn(self, session: Session, school: School, details: Details) -> int | None:
        """Return the other school of the exchange."""
        exchange = _load(session, details).exchange
        return (
            exchange.receiver_urn if exchange.provider_urn == school.urn else exchange.provider_urn
        )

    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""
        return f"Let a correction of {school.name} pass a credit limit"

    def is_offered(self, session: Session, school: School) -> bool:
        """Offer it where a correction waits."""
        return bool(_waiting(session, school.urn))

    def summary(self, _details: Details) -> str:
        """Say what for."""
        return "another figure for an exchange, beyond a credit limit"

    def about(self, session: Session, details: Details) -> list[tuple[str, str]]:
        """Return the exchange, both figures, and why the schools want the other one."""
        correction = _load(session, details)
        figures = f"{credits(correction.minutes)} instead of {credits(correction.paid_minutes)}"
        return [
            ("Exchange", correction.exchange.title),
            ("Both agree to", figures),
            ("Why", correction.reason),
        ]

    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse a correction that is another school's, or does not wait."""
        correction = _load(session, details)
        exchange = correction.exchange
        if school.urn not in (exchange.provider_urn, exchange.receiver_urn):
            raise Refusal("This correction is of another school.", field="correction")
        if not correction.needs_override:
            raise Refusal(NOT_WAITING, field="correction")

    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return what was paid, and both schools' balances and limits."""
        correction = _load(session, details)
        exchange = correction.exchange
        paid, minutes = exchange.standing_minutes or 0, correction.minutes
        figures = [Figure("Paid for the exchange", credits(paid), credits(minutes))]
        for party, change in (
            (exchange.provider, minutes - paid),
            (exchange.receiver, paid - minutes),
        ):
            account = find_account(session, party.urn)
            assert account is not None
            after = account.posted + change
            figures.append(
                Figure(f"Balance of {party.name}", credits(account.posted), credits(after))
            )
            if account.floor is not None:
                limit = credits(-account.floor)
                figures.append(Figure(f"Credit limit of {party.name}", limit, limit))
        return figures

    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Let it through, with an override that names both people."""
        let_through_limit(
            session,
            approved.actor,
            details["correction_id"],
            override=override_of(approved.cause),
        )

    def records(self, session: Session, details: Details) -> list[int]:
        """Return the reversal and the new payment: their cause is the exchange."""
        correction = _load(session, details)
        numbers = (correction.reversal_id, correction.transaction_id)
        return [number for number in numbers if number is not None]

    def turn_down(
        self, session: Session, _school: School, details: Details, actor: Actor, reason: str
    ) -> None:
        """Decline the correction, if it still waits: what was paid stays as it is."""
        if _load(session, details).needs_override:
            hold_back_at_limit(session, actor, details["correction_id"], reason)


def _waiting(session: Session, urn: int) -> list[Correction]:
    """The corrections of a school that wait for two people of the network."""
    return list(
        session.scalars(
            _query()
            .join(Exchange, Exchange.id == Correction.exchange_id)
            .where(
                Correction.state == CorrectionState.BEYOND_LIMIT,
                sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn),
            )
            .order_by(Correction.id)
        )
    )


def _load(session: Session, details: Details) -> Correction:
    correction = session.scalar(
        _query()
        .where(Correction.id == details["correction_id"])
        .execution_options(populate_existing=True)
    )
    if correction is None:
        raise NotFound(NOT_WAITING)
    return correction


def _query() -> sa.Select[Correction]:
    exchange = joinedload(Correction.exchange)
    return sa.select(Correction).options(
        exchange.joinedload(Exchange.provider), exchange.joinedload(Exchange.receiver)
    )


CORRECTION = CorrectionBeyondLimit()
