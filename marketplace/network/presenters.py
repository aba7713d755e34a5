"""The operator's pages in words: obstacles, what was done, how long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.network.models import (
    ActionKind,
    NetworkAction,
    Obstacle,
    Succession,
    SuccessionState,
)
from marketplace.network.queries import Idle, first_waiting
from marketplace.network.service import Leaving
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

IDLE_LABELS = {
    Idle.ALL: "All",
    Idle.DAYS_30: "Not for 30 days",
    Idle.DAYS_90: "Not for 90 days",
    Idle.DAYS_180: "Not for 180 days",
    Idle.NEVER: "Never",
}

OBSTACLES = {
    Obstacle.SEVERAL: "The register names several successors.",
    Obstacle.NOBODY: "The register names no successor.",
    Obstacle.CIRCLE: "The register’s successors lead back to this school.",
    Obstacle.CLOSED: "Its successor has closed as well, and the register names none of that one.",
    Obstacle.NOT_OPEN: "Its successor has not opened yet.",
    Obstacle.PAUSED: "Its successor is paused.",
    Obstacle.LEFT: "Its successor has left the network.",
    Obstacle.LIMIT: "What it owes is more than its successor’s credit limit covers.",
}

_TITLES = {
    ActionKind.JOINED: "Joined the network",
    ActionKind.PAUSED: "Paused",
    ActionKind.RESUMED: "Goes on after a pause",
    ActionKind.LEFT: "Left the network",
    ActionKind.PROPOSED: "Successor proposed",
    ActionKind.REFUSED: "Successor not approved",
    ActionKind.WITHDREW: "Proposal of a successor taken back",
    ActionKind.CONTINUED: "Carried on by another school",
    ActionKind.TOOK_OVER: "Carries on for another school",
}


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing that was done to a school, ready for a timeline."""

    title: str
    person_name: str
    when: datetime
    text: str


def find_tasks(session: Session, _actor: ActorLike, limit: int) -> TaskList:
    """Return the closed schools about which somebody has to decide, the longest waiting first."""
    rows = first_waiting(session, limit)
    tasks = [
        Task(
            title=name,
            about="has closed, and somebody has to decide who carries on for it",
            action="Decide",
            url=url_for("network.decide", urn=urn),
            since=since,
        )
        for urn, name, since, _count in rows
    ]
    return TaskList(tasks, rows[0][3] if rows else 0)


def history_items(actions: list[NetworkAction]) -> list[HistoryItem]:
    """Return what was done to a school, in the order given."""
    return [
        HistoryItem(
            title=_title(action),
            person_name=action.person.name if action.person else "By the register or a command",
            when=action.at,
            text=action.reason,
        )
        for action in actions
    ]


def why_waiting(successions: tuple[Succession, ...]) -> str:
    """Say why a school waits for a decision."""
    proposed = proposed_of(successions)
    if proposed is not None:
        assert proposed.to_school is not None
        return f"{proposed.to_school.name} is proposed. A second person has to approve it."
    obstacle = next((row.obstacle for row in successions if row.obstacle), Obstacle.NOBODY)
    return OBSTACLES[Obstacle(obstacle)]


def proposed_of(successions: tuple[Succession, ...]) -> Succession | None:
    """Return the one that waits for a second person, if any."""
    return next((row for row in successions if row.state == SuccessionState.PROPOSED), None)


def leaving_sentences(plan: Leaving) -> list[str]:
    """Say what will happen when a school leaves."""
    sentences = [
        f"{_count(plan.exchanges, 'open exchange is', 'open exchanges are')} cancelled; credits"
        " that are held for them are released, and the other schools are told."
        if plan.exchanges
        else "There are no open exchanges.",
        f"{_count(plan.listings, 'offer or request is', 'offers and requests are')} withdrawn."
        if plan.listings
        else "There are no open offers or requests.",
        f"{_count(plan.people, 'person loses their roles', 'people lose their roles')} at the"
        " school at once.",
    ]
    if plan.balance > 0:
        sentences.append(f"Its balance of {credits(plan.balance)} goes where you say below.")
    elif plan.balance < 0:
        sentences.append(
            f"It owes {credits(-plan.balance)}. That is written off against the network’s issuance."
        )
    else:
        sentences.append("Its balance is zero.")
    return [
        *sentences,
        "Everything that was written, agreed and paid stays on record. The school may join again,"
        " without a second joining grant.",
    ]


def _title(action: NetworkAction) -> str:
    title = _TITLES[ActionKind(action.kind)]
    if action.other is None:
        return title
    if action.kind == ActionKind.LEFT:
        return f"{title}; its credits went to {action.other.name}"
    return f"{title}: {action.other.name}"


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"
