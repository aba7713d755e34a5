"""Kinds of notifications about schools that close and go on elsewhere, or are paused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.network.events import (
    SchoolFrozen,
    SchoolSucceeded,
    SchoolUnfrozen,
    SuccessionProposed,
    SuccessionRefused,
    SuccessionWaiting,
)
from marketplace.network.models import Succession, SuccessionState
from marketplace.notifications.catalogue.things import OPEN_SUCCESSION, SCHOOL, SUCCESSION
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency
from marketplace.outbox.events import Event
from marketplace.schools.models import School

NETWORK = Permission.MANAGE_NETWORK
EVERYONE = Permission.VIEW_LISTINGS


def _school_urn(event: Event) -> int:
    return event.school_urns[0]


def _succession_id(event: Any) -> int:
    succession_id: int = event.succession_id
    return succession_id


def _operators(_session: Session, _event: Event, _facts: Any) -> list[Audience]:
    return [Audience(None)]


def _the_school(_session: Session, event: Event, _school: School) -> list[Audience]:
    return [Audience(event.school_urns[0])]


def _successor(_session: Session, _event: Event, succession: Succession) -> list[Audience]:
    return [Audience(succession.to_urn)]


def _decision(notice: Notice[Succession]) -> Target:
    return Target("network.decide", {"urn": notice.facts.from_urn})


def _start_page(_notice: Notice[Any]) -> Target:
    return Target("pages.dashboard")


def _is_in(*states: SuccessionState) -> Callable[[Notice[Succession]], bool]:
    return lambda notice: notice.facts.state in states


def _successor_name(notice: Notice[Succession]) -> str:
    school = notice.facts.to_school
    return school.name if school else "Another school"


KINDS: tuple[Kind[Any, Any], ...] = (
    Kind(
        name="succession.waiting",
        label="A school has closed, and who carries on is to be decided",
        group=Group.NETWORK,
        event=SuccessionWaiting,
        about=OPEN_SUCCESSION,
        about_id=_school_urn,
        permission=NETWORK,
        audiences=_operators,
        title=lambda notice: f"Decide who carries on for {notice.facts.from_school.name}",
        target=_decision,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="succession.proposed",
        label="A colleague has decided who carries on for a school, and a second one approves",
        group=Group.NETWORK,
        event=SuccessionProposed,
        about=SUCCESSION,
        about_id=_succession_id,
        permission=NETWORK,
        audiences=_operators,
        title=lambda notice: (
            f"Approve that {_successor_name(notice)} carries on for {notice.facts.from_school.name}"
        ),
        target=_decision,
        is_current=_is_in(SuccessionState.PROPOSED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="succession.refused",
        label="Who carries on for a school was not approved",
        group=Group.NETWORK,
        event=SuccessionRefused,
        about=SUCCESSION,
        about_id=_succession_id,
        permission=NETWORK,
        audiences=_operators,
        title=lambda notice: (
            f"{_successor_name(notice)} does not carry on for {notice.facts.from_school.name}"
        ),
        target=_decision,
        is_current=_is_in(SuccessionState.REFUSED, SuccessionState.WAITING),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="school.succeeded",
        label="Our school carries on for one that has closed",
        group=Group.SCHOOL,
        event=SchoolSucceeded,
        about=SUCCESSION,
        about_id=_succession_id,
        permission=EVERYONE,
        audiences=_successor,
        title=lambda notice: f"{notice.school_name} carries on for {notice.facts.from_school.name}",
        target=_start_page,
        is_current=_is_in(SuccessionState.DONE),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="school.frozen",
        label="Our school is paused by the network’s operator",
        group=Group.SCHOOL,
        event=SchoolFrozen,
        about=SCHOOL,
        about_id=_school_urn,
        permission=EVERYONE,
        audiences=_the_school,
        title=lambda notice: f"The network’s operator has paused {notice.school_name}",
        target=_start_page,
        is_current=lambda notice: notice.facts.paused_at is not None,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="school.unfrozen",
        label="Our school is no longer paused",
        group=Group.SCHOOL,
        event=SchoolUnfrozen,
        about=SCHOOL,
        about_id=_school_urn,
        permission=EVERYONE,
        audiences=_the_school,
        title=lambda notice: f"{notice.school_name} is no longer paused",
        target=_start_page,
        is_current=lambda notice: notice.facts.paused_at is None,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
