"""Disputes as the templates show them: both sides, what is next, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.credits.formats import credits
from marketplace.exchanges.disputes.effects import paid_minutes
from marketplace.exchanges.disputes.models import Dispute, Outcome, Ruling
from marketplace.exchanges.disputes.queries import DisputeToDo, list_to_decide, list_waiting
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.presenters import StepButton
from marketplace.exchanges.states import Step
from marketplace.schools.models import School
from marketplace.web.formats import day, short_day
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

YOUR_TURN = "Your turn"

AGAIN = "This is a ruling that is looked at again, by an operator who did not rule before."
RULING_LABELS = {
    Ruling.PAY: "A figure is paid",
    Ruling.SPLIT: "It is shared: the receiver pays a part, and the network’s fund the rest",
    Ruling.VOID: "Nothing is due: what is still held is released",
    Ruling.REVERSE: "Nothing is due: what was paid goes back",
}

_OPENING = (Step.DISPUTE, Step.LOOK_AGAIN)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side wrote: when, who, the words."""

    when: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two schools in a dispute, with its words and the figure that it holds right.

    ``part`` says what it does in the exchange, and whether it opened the dispute.
    """

    name: str
    part: str
    figure: str
    statements: tuple[Statement, ...]
    silence: str


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """A dispute on a page: both sides beside each other, and where it stands."""

    sides: tuple[Side, Side]
    next_text: str
    held_text: str
    offer_text: str
    deadline: str
    is_overdue: bool
    ended_text: str
    reasons: str
    ruled_by: str
    stands_text: str


def dispute_card(
    dispute: Dispute,
    exchange: Exchange,
    history: list[ExchangeEvent],
    urn: int | None,
    turn: str = YOUR_TURN,
    stands_text: str = "",
) -> DisputeCard:
    """Return the dispute as the school ``urn`` (None: the operator) sees it.

    ``history`` has every step of the exchange, the oldest first; ``turn`` says whose turn it is,
    if it is the school's, ``stands_text`` whether a ruling is final.
    """
    events = _events_of(dispute, history)
    opener = _school(exchange, dispute.opened_by_urn)
    other = _school(exchange, exchange.other_urn(dispute.opened_by_urn))
    return DisputeCard(
        sides=(
            _side(dispute, exchange, opener, events, dispute.claimed_minutes),
            _side(dispute, exchange, other, events, dispute.answered_minutes),
        ),
        next_text=next_text(dispute, exchange, urn, turn) if dispute.is_open else "",
        held_text=_held_text(dispute, exchange) if dispute.is_open else "",
        offer_text=_offer_text(dispute, exchange, urn) if dispute.is_open else "",
        deadline=deadline_text(dispute) if dispute.is_open else "",
        is_overdue=is_overdue(dispute),
        ended_text=ended_text(dispute, exchange),
        reasons=dispute.reasons if dispute.outcome == Outcome.RULED else "",
        ruled_by=_ruled_by(dispute),
        stands_text=stands_text,
    )


def is_unanswered(dispute: Dispute) -> bool:
    """Say whether the time to answer has passed without an answer."""
    return dispute.answered_at is None and dispute.answer_due_at <= clock.now()


def is_overdue(dispute: Dispute) -> bool:
    """Say whether the operator should have ruled by now."""
    return dispute.is_open and dispute.ruling_due_at <= clock.now()


def deadline_text(dispute: Dispute) -> str:
    """Return who has to act until when."""
    if dispute.answered_at is None and not is_unanswered(dispute):
        return f"Answer due on {day(dispute.answer_due_at)}"
    due = day(dispute.ruling_due_at)
    return f"Ruling overdue since {due}" if is_overdue(dispute) else f"Ruling due on {due}"


def next_text(dispute: Dispute, exchange: Exchange, urn: int | None, turn: str = YOUR_TURN) -> str:
    """Return what happens next, in words for the school ``urn`` (None: the operator)."""
    other_urn = exchange.other_urn(dispute.opened_by_urn)
    opener, other = (_school(exchange, side).name for side in (dispute.opened_by_urn, other_urn))
    ruling_due = day(dispute.ruling_due_at)
    if dispute.is_proposed:
        return (
            "A ruling is proposed. It takes two people, so a second person of the network has to"
            " approve it."
        )
    if dispute.answered_at is None and not is_unanswered(dispute):
        answer_due = day(dispute.answer_due_at)
        if urn == other_urn:
            return (
                f"{turn}: {opener} disputes this. Answer by {answer_due}: say what happened, and"
                " which figure is right. After that day the network’s operator decides without"
                " your answer."
            )
        then = "you decide" if urn is None else "the network’s operator decides"
        return f"{other} has until {answer_due} to answer. Then {then}."
    if urn is None:
        decides = (
            f"Your ruling was due on {ruling_due}."
            if is_overdue(dispute)
            else f"Decide by {ruling_due}."
        )
    elif is_overdue(dispute):
        decides = (
            f"The network’s operator should have decided by {ruling_due}, and has been reminded."
        )
    else:
        decides = f"The network’s operator decides by {ruling_due}."
    if dispute.answered_at is not None:
        return f"Both schools have said which figure they hold right. {decides}"
    if urn == other_urn:
        return f"Your school has not answered. You can until the ruling. {decides}"
    return f"{other} has not answered in time. {decides}"


def ended_text(dispute: Dispute, exchange: Exchange) -> str:
    """Return how the dispute ended, in a sentence; empty while it is open."""
    if dispute.ended_at is None:
        return ""
    when = short_day(dispute.ended_at)
    if dispute.outcome == Outcome.WITHDRAWN:
        return f"{_school(exchange, dispute.opened_by_urn).name} withdrew the dispute on {when}."
    if dispute.outcome == Outcome.SETTLED:
        return (
            f"Both schools settled the dispute on {when} at {credits(dispute.offer_minutes or 0)}."
        )
    return f"The network’s operator ruled on {when}: {ruling_text(dispute, exchange)}"


def ruling_text(dispute: Dispute, exchange: Exchange) -> str:
    """Return what the ruling says, in a sentence."""
    payer = exchange.receiver.name
    pays = credits(dispute.ruled_minutes or 0)
    match dispute.ruling:
        case Ruling.SPLIT:
            fund = credits(dispute.fund_minutes)
            return f"{payer} pays {pays}, and the network’s fund pays {fund}."
        case Ruling.VOID:
            is_held = dispute.opened_from != State.CANCELLED
            return f"Nothing is due.{' The held credits are released.' if is_held else ''}"
        case Ruling.REVERSE:
            return f"Nothing is due. What was paid goes back to {payer}."
    if dispute.opened_from not in (State.CONFIRMED, State.CANCELLED):
        return f"{payer} pays {pays}. What else was held is released."
    return f"{payer} pays {pays} in all."


def dispute_buttons(
    dispute: Dispute, exchange: Exchange, urn: int, *, may_settle: bool
) -> list[StepButton]:
    """Return what the school ``urn`` may do in an open dispute, the main thing first.

    ``may_settle`` is false where nothing can be agreed with the other school.
    """
    is_opener = dispute.opened_by_urn == urn
    buttons = []
    if not is_opener and dispute.answered_at is None:
        buttons.append(_button("Answer", "answer", exchange))
    if may_settle and dispute.offer_urn is not None and dispute.offer_urn != urn:
        label = f"Accept {credits(dispute.offer_minutes or 0)}"
        buttons.append(_button(label, "accept", exchange))
    if is_opener or dispute.answered_at is not None:
        buttons.append(_button("Add a statement", "statement", exchange, "outline-primary"))
    if may_settle:
        label = "Propose a figure to settle at"
        buttons.append(_button(label, "offer", exchange, "outline-primary"))
    if is_opener:
        buttons.append(_button("Withdraw the dispute", "withdraw", exchange, "outline-danger"))
    return buttons


def state_of_ruling(dispute: Dispute) -> tuple[str, str]:
    """Return the text and the tone of the tag of a dispute in the operator's queue."""
    if not dispute.is_open:
        return {
            Outcome.WITHDRAWN: ("Withdrawn", "neutral"),
            Outcome.SETTLED: ("Settled by both", "success"),
            Outcome.RULED: ("Ruled", "success"),
        }[Outcome(dispute.outcome or "")]
    if is_overdue(dispute):
        return ("Ruling overdue", "danger")
    if dispute.is_proposed:
        return ("Waits for a second person", "warning")
    if dispute.answered_at is not None or is_unanswered(dispute):
        return ("To decide", "warning")
    return ("Waits for an answer", "disputed")


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the disputes that wait for the school, as tasks of the start page."""
    rows = list_waiting(session, actor, limit)
    return TaskList([_task(row, actor.urn) for row in rows], rows[0].count if rows else 0)


def find_rulings(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the disputes on which ``actor`` can rule, as tasks of the start page."""
    rows = list_to_decide(session, actor, limit)
    tasks = [
        Task(
            title=row.exchange.title,
            about=f"{row.provider} and {row.receiver} do not agree. {deadline_text(row.dispute)}",
            action="Decide",
            url=url_for("disputes.dispute", dispute_id=row.dispute.id),
            since=row.dispute.answered_at or row.dispute.answer_due_at,
            due=row.dispute.ruling_due_at,
        )
        for row in rows
    ]
    return TaskList(tasks, rows[0].count if rows else 0)


