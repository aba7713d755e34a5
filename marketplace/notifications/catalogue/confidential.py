"""Kinds of notifications about confidential requests; none names a school or what it wrote.

The network's operator reads the subjects of e-mails in the delivery log.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.confidential.events import HelpAsked, HelpPromised, SchoolsIntroduced
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.listings.presenters import topic_names
from marketplace.notifications.catalogue.things import ASK
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency

POST = Permission.POST_LISTINGS


def _about_id(event: Any) -> int:
    ask_id: int = event.ask_id
    return ask_id


def _asked_school(_session: Session, _event: Any, ask: ConfidentialAsk) -> list[Audience]:
    return [Audience(ask.school_urn)]


def _asking_school(_session: Session, _event: Any, ask: ConfidentialAsk) -> list[Audience]:
    return [Audience(ask.listing.school_urn)]


def _question(notice: Notice[ConfidentialAsk]) -> str:
    topics = " and ".join(topic_names([topic.topic for topic in notice.facts.listing.topics]))
    return f"Would you help a school near you with {topics}?"


def _ask_page(notice: Notice[ConfidentialAsk]) -> Target:
    return Target("confidential.ask", {"ask_id": notice.facts.id})


def _is(state: AskState) -> Any:
    return lambda notice: notice.facts.state == state


KINDS: tuple[Kind[Any, ConfidentialAsk], ...] = (
    Kind(
        name="confidential.asked",
        label="A school near us looks for help, and does not give its name",
        group=Group.CONVERSATIONS,
        event=HelpAsked,
        about=ASK,
        about_id=_about_id,
        permission=POST,
        audiences=_asked_school,
        title=_question,
        target=_ask_page,
        is_current=_is(AskState.ASKED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="confidential.promised",
        label="A school would help us with what we asked in confidence",
        group=Group.CONVERSATIONS,
        event=HelpPromised,
        about=ASK,
        about_id=_about_id,
        permission=POST,
        audiences=_asking_school,
        title=lambda _notice: "An answer waits for you",
        target=lambda notice: Target(
            "confidential.request", {"listing_id": notice.facts.listing_id}
        ),
        is_current=_is(AskState.WILLING),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="confidential.introduced",
        label="We are introduced to a school that we would help",
        group=Group.CONVERSATIONS,
        event=SchoolsIntroduced,
        about=ASK,
        about_id=_about_id,
        permission=POST,
        audiences=_asked_school,
        title=lambda _notice: "You are introduced to the school that you would help",
        target=lambda notice: Target(
            "pages.conversation", {"enquiry_id": notice.facts.enquiry_id, "_anchor": "latest"}
        ),
        is_current=_is(AskState.INTRODUCED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
)
