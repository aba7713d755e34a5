"""Exchanges as the templates show them: every word for a state or a step, and the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.clock import LONDON
from marketplace.exchanges.costs import amount, cost
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.queries import ExchangeToDo, list_to_do
from marketplace.exchanges.states import NETWORK_STEPS, Step, done_words
from marketplace.web.formats import short_day
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

_BUTTON_LABELS = {
    Step.AGREE: "Agree",
    Step.AMEND: "Change the proposal",
    Step.DECLINE: "Decline",
    Step.CANCEL: "Cancel the exchange",
    Step.DELIVER: "It has been delivered",
    Step.SEND_BACK: "Something is not right",
    Step.DISPUTE: "Open a dispute",
}

_BUTTON_STYLES = {
    Step.AMEND: "outline-primary",
    Step.SEND_BACK: "outline-primary",
    Step.DECLINE: "outline-danger",
    Step.CANCEL: "outline-danger",
    Step.DISPUTE: "outline-primary",
}

_SENT_AT_ONCE = frozenset({Step.AGREE, Step.CONFIRM})

_ENDPOINTS = {
    Step.AGREE: "exchanges.agree",
    Step.AMEND: "exchanges.change",
    Step.DECLINE: "exchanges.decline",
    Step.CANCEL: "exchanges.cancel",
    Step.DELIVER: "exchanges.deliver",
    Step.SEND_BACK: "exchanges.send_back",
    Step.CONFIRM: "exchanges.confirm",
    Step.DISPUTE: "disputes.open_one",
}


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step that the school may take now; ``sends`` if one press takes it, else it has a page."""

    label: str
    url: str
    style: str
    sends: bool


@dataclass(frozen=True, slots=True)
class StepWords:
    """The words of a step's own page; ``hint`` is for a reason, where the step asks for one."""

    heading: str
    lead: str
    submit_label: str
    submit_style: str = "primary"
    hint: str | None = None


def sent_back_text(exchange: Exchange, history: list[ExchangeEvent], urn: int) -> str:
    """Return what the receiver says is not right, and what the school ``urn`` can do about it."""
    stated = amount(exchange, exchange.sent_back_minutes or 0)
    reason = next((event.text for event in reversed(history) if event.step == Step.SEND_BACK), "")
    quoted = f": “{reason.strip()}”" if reason.strip() else "."
    otherwise = (
        "If it was not given, either school can say so, and it counts for neither."
        if exchange.is_free
        else "If you cannot agree on a figure, open a dispute."
    )
    if urn == exchange.provider_urn:
        return (
            f"{exchange.receiver.name} says that what you stated ({stated}) is not right{quoted}"
            f" State again what was given. {otherwise}"
        )
    return (
        f"You sent back what {exchange.provider.name} stated ({stated}){quoted} It has been asked"
        f" to state again what was given. {otherwise}"
    )


def next_for_colleagues(exchange: Exchange, waiting_for: str) -> str:
    """Return the next step for people of the school whose turn it is, who may not take it.

    ``waiting_for`` says for whom it waits.
    """
    if exchange.state == State.AGREED:
        return f"{waiting_for}: when the help has been given, they say so here, with its hours."
    return f"{waiting_for}."


def step_buttons(exchange: Exchange, steps: list[Step]) -> list[StepButton]:
    """Return the buttons for ``steps`` on the page of ``exchange``, in the same order."""
    return [
        StepButton(
            label=f"Confirm {amount(exchange, exchange.delivered_minutes or 0)}"
            if step is Step.CONFIRM
            else label_of(exchange, step),
            url=url_for(_ENDPOINTS[step], exchange_id=exchange.id),
            style="outline-primary"
            if (step, exchange.state) == (Step.DELIVER, State.DELIVERED)
            else _BUTTON_STYLES.get(step, "primary"),
            sends=step in _SENT_AT_ONCE,
        )
        for step in steps
    ]


def label_of(exchange: Exchange, step: Step) -> str:
    """Return what the button says that leads to ``step``, or takes it."""
    if (step, exchange.state) == (Step.DELIVER, State.DELIVERED):
        return "Change what was delivered"
    if step is Step.CANCEL and _may_not_have_been_given(exchange):
        return "It was not given"
    return _BUTTON_LABELS[step]


def _may_not_have_been_given(exchange: Exchange) -> bool:
    """Whether free help was stated as given: then cancelling it says that it was not."""
    return exchange.is_free and (exchange.state == State.DELIVERED or exchange.is_sent_back)