def _task(row: DisputeToDo, urn: int | None) -> Task:
    dispute, exchange = row.dispute, row.exchange
    other = row.receiver if exchange.provider_urn == urn else row.provider
    answers = dispute.answered_at is None and dispute.opened_by_urn != urn
    about = f"{other} disputes this" if answers else f"Dispute: {other} proposes to settle"
    if dispute.offer_urn not in (None, urn):
        about += (
            f" and would settle at {credits(dispute.offer_minutes or 0)}"
            if answers
            else (f" at {credits(dispute.offer_minutes or 0)}")
        )
    due = dispute.answer_due_at if answers else None
    if due is not None:
        about += f". Answer by {short_day(due)}"
    return Task(
        title=exchange.title,
        about=about,
        action="Answer",
        url=url_for("exchanges.exchange", exchange_id=exchange.id),
        since=exchange.updated_at,
        amount=credits(exchange.delivered_minutes or exchange.minutes),
        due=due,
    )


def _button(label: str, view: str, exchange: Exchange, style: str = "primary") -> StepButton:
    return StepButton(
        label, url_for(f"disputes.{view}", exchange_id=exchange.id), style, sends=False
    )


def _events_of(dispute: Dispute, history: list[ExchangeEvent]) -> list[ExchangeEvent]:
    """The statements of this dispute; an exchange may have had another one before."""
    ended_at = dispute.ended_at
    return [
        event
        for event in history
        if event.step in (*_OPENING, Step.ANSWER, Step.STATEMENT)
        and event.version > dispute.opened_version
        and (ended_at is None or event.at <= ended_at)
    ]


