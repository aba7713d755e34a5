"""Exchanges as the templates show them: tags, the next step in words, the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.steps import DONE, Step
from marketplace.web.formats import credits, short_day

# The word on the tag, and its tone.
STATE_TAGS = {
    State.PROPOSED: ("Proposed", "info"),
    State.AGREED: ("Agreed, credits held", "held"),
    State.DELIVERED: ("Delivered, to be confirmed", "warning"),
    State.CONFIRMED: ("Confirmed", "success"),
    State.DECLINED: ("Declined", "neutral"),
    State.CANCELLED: ("Cancelled", "neutral"),
}

# What the page says is next, for each state and side.
NEXT = {
    (State.PROPOSED, "asked"): "Your turn: agree, change or decline this proposal.",
    (State.PROPOSED, "proposer"): "The other school has been asked to agree.",
    (State.AGREED, "provider"): "When the help has been given, say so here, with its hours.",
    (State.AGREED, "receiver"): "When the help has been given, the other school says so here;"
    " then you confirm it.",
    (
        State.DELIVERED,
        "receiver",
    ): "Your turn: is this what was delivered? Confirm it, and the credits are paid.",
    (State.DELIVERED, "provider"): "The other school has been asked to confirm.",
    (State.CONFIRMED, "provider"): "Done: the credits are in your school’s account.",
    (State.CONFIRMED, "receiver"): "Done: the credits have been paid.",
    (State.DECLINED, "provider"): "Nothing came of this one. The conversation is still open.",
    (State.DECLINED, "receiver"): "Nothing came of this one. The conversation is still open.",
    (State.CANCELLED, "provider"): "Cancelled: nothing is held for it.",
    (State.CANCELLED, "receiver"): "Cancelled: nothing is held for it.",
}

STEP_NAMES = ["Proposed", "Agreed", "Delivered", "Confirmed"]

_TONES = {
    Step.AGREE: "held",
    Step.DELIVER: "warning",
    Step.CONFIRM: "success",
    Step.DECLINE: "neutral",
    Step.CANCEL: "neutral",
}


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One step of the history, in words."""

    when: datetime
    title: str
    who: str
    text: str
    tone: str


def timeline(events: list[ExchangeEvent]) -> list[TimelineItem]:
    """The history as its page shows it, the latest first."""
    items = []
    for event in reversed(events):
        title = f"{event.school.name} {DONE[Step(event.step)]}"
        if event.minutes is not None and event.on_date is not None:
            title += f": {credits(event.minutes)}, {short_day(event.on_date)}"
        items.append(
            TimelineItem(
                when=event.at,
                title=title,
                who=event.person.name,
                text=event.text,
                tone=_TONES.get(Step(event.step), "info"),
            )
        )
    return items


def steps_reached(exchange: Exchange) -> int | None:
    """How far the exchange has come in ``STEP_NAMES``; ``None`` if it came to nothing."""
    return {
        State.PROPOSED: 0,
        State.AGREED: 1,
        State.DELIVERED: 2,
        State.CONFIRMED: 3,
    }.get(State(exchange.state))
