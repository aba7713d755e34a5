"""Adjustments in words: rows of a list, the table of figures, the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.adjustments.figures import stored_figures
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.kinds.base import Figure
from marketplace.adjustments.models import Adjustment, AdjustmentEvent, AdjustmentState, Step
from marketplace.adjustments.queries import first_to_decide, visible_ids
from marketplace.credits.chart import row_numbers
from marketplace.web.formats import moment
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

STATES: dict[AdjustmentState, tuple[str, str]] = {
    AdjustmentState.PROPOSED: ("Waits for approval", "warning"),
    AdjustmentState.DONE: ("Approved", "success"),
    AdjustmentState.REFUSED: ("Refused", "danger"),
    AdjustmentState.WITHDRAWN: ("Withdrawn", "neutral"),
    AdjustmentState.LAPSED: ("Not confirmed in time", "neutral"),
}
"""Each state in words, and the tone of its tag."""

_STEPS = {
    Step.PROPOSED: "Proposed",
    Step.APPROVED: "Approved and done",
    Step.REFUSED: "Refused",
    Step.WITHDRAWN: "Withdrawn",
    Step.LAPSED: "Undone, because nobody confirmed it in time",
}
JOB = "The scheduled job"


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """An adjustment, ready for a row of a list."""

    number: int
    label: str
    summary: str
    school_name: str
    state: str
    tone: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    is_open: bool


def adjustment_row(adjustment: Adjustment) -> AdjustmentRow:
    """Return an adjustment as a list shows it."""
    state, tone = STATES[AdjustmentState(adjustment.state)]
    if adjustment.is_open and adjustment.confirm_by is not None:
        state = f"Done; to be confirmed by {moment(adjustment.confirm_by)}"
    kind = KINDS[adjustment.kind]
    return AdjustmentRow(
        number=adjustment.id,
        label=kind.label,
        summary=summary_of(adjustment),
        school_name=adjustment.school.name,
        state=state,
        tone=tone,
        proposed_by=adjustment.proposed_by.name,
        proposed_at=adjustment.proposed_at,
        decided_by=adjustment.decided_by.name if adjustment.decided_by else "",
        decided_at=adjustment.decided_at,
        is_open=adjustment.is_open,
    )


def summary_of(adjustment: Adjustment) -> str:
    """Say in a few words what an adjustment does."""
    summary = KINDS[adjustment.kind].summary(adjustment.details)
    return f"{summary[0].upper()}{summary[1:]}"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure when it was proposed, as it is now (if it is open), and afterwards."""

    label: str
    proposed: str
    now: str
    after: str
    has_changed: bool


def figure_rows(adjustment: Adjustment, now: list[Figure]) -> list[FigureRow]:
    """Return the figures of an open adjustment: what the proposer saw, beside what is true now."""
    proposed = {figure.label: figure.before for figure in stored_figures(adjustment.figures)}
    return [
        FigureRow(
            figure.label,
            proposed.get(figure.label, "–"),
            figure.before,
            figure.after,
            proposed.get(figure.label) != figure.before,
        )
        for figure in now
    ]


def final_figures(adjustment: Adjustment, trail: list[AdjustmentEvent]) -> list[Figure]:
    """Return the figures of a decided one: as recorded at approval, else those of the proposal."""
    approved = next((event for event in trail if event.step == Step.APPROVED), None)
    return stored_figures(approved.figures if approved else adjustment.figures)


@dataclass(frozen=True, slots=True)
class TrailItem:
    """A line of the trail; ``transactions`` are those that are new with it."""

    title: str
    person_name: str
    when: datetime
    text: str
    transactions: list[int]


def trail_items(trail: list[AdjustmentEvent], *, for_network: bool) -> list[TrailItem]:
    """Return the trail in words; a school reads the reason only, not what approvers wrote."""
    items, recorded = [], set[int]()
    for event in trail:
        items.append(
            TrailItem(
                title=_STEPS[Step(event.step)],
                person_name=event.person.name if event.person else JOB,
                when=event.at,
                text=event.reason if for_network and event.step != Step.PROPOSED else "",
                transactions=[number for number in event.transactions if number not in recorded],
            )
        )
        recorded |= set(event.transactions)
    return items


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return what another person has proposed and ``actor`` may decide: the oldest first."""
    rows = first_to_decide(session, actor, limit)
    tasks = [
        Task(
            title=f"{KINDS[adjustment.kind].label}: {name}",
            about="waits for the approval of a second person",
            action="Decide",
            url=url_for("adjustments.adjustment", adjustment_id=adjustment.id),
            since=adjustment.proposed_at,
            due=adjustment.confirm_by,
        )
        for adjustment, name, _count in rows
    ]
    return TaskList(tasks, rows[0][2] if rows else 0)


def adjustment_urls(session: Session, references: Iterable[str], actor: Actor) -> dict[str, str]:
    """Return the addresses of the adjustments that ``actor`` may open, by ledger reference."""
    numbers = row_numbers("adjustment", references)
    if not numbers:
        return {}
    endpoint = "adjustments.adjustment" if actor.urn is None else "adjustments.own_one"
    return {
        numbers[number]: url_for(endpoint, adjustment_id=number)
        for number in visible_ids(session, numbers, actor)
    }