def _side(
    dispute: Dispute,
    exchange: Exchange,
    school: School,
    events: list[ExchangeEvent],
    minutes: int | None,
) -> Side:
    gives = school.urn == exchange.provider_urn
    part = "Gave the help" if gives else "Received the help"
    is_opener = school.urn == dispute.opened_by_urn
    if is_opener:
        part += f". {_how_opened(dispute)}"
    answers = (*_OPENING, Step.STATEMENT) if is_opener else (Step.ANSWER, Step.STATEMENT)
    return Side(
        name=school.name,
        part=part,
        figure="" if minutes is None else credits(minutes),
        statements=tuple(
            Statement(event.at, event.person.name if event.person else "", event.text)
            for event in events
            if event.step in answers and _is_of(event, dispute, is_opener)
        ),
        silence="" if is_opener or dispute.answered_at else _silence(dispute),
    )


def _how_opened(dispute: Dispute) -> str:
    if dispute.again_by is not None:
        return "Asked that the ruling be looked at again"
    if dispute.by_network:
        return "The operator opened the dispute for it"
    return "Opened the dispute"


def _is_of(event: ExchangeEvent, dispute: Dispute, is_opener: bool) -> bool:
    """Whether a statement is of this side: a school may have gone on at another one since."""
    if event.step != Step.STATEMENT:
        return True
    return (event.school_urn == dispute.opened_by_urn) == is_opener


def _silence(dispute: Dispute) -> str:
    if is_unanswered(dispute):
        return "Has not answered in time."
    return f"Has until {day(dispute.answer_due_at)} to answer."


def _held_text(dispute: Dispute, exchange: Exchange) -> str:
    if dispute.opened_from == State.CANCELLED:
        return "Nothing was paid, and nothing is held. Nothing moves until this is decided."
    if exchange.transaction_id is not None:
        return f"Paid: {credits(paid_minutes(exchange))}. Nothing moves until the dispute is over."
    return f"Held until the dispute is over, however long it takes: {credits(exchange.minutes)}."


def _offer_text(dispute: Dispute, exchange: Exchange, urn: int | None) -> str:
    if dispute.offer_urn is None:
        return ""
    figure = credits(dispute.offer_minutes or 0)
    if dispute.offer_urn == urn:
        other = _school(exchange, exchange.other_urn(urn)).name
        return f"Your school would settle at {figure}. {other} can accept that."
    name = _school(exchange, dispute.offer_urn).name
    ending = (
        "" if urn is None else " If you accept, the dispute is over and the credits move at once."
    )
    return f"{name} would settle at {figure}.{ending}"


def _ruled_by(dispute: Dispute) -> str:
    if dispute.outcome != Outcome.RULED or dispute.ruled_by is None:
        return ""
    second = " and a second person" if dispute.adjustment_id is not None else ""
    return f"{dispute.ruled_by.name}{second}"


def _school(exchange: Exchange, urn: int | None) -> School:
    return exchange.provider if urn == exchange.provider_urn else exchange.receiver
