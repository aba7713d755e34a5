"""Kinds of notifications about exchanges: a step of the other school, and reminders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.exchanges.costs import amount, free_within
from marketplace.exchanges.events import (
    CorrectionAgreed,
    CorrectionAsked,
    CorrectionBeyondLimit,
    CorrectionDeclined,
    CorrectionHeldBack,
    CorrectionUnanswered,
    CorrectionWithdrawn,
    ExchangeAgreed,
    ExchangeAmended,
    ExchangeCancelled,
    ExchangeConfirmed,
    ExchangeDeclined,
    ExchangeDelivered,
    ExchangeHandedOver,
    ExchangeLapsed,
    ExchangeProposed,
    ExchangeSentBack,
)
from marketplace.exchanges.frozen.events import PaymentLetThrough
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent, State
from marketplace.notifications.catalogue.things import (
    EXCHANGE,
    first_of,
    other_in,
    others_than,
    people_concerned,
    school_in,
)
from marketplace.notifications.events import ExchangeUnanswered, HoldEnding
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
from marketplace.outbox.events import Event
from marketplace.web.formats import day

AGREE = Permission.AGREE_EXCHANGES


def _minutes(exchange: Exchange) -> str:
    return amount(exchange, exchange.figure)


def _about_id(event: Any) -> int:
    exchange_id: int = event.exchange_id
    return exchange_id


def _acting_urn(session: Session, event: Event, exchange: Exchange) -> int | None:
    """The school whose step the event was, by the history of the exchange."""
    return session.scalar(
        sa.select(ExchangeEvent.school_urn)
        .where(
            ExchangeEvent.exchange_id == exchange.id,
            ExchangeEvent.person_id == event.actor_id,
            ExchangeEvent.at == event.occurred_at,
        )
        .limit(1)
    )


def _other_school(session: Session, event: Event, exchange: Exchange) -> Iterable[Audience]:
    acting_urn = _acting_urn(session, event, exchange)
    return [] if acting_urn is None else [Audience(exchange.other_urn(acting_urn))]


def _facts(notice: Notice[Exchange]) -> Facts:
    exchange = notice.facts
    return [
        ("What", exchange.title),
        ("Gives", exchange.provider.name),
        ("Receives", exchange.receiver.name),
        ("Date", day(exchange.delivered_on or exchange.on_date)),
        *(
            [("Cost", free_within(exchange)), ("Hours", _minutes(exchange))]
            if exchange.is_free
            else [("Credits", _minutes(exchange))]
        ),
    ]


def _page(notice: Notice[Exchange]) -> Target:
    return Target("exchanges.exchange", {"exchange_id": notice.facts.id})


def _is_in(*states: State) -> Callable[[Notice[Exchange]], bool]:
    return lambda notice: notice.facts.state in states


def _waits(*states: State) -> Callable[[Notice[Exchange]], bool]:
    """Whether it is in one of ``states`` and waits for the reader's school."""
    return lambda notice: (
        notice.facts.state in states and notice.facts.awaiting_urn == notice.school_urn
    )


def _other(notice: Notice[Exchange]) -> str:
    return other_in(notice.facts, notice.school_urn).name


def _proposes(notice: Notice[Exchange]) -> str:
    return f"{_other(notice)} proposes {_minutes(notice.facts)} for {notice.facts.title}"


def _step(
    event: type[Event],
    label: str,
    title: Callable[[Notice[Exchange]], str],
    is_current: Callable[[Notice[Exchange]], bool],
    urgency: Urgency = Urgency.TASK,
) -> Kind[Any, Exchange]:
    """The kind of one step, told to the coordinators of the other school."""
    return Kind(
        name=event.type,
        label=label,
        group=Group.EXCHANGES,
        event=event,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_other_school,
        title=title,
        facts=_facts,
        target=_page,
        is_current=is_current,
        urgency=urgency,
        default=Frequency.AT_ONCE if urgency is Urgency.TASK else Frequency.DAILY,
    )


def _both_schools(_session: Session, _event: Event, exchange: Exchange) -> Iterable[Audience]:
    return [Audience(exchange.provider_urn), Audience(exchange.receiver_urn)]


def _where_credits_moved(session: Session, event: Event, exchange: Exchange) -> Iterable[Audience]:
    return [] if exchange.is_free else _both_schools(session, event, exchange)


def _lapsed(notice: Notice[Exchange]) -> str:
    if notice.facts.is_free:
        return f"{notice.facts.title} with {_other(notice)} was not confirmed in time"
    return f"The credits for {notice.facts.title} with {_other(notice)} are no longer held"


def _paid(notice: Notice[Exchange]) -> str:
    exchange = notice.facts
    gave = exchange.provider_urn == notice.school_urn
    verb = "received from" if gave else "paid to"
    return f"{_minutes(exchange)} {verb} {_other(notice)} for {exchange.title}"