def step_words(exchange: Exchange, step: Step) -> StepWords:
    """Return the words of the page on which ``step`` is taken, if it has a page of its own.

    Raises:
        ValueError: if the step has no page."""
    kind_words = "Optional. A few kind words keep the door open."
    match step:
        case Step.AMEND:
            return StepWords(
                heading=_BUTTON_LABELS[step],
                lead="The other school then agrees to it, changes it again or declines.",
                submit_label="Send the changed proposal",
            )
        case Step.DELIVER:
            return StepWords(
                heading=label_of(exchange, step),
                lead=f"Agreed with {exchange.receiver.name}: {amount(exchange, exchange.minutes)}."
                + ("" if exchange.is_free else " Credits that were not used are released."),
                submit_label="Ask for confirmation",
            )
        case Step.SEND_BACK:
            return StepWords(
                heading=_BUTTON_LABELS[step],
                lead=("" if exchange.is_free else "Nothing is paid yet. ")
                + "The other school is asked to say again what was delivered.",
                submit_label="Send it back",
                hint="What is not right?",
            )
        case Step.DECLINE:
            return StepWords(
                heading="Decline this proposal",
                lead="The other school sees what you write.",
                submit_label=_BUTTON_LABELS[step],
                submit_style="danger",
                hint=kind_words,
            )
        case Step.CANCEL if _may_not_have_been_given(exchange):
            return StepWords(
                heading="This help was not given",
                lead="The exchange ends, and it counts for neither school. The other school sees"
                " what you write.",
                submit_label=label_of(exchange, step),
                submit_style="danger",
                hint=kind_words,
            )
        case Step.CANCEL:
            return StepWords(
                heading="Cancel this exchange",
                lead="The other school sees what you write."
                if exchange.is_free
                else "Credits that are held for it are released at once. The other school sees"
                " what you write.",
                submit_label=_BUTTON_LABELS[step],
                submit_style="danger",
                hint=kind_words,
            )
    raise ValueError(f"the step {step} has no page of its own")


def terms_heading(exchange: Exchange) -> str:
    """Return the heading over the terms of the exchange."""
    return {
        State.PROPOSED: "What is proposed",
        State.DECLINED: "What was proposed",
    }.get(State(exchange.state), "What was agreed")


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One step of the history, in words."""

    when: datetime
    title: str
    person_name: str
    text: str


def timeline(exchange: Exchange, events: list[ExchangeEvent]) -> list[TimelineItem]:
    """Return the history of ``exchange`` as its page shows it, the latest first."""
    items = []
    for event in reversed(events):
        step = Step(event.step)
        who = "The network’s operator" if step in NETWORK_STEPS else event.school.name
        title = f"{who} {done_words(exchange, step)}"
        if event.minutes is not None:
            title += f": {amount(exchange, event.minutes)}"
            if event.on_date is not None:
                title += f", {short_day(event.on_date)}"
        items.append(
            TimelineItem(
                when=event.at,
                title=title,
                person_name=event.person.name if event.person else "The network",
                text=event.text,
            )
        )
    return items


def steps_reached(exchange: Exchange) -> int | None:
    """Return how far the exchange has come in ``STEP_NAMES``; ``None`` if it came to nothing."""
    if exchange.state == State.DISPUTED:
        return 3 if exchange.transaction_id is not None else 2
    return {
        State.PROPOSED: 0,
        State.AGREED: 1,
        State.DELIVERED: 2,
        State.CONFIRMED: 3,
    }.get(State(exchange.state))


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the exchanges that need the school's people, as tasks of the start page."""
    urn = actor.urn
    assert urn is not None
    exchanges = list_to_do(session, urn, limit)
    return TaskList(
        [_task(to_do, urn) for to_do in exchanges], exchanges[0].count if exchanges else 0
    )


def _task(to_do: ExchangeToDo, urn: int) -> Task:
    exchange = to_do.exchange
    page_url = url_for("exchanges.exchange", exchange_id=exchange.id)
    about, action, url, since = _hold_ends(to_do), "Open", page_url, exchange.updated_at
    if to_do.waits:
        about = _what_waits(to_do, exchange.provider_urn == urn)
        if exchange.state == State.AGREED:
            action, url = (
                "Say what was given",
                url_for("exchanges.deliver", exchange_id=exchange.id),
            )
            visit = datetime.combine(exchange.on_date, time(), LONDON)
            since = max(since, visit)
        else:
            action = "Confirm" if exchange.state == State.DELIVERED else "Answer"
        if to_do.ends_at is not None:
            about += f". {_hold_ends(to_do)}"
    return Task(
        title=exchange.title,
        about=about,
        action=action,
        url=url,
        since=since,
        amount=cost(exchange),
        due=to_do.ends_at,
    )


def _what_waits(to_do: ExchangeToDo, gives: bool) -> str:
    """Say what the other school did, or what was agreed with it, after which it is our turn."""
    exchange, other = to_do.exchange, to_do.other_school
    if exchange.state == State.PROPOSED:
        wish = "asks for your help" if gives else "offers you help"
        return f"{other} {wish} on {short_day(exchange.on_date)}"
    if exchange.state == State.DELIVERED:
        on_date = exchange.delivered_on or exchange.on_date
        return f"{other} says that it helped you on {short_day(on_date)}"
    if exchange.state == State.CONFIRMED:
        return f"{other} asks that the credits for this be put right"
    if exchange.is_sent_back:
        return f"{other} sent back what you said was given"
    return f"You agreed to help {other} on {short_day(exchange.on_date)}"


def _hold_ends(to_do: ExchangeToDo) -> str:
    if to_do.ends_at is None:
        return ""
    return f"With {to_do.other_school}: its credits are held until {short_day(to_do.ends_at)}"
