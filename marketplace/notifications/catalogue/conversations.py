"""Kinds of notifications about conversations: an enquiry, a message, and reminders."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.holders import holders
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.conversations.events import MessageWritten
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.states import Step
from marketplace.notifications.catalogue.things import (
    ENQUIRY,
    first_of,
    others_than,
    people_concerned,
)
from marketplace.notifications.events import EnquiryUnanswered
from marketplace.notifications.kinds import (
    Audience,
    Facts,
    Group,
    Kind,
    Notice,
    Target,
    Urgency,
)
from marketplace.notifications.models import Frequency
from marketplace.notifications.stages import OPERATOR_DAYS, OTHERS_DAYS

ASK, POST = Permission.ASK, Permission.POST_LISTINGS


def _about_id(event: Any) -> int:
    enquiry_id: int = event.enquiry_id
    return enquiry_id


def _message(session: Session, event: MessageWritten) -> Message | None:
    """The message of the event; ``None`` if it is the text of a proposal, told as one."""
    proposal = (
        sa.select(ExchangeEvent.id)
        .join(Exchange, Exchange.id == ExchangeEvent.exchange_id)
        .where(
            Exchange.enquiry_id == Message.enquiry_id,
            ExchangeEvent.step == Step.PROPOSE,
            ExchangeEvent.person_id == Message.author_id,
            ExchangeEvent.text == Message.body,
        )
        .correlate(Message)
        .exists()
    )
    return session.scalar(sa.select(Message).where(Message.id == event.message_id, ~proposal))


def _has_written(session: Session, enquiry: Enquiry, urn: int) -> bool:
    """Whether the school has written in the conversation."""
    written = sa.exists().where(Message.enquiry_id == enquiry.id, Message.school_urn == urn)
    return bool(session.scalar(sa.select(written)))


def _asked(session: Session, event: MessageWritten, enquiry: Enquiry) -> list[Audience]:
    message = _message(session, event)
    urn = enquiry.owner_urn
    if message is None or message.school_urn == urn or _has_written(session, enquiry, urn):
        return []
    return [Audience(urn)]


def _answered(session: Session, event: MessageWritten, enquiry: Enquiry) -> list[Audience]:
    message = _message(session, event)
    if message is None:
        return []
    urn = enquiry.other_urn(message.school_urn)
    if not _has_written(session, enquiry, urn):
        return []
    people = people_concerned(session, enquiry, urn)
    present = people & {person.id for person in holders(session, urn, ASK)}
    if present:
        return [Audience(urn, only=frozenset(present))]
    return [Audience(urn, POST)]


def _reminded(session: Session, event: EnquiryUnanswered, enquiry: Enquiry) -> list[Audience]:
    """First who has to do with it, then the others; the operator has a kind of their own."""
    if enquiry.awaiting_urn is None or event.days >= OPERATOR_DAYS:
        return []
    urn = enquiry.awaiting_urn
    people = people_concerned(session, enquiry, urn)
    if event.days >= OTHERS_DAYS:
        return [others_than(session, urn, POST, people)]
    present = people & {person.id for person in holders(session, urn, ASK)}
    if present:
        return [Audience(urn, only=frozenset(present))]
    return [first_of(session, urn, POST, people)]


def _operator(_session: Session, event: EnquiryUnanswered, enquiry: Enquiry) -> list[Audience]:
    """The network's people, but never of what a school asked in confidence."""
    is_told = event.days >= OPERATOR_DAYS and not _is_confidential(enquiry)
    return [Audience(None)] if is_told else []


def _is_confidential(enquiry: Enquiry) -> bool:
    """Whether it began with a request that nobody else may know of.

    The subject of an e-mail, which the delivery log shows, then says neither who nor what.
    """
    return enquiry.listing.audience == Reach.CONFIDENTIAL


def _other(notice: Notice[Enquiry]) -> str:
    enquiry = notice.facts
    return (enquiry.owner if notice.school_urn == enquiry.asking_urn else enquiry.asking).name


def _waits(notice: Notice[Enquiry]) -> bool:
    return notice.facts.awaiting_urn == notice.school_urn


def _school_does_not_answer(notice: Notice[Enquiry]) -> str:
    enquiry = notice.facts
    silent, other = enquiry.asking, enquiry.owner
    if enquiry.awaiting_urn == enquiry.owner_urn:
        silent, other = other, silent
    return f"{silent.name} has not answered {other.name} for {notice.days} days"


def _writes(notice: Notice[Enquiry]) -> str:
    if _is_confidential(notice.facts):
        return "The school that you were introduced to writes to you"
    return f"{_other(notice)} writes about {notice.facts.listing.title}"


def _has_waited(notice: Notice[Enquiry]) -> str:
    if _is_confidential(notice.facts):
        return f"A school that you were introduced to has waited {notice.days} days for your answer"
    return (
        f"{_other(notice)} has waited {notice.days} days for your answer about"
        f" {notice.facts.listing.title}"
    )


def _facts(notice: Notice[Enquiry]) -> Facts:
    if _is_confidential(notice.facts):
        return []
    return [("About", notice.facts.listing.title), ("From", _other(notice))]


def _page(notice: Notice[Enquiry]) -> Target:
    return Target("pages.conversation", {"enquiry_id": notice.facts.id, "_anchor": "latest"})


def _people_of_silent_school(notice: Notice[Enquiry]) -> Target:
    return Target("members.people", {"urn": notice.facts.awaiting_urn})


def _someone_waits(notice: Notice[Enquiry]) -> bool:
    return notice.facts.awaiting_urn is not None


KINDS: tuple[Kind[Any, Enquiry], ...] = (
    Kind(
        name="enquiry.asked",
        label="Another school asks about our offer or request",
        group=Group.CONVERSATIONS,
        event=MessageWritten,
        about=ENQUIRY,
        about_id=_about_id,
        permission=POST,
        audiences=_asked,
        title=lambda notice: f"{_other(notice)} asks about {notice.facts.listing.title}",
        facts=_facts,
        target=_page,
        is_current=_waits,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="message.written",
        label="Another school writes in a conversation of mine",
        group=Group.CONVERSATIONS,
        event=MessageWritten,
        about=ENQUIRY,
        about_id=_about_id,
        permission=ASK,
        audiences=_answered,
        title=_writes,
        facts=_facts,
        target=_page,
        is_current=_waits,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="enquiry.unanswered",
        label="A question has waited for our school’s answer for days",
        group=Group.CONVERSATIONS,
        event=EnquiryUnanswered,
        about=ENQUIRY,
        about_id=_about_id,
        permission=ASK,
        audiences=_reminded,
        title=_has_waited,
        facts=_facts,
        target=_page,
        is_current=_waits,
        days=lambda event: event.days,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="enquiry.unanswered_for_operator",
        label="A school has not answered a question for a long time",
        group=Group.NETWORK,
        event=EnquiryUnanswered,
        about=ENQUIRY,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operator,
        title=_school_does_not_answer,
        target=_people_of_silent_school,
        is_current=_someone_waits,
        days=lambda event: event.days,
        urgency=Urgency.TASK,
        default=Frequency.DAILY,
    ),
)