def _reminded(session: Session, event: ExchangeUnanswered, exchange: Exchange) -> list[Audience]:
    """First who has to do with it, then the others; the operator has a kind of their own."""
    if exchange.awaiting_urn is None or event.days >= OPERATOR_DAYS:
        return []
    urn = exchange.awaiting_urn
    people = people_concerned(session, exchange.enquiry, urn, exchange.id)
    choose = others_than if event.days >= OTHERS_DAYS else first_of
    return [choose(session, urn, AGREE, people)]


def _operator(_session: Session, event: ExchangeUnanswered, _exchange: Exchange) -> list[Audience]:
    return [Audience(None)] if event.days >= OPERATOR_DAYS else []


def _still_waits(notice: Notice[Exchange]) -> str:
    exchange, days = notice.facts, notice.days
    if exchange.state == State.PROPOSED:
        return f"{_other(notice)} has waited {days} days for your answer on {exchange.title}"
    if exchange.state == State.DELIVERED:
        return f"{_other(notice)} has waited {days} days for you to confirm {exchange.title}"
    if exchange.state == State.CONFIRMED:
        return f"{_other(notice)} has waited {days} days for you to put {exchange.title} right"
    return f"Say what was given: {exchange.title} for {_other(notice)} was {days} days ago"


def _school_does_not_act(notice: Notice[Exchange]) -> str:
    exchange = notice.facts
    silent = school_in(exchange, exchange.awaiting_urn).name
    other = other_in(exchange, exchange.awaiting_urn).name
    what = {
        State.PROPOSED: f"has not answered a proposal of {other}",
        State.DELIVERED: f"has not confirmed the help of {other}",
        State.CONFIRMED: f"has not said whether it agrees to a correction with {other}",
    }.get(State(exchange.state), f"has not said what was given to {other}")
    return f"{silent} {what} for {notice.days} days"


def _people_of_silent_school(notice: Notice[Exchange]) -> Target:
    return Target("members.people", {"urn": notice.facts.awaiting_urn})


def _someone_waits(notice: Notice[Exchange]) -> bool:
    return notice.facts.awaiting_urn is not None


def _hold_ends(notice: Notice[Exchange]) -> str:
    days = "1 day" if notice.days == 1 else f"{notice.days} days"
    return f"The credits for {notice.facts.title} with {_other(notice)} are held for {days} more"


