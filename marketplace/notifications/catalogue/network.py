"""Kinds of notifications for the network's operator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.roles import Permission
from marketplace.network.events import SchoolJoined
from marketplace.notifications.catalogue.things import SCHOOL
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency
from marketplace.schools.models import School

NEWS_FOR = timedelta(days=14)
"""How long it is news that a school has joined: until the weekly digest after it."""


def _about_id(event: SchoolJoined) -> int:
    return event.school_urns[0]


def _operators(_session: Session, _event: SchoolJoined, _school: School) -> list[Audience]:
    return [Audience(None)]


def _is_news(notice: Notice[School]) -> bool:
    """Whether it joined lately: who loads a network of old schools is told of none of them."""
    joined_at = notice.facts.joined_at
    return joined_at is not None and clock.now() - joined_at <= NEWS_FOR


def _school_page(notice: Notice[School]) -> Target:
    return Target("pages.school", {"urn": notice.facts.urn})


KINDS: tuple[Kind[Any, School], ...] = (
    Kind(
        name="school.joined",
        label="A school has joined the network",
        group=Group.NETWORK,
        event=SchoolJoined,
        about=SCHOOL,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operators,
        title=lambda notice: f"{notice.facts.name} has joined the network",
        target=_school_page,
        is_current=_is_news,
        urgency=Urgency.NEWS,
        default=Frequency.WEEKLY,
    ),
)
