"""Corrections as the page of their exchange and the operator's list show them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.errors import Refusal
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.posting import BeyondLimit
from marketplace.exchanges.corrections.queries import find_beyond_limit
from marketplace.exchanges.models import Exchange
from marketplace.web.formats import short_day
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


@dataclass(frozen=True, slots=True)
class CorrectingButton:
    """What a school may do about a correction; ``sends`` if one press does it."""

    label: str
    url: str
    style: str
    sends: bool


@dataclass(frozen=True, slots=True)
class PastCorrection:
    """A payment that was put right, with the numbers of its records in the ledger."""

    sentence: str
    transactions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Correcting:
    """What the page of a confirmed exchange says of its corrections.

    ``ask_url`` is where a new one is asked for, if the school may; ``paid`` is what is paid now,
    where that is not what was delivered.
    """

    title: str
    reason: str
    who: str
    buttons: tuple[CorrectingButton, ...]
    past: tuple[PastCorrection, ...]
    ask_url: str | None
    paid: str | None


def is_beyond_limit(refusal: Refusal | None) -> bool:
    """Say whether only a credit limit was in the way of what a form asked for."""
    return isinstance(refusal, BeyondLimit)


def correcting(
    exchange: Exchange,
    corrections: list[Correction],
    urn: int,
    *,
    may_act: bool,
    beyond_limit: bool,
) -> Correcting:
    """Return what the school ``urn`` reads of the ``corrections`` of a confirmed exchange.

    ``beyond_limit`` says that it has just agreed, and a credit limit was in the way.
    """
    waiting = next((correction for correction in corrections if correction.is_open), None)
    buttons: list[CorrectingButton] = []
    if waiting is not None and may_act:
        buttons = _buttons(waiting, urn, beyond_limit)
    return Correcting(
        title=_title(waiting, urn) if waiting else "",
        reason=waiting.reason if waiting else "",
        who=f"{waiting.asked_by.name}, {waiting.asked_by_school.name}" if waiting else "",
        buttons=tuple(buttons),
        past=tuple(
            _past(correction)
            for correction in corrections
            if correction.state == CorrectionState.AGREED
        ),
        ask_url=url_for("corrections.ask", exchange_id=exchange.id)
        if may_act and waiting is None
        else None,
        paid=_paid(exchange),
    )


def find_tasks(session: Session, _actor: ActorLike, limit: int) -> TaskList:
    """Return the corrections that wait for the network, as tasks of the operator's start page."""
    corrections, count = find_beyond_limit(session, limit)
    return TaskList(
        [
            Task(
                title=correction.exchange.title,
                about=f"{correction.exchange.provider.name} and"
                f" {correction.exchange.receiver.name} want it put right, beyond a credit limit",
                action="Decide",
                url=url_for("corrections.beyond_limit"),
                since=correction.answered_at or correction.asked_at,
                amount=f"{credits(correction.paid_minutes)} → {credits(correction.minutes)}",
            )
            for correction in corrections
        ],
        count,
    )


def _title(correction: Correction, urn: int) -> str:
    figures = f"{credits(correction.minutes)} instead of {credits(correction.paid_minutes)}"
    if correction.needs_override:
        return (
            f"Both schools agree to {figures}. A credit limit is in the way, and the network"
            " decides whether to let it through."
        )
    until = short_day(correction.due_at)
    if correction.asked_by_urn == urn:
        return (
            f"Your school asks for {figures}. The other school has been asked to agree by {until}."
        )
    return f"{correction.asked_by_school.name} asks for {figures}. Please answer by {until}."


def _buttons(correction: Correction, urn: int, beyond_limit: bool) -> list[CorrectingButton]:
    def button(endpoint: str, label: str, style: str, *, sends: bool = True) -> CorrectingButton:
        url = url_for(f"corrections.{endpoint}", exchange_id=correction.exchange_id)
        return CorrectingButton(label, url, style, sends)

    if correction.asked_by_urn == urn:
        return [button("withdraw", "Withdraw it", "outline-danger")]
    if correction.needs_override:
        return []
    agree = button("agree", f"Agree to {credits(correction.minutes)}", "primary")
    decline = button("decline", "Decline", "outline-danger", sends=False)
    if beyond_limit:
        return [agree, button("ask_network", "Ask the network", "outline-primary"), decline]
    return [agree, decline]


def _past(correction: Correction) -> PastCorrection:
    assert correction.answered_at is not None
    numbers = (
        ("paid first", correction.reversed_transaction_id),
        ("reversal", correction.reversal_id),
        ("paid anew", correction.transaction_id),
    )
    return PastCorrection(
        sentence=f"{short_day(correction.answered_at)}: {credits(correction.minutes)} instead of"
        f" {credits(correction.paid_minutes)}",
        transactions=tuple((label, number) for label, number in numbers if number is not None),
    )


def _paid(exchange: Exchange) -> str | None:
    if exchange.standing_minutes == exchange.delivered_minutes:
        return None
    return f"{credits(exchange.standing_minutes or 0)}, put right"