KINDS: tuple[Kind[Any, Exchange], ...] = (
    _step(
        ExchangeProposed,
        "Another school proposes an exchange",
        _proposes,
        _waits(State.PROPOSED),
    ),
    _step(
        ExchangeAmended,
        "Another school changes a proposal",
        lambda notice: (
            f"{_other(notice)} now proposes {_minutes(notice.facts)} for {notice.facts.title}"
        ),
        _waits(State.PROPOSED),
    ),
    _step(
        ExchangeAgreed,
        "Another school agrees to our proposal",
        lambda notice: (
            f"{_other(notice)} agrees: {_minutes(notice.facts)} for {notice.facts.title}"
        ),
        _is_in(State.AGREED),
        Urgency.NEWS,
    ),
    _step(
        ExchangeDeclined,
        "Another school declines our proposal",
        lambda notice: f"{_other(notice)} declines {notice.facts.title}",
        _is_in(State.DECLINED),
        Urgency.NEWS,
    ),
    _step(
        ExchangeCancelled,
        "Another school cancels an exchange",
        lambda notice: f"{_other(notice)} cancels {notice.facts.title}",
        _is_in(State.CANCELLED),
        Urgency.TASK,
    ),
    _step(
        ExchangeDelivered,
        "Another school says that help was given",
        lambda notice: (
            f"{_other(notice)} asks you to confirm {_minutes(notice.facts)} for"
            f" {notice.facts.title}"
        ),
        _waits(State.DELIVERED),
    ),
    _step(
        ExchangeSentBack,
        "Another school sends back what we said was given",
        lambda notice: (
            f"{_other(notice)} sends back {notice.facts.title}: say again what was given"
        ),
        _waits(State.AGREED),
    ),
    _step(
        ExchangeConfirmed,
        "Another school confirms, and the credits are ours",
        lambda notice: (
            f"{_other(notice)} confirms {_minutes(notice.facts)} for {notice.facts.title}"
        ),
        _is_in(State.CONFIRMED),
        Urgency.NEWS,
    ),
    Kind(
        name="exchange.handed_over",
        label="An exchange goes on with the school that carries on for one that has closed",
        group=Group.EXCHANGES,
        event=ExchangeHandedOver,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=lambda notice: f"{notice.facts.title} goes on with {_other(notice)}",
        facts=_facts,
        target=_page,
        is_current=_is_in(*OPEN_STATES),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    _step(
        CorrectionAsked,
        "Another school asks that a payment be put right",
        lambda notice: (
            f"{_other(notice)} asks that the credits for {notice.facts.title} be put right"
        ),
        _waits(State.CONFIRMED),
    ),
    Kind(
        name="correction.agreed",
        label="A payment has been put right",
        group=Group.EXCHANGES,
        event=CorrectionAgreed,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=lambda notice: (
            f"Put right: {_minutes(notice.facts)} for {notice.facts.title} with {_other(notice)}"
        ),
        facts=_facts,
        target=_page,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="credits.put_right",
        label="Credits that were paid have been put right",
        group=Group.EXCHANGES,
        event=CorrectionAgreed,
        about=EXCHANGE,
        about_id=_about_id,
        permission=Permission.VIEW_STATEMENT,
        besides=AGREE,
        audiences=_both_schools,
        title=lambda notice: (
            f"Put right: {_minutes(notice.facts)} for {notice.facts.title} with {_other(notice)}"
        ),
        facts=_facts,
        target=_page,
        urgency=Urgency.NEWS,
        default=Frequency.WEEKLY,
    ),
    _step(
        CorrectionDeclined,
        "Another school declines to put a payment right",
        lambda notice: f"{_other(notice)} declines to put {notice.facts.title} right",
        _is_in(State.CONFIRMED),
    ),
    _step(
        CorrectionWithdrawn,
        "Another school no longer asks that a payment be put right",
        lambda notice: f"{_other(notice)} lets {notice.facts.title} stand as it was",
        _is_in(State.CONFIRMED),
        Urgency.NEWS,
    ),
    Kind(
        name="correction.unanswered",
        label="A correction was not answered in time, and is a dispute now",
        group=Group.EXCHANGES,
        event=CorrectionUnanswered,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=lambda _session, event, _exchange: [Audience(event.asking_urn)],
        title=lambda notice: (
            f"{_other(notice)} did not answer in time: your correction of {notice.facts.title}"
            " is a dispute now"
        ),
        facts=_facts,
        target=_page,
        is_current=_is_in(State.DISPUTED),
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="correction.held_back",
        label="The network did not let a correction pass a credit limit",
        group=Group.EXCHANGES,
        event=CorrectionHeldBack,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=lambda notice: (
            f"{notice.facts.title} with {_other(notice)} stays as it was: the network did not let"
            " it pass the credit limit"
        ),
        facts=_facts,
        target=_page,
        is_current=_is_in(State.CONFIRMED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="correction.beyond_limit",
        label="Two schools want a correction, and a credit limit is in the way",
        group=Group.NETWORK,
        event=CorrectionBeyondLimit,
        about=EXCHANGE,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=lambda _session, _event, _exchange: [Audience(None)],
        title=lambda notice: (
            f"{notice.facts.provider.name} and {notice.facts.receiver.name} want"
            f" {notice.facts.title} put right, beyond a credit limit"
        ),
        target=lambda _notice: Target("corrections.beyond_limit"),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="exchange.let_through",
        label="The network lets one payment through although an account is frozen",
        group=Group.EXCHANGES,
        event=PaymentLetThrough,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=lambda notice: (
            f"The network lets {_minutes(notice.facts)} for {notice.facts.title} with"
            f" {_other(notice)} be paid"
        ),
        facts=_facts,
        target=_page,
        is_current=_is_in(State.DELIVERED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="exchange.lapsed",
        label="An exchange was not confirmed in time, and its credits are released",
        group=Group.EXCHANGES,
        event=ExchangeLapsed,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=_lapsed,
        facts=_facts,
        target=_page,
        is_current=_is_in(State.LAPSED),
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="credits.moved",
        label="Credits were paid or received",
        group=Group.EXCHANGES,
        event=ExchangeConfirmed,
        about=EXCHANGE,
        about_id=_about_id,
        permission=Permission.VIEW_STATEMENT,
        besides=AGREE,
        audiences=_where_credits_moved,
        title=_paid,
        facts=_facts,
        target=_page,
        urgency=Urgency.NEWS,
        default=Frequency.WEEKLY,
    ),
    Kind(
        name="exchange.unanswered",
        label="An exchange has waited for our school for days",
        group=Group.EXCHANGES,
        event=ExchangeUnanswered,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_reminded,
        title=_still_waits,
        facts=_facts,
        target=_page,
        is_current=_waits(*OPEN_STATES, State.CONFIRMED),
        days=lambda event: event.days,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="exchange.unanswered_for_operator",
        label="A school has not acted on an exchange for a long time",
        group=Group.NETWORK,
        event=ExchangeUnanswered,
        about=EXCHANGE,
        about_id=_about_id,
        permission=Permission.MANAGE_NETWORK,
        audiences=_operator,
        title=_school_does_not_act,
        target=_people_of_silent_school,
        is_current=_someone_waits,
        days=lambda event: event.days,
        urgency=Urgency.TASK,
        default=Frequency.DAILY,
    ),
    Kind(
        name="hold.ending",
        label="Credits of an exchange are soon no longer held",
        group=Group.EXCHANGES,
        event=HoldEnding,
        about=EXCHANGE,
        about_id=_about_id,
        permission=AGREE,
        audiences=_both_schools,
        title=_hold_ends,
        facts=_facts,
        target=_page,
        is_current=_is_in(*OPEN_STATES),
        days=lambda event: event.days,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
)
