"""Confidential requests as the templates and the start page show them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.audiences.words import kinds_of
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.confidential.queries import Need, Waiting, list_waiting
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Mode
from marketplace.listings.presenters import topic_names
from marketplace.listings.topics import PHASES
from marketplace.schools.traits import KINDS, traits_of
from marketplace.schools.traits import PHASES as SCHOOL_PHASES
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


@dataclass(frozen=True, slots=True)
class NeedCard:
    """What a school that is not named needs."""

    question: str
    url: str
    topics: str
    phases: str
    where: str
    minutes: int
    asked_at: datetime
    promised: bool


@dataclass(frozen=True, slots=True)
class HelperRow:
    """A school that would help, without its name."""

    ask_id: int
    description: str
    since: datetime | None


def need_card(need: Need) -> NeedCard:
    """Return what was asked as a page shows it."""
    topics = " and ".join(topic_names(need.topics))
    return NeedCard(
        question=f"Would you help a school near you with {topics}?",
        url=url_for("confidential.ask", ask_id=need.ask_id),
        topics=", ".join(topic_names(need.topics)),
        phases=", ".join(PHASES[phase] for phase in need.phases if phase in PHASES),
        where=f"{MODE_LABELS[Mode(need.mode)]}; they are within {need.miles} miles of you",
        minutes=need.minutes,
        asked_at=need.asked_at,
        promised=need.state != AskState.ASKED,
    )


def helper_row(ask: ConfidentialAsk, miles: int) -> HelperRow:
    """Return a school that would help (with its facts) without what names it."""
    kinds = kinds_of(traits_of(ask.school) & (SCHOOL_PHASES | KINDS))
    kind = kinds.removesuffix("schools") + "school" if kinds else "school"
    article = "An" if kind[0] in "aeiou" else "A"
    return HelperRow(
        ask.id, f"{article} {kind} within {miles} miles that offers this", ask.answered_at
    )


def progress_of(states: Counter[AskState]) -> str:
    """Return what has become of a request, in words, by how many schools answered what."""
    asked = states.total()
    if not asked:
        return "No school has been asked yet. We look for some that fit."
    willing = states[AskState.WILLING] + states[AskState.INTRODUCED]
    schools = f"{asked} school{'' if asked == 1 else 's'} asked"
    return f"{schools}, {willing} would help, {states[AskState.DECLINED]} said no"


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return what waits for the school's answer or decision, as tasks."""
    waiting = list_waiting(session, actor, limit)
    tasks = [_task(one) for one in waiting]
    return TaskList(tasks, waiting[0].count if waiting else 0)


def _task(waiting: Waiting) -> Task:
    if waiting.is_ask:
        return Task(
            title="Would you help a school near you?",
            about="It asks without its name; yours is not told either unless both agree",
            action="Look",
            url=url_for("confidential.ask", ask_id=waiting.number),
            since=waiting.since,
        )
    return Task(
        title="A school would help you",
        about="With what you asked in confidence; it does not know your name yet",
        action="Look",
        url=url_for("confidential.request", listing_id=waiting.number),
        since=waiting.since,
    )
