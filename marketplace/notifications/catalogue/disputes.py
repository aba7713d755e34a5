"""Kinds of notifications about disputes: what the other school did, deadlines, the ruling."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.models import ExchangeEvent
from marketplace.notifications.catalogue.things import DISPUTE, other_in, school_in
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
from marketplace.outbox.events import Event
from marketplace.web.formats import day

Audiences = Callable[[Session, Any, Dispute], Iterable[Audience]]
Told = Notice[Dispute]


def _dispute_id(event: Any) -> int:
    dispute_id: int = event.dispute_id
    return dispute_id


def _other_school(session: Session, event: Event, dispute: Dispute) -> Iterable[Audience]:
    """The school on the other side of the one whose step it was, by the exchange's history."""
    acting_urn = session.scalar(
        sa.select(ExchangeEvent.school_urn)
        .where(
            ExchangeEvent.exchange_id == dispute.exchange_id,
            ExchangeEvent.person_id == event.actor_id,
            ExchangeEvent.at == event.occurred_at,
        )
        .limit(1)
    )
    return [] if acting_urn is None else [Audience(dispute.exchange.other_urn(acting_urn))]


def _opened(session: Session, event: Event, dispute: Dispute) -> Iterable[Audience]:
    """The other school, and for a dispute that the operator opened both."""
    if dispute.by_network:
        return _both_schools(session, event, dispute)
    return _other_school(session, event, dispute)


def _both_schools(_session: Session, _event: Event, dispute: Dispute) -> Iterable[Audience]:
    exchange = dispute.exchange
    return [Audience(exchange.provider_urn), Audience(exchange.receiver_urn)]


def _awaited_school(_session: Session, _event: Event, dispute: Dispute) -> Iterable[Audience]:
    return [Audience(dispute.exchange.other_urn(dispute.opened_by_urn))]


def _operators(_session: Session, _event: Event, _dispute: Dispute) -> Iterable[Audience]:
    return [Audience(None)]


def _facts(notice: Told) -> Facts:
    exchange = notice.facts.exchange
    return [
        ("What", exchange.title),
        ("Gives", exchange.provider.name),
        ("Receives", exchange.receiver.name),
        ("Agreed", credits(exchange.minutes)),
    ]


def _exchange_page(notice: Told) -> Target:
    return Target("exchanges.exchange", {"exchange_id": notice.facts.exchange_id})


def _ruling_page(notice: Told) -> Target:
    return Target("disputes.dispute", {"dispute_id": notice.facts.id})


def _title(notice: Told) -> str:
    return notice.facts.exchange.title


def _other(notice: Told) -> str:
    return other_in(notice.facts.exchange, notice.school_urn).name


def _two_schools(notice: Told) -> str:
    exchange = notice.facts.exchange
    return f"{exchange.provider.name} and {exchange.receiver.name}"


def _is_open(notice: Told) -> bool:
    return notice.facts.is_open


def _is_unanswered(notice: Told) -> bool:
    return notice.facts.is_open and notice.facts.answered_at is None


def _ended_by(outcome: Outcome) -> Callable[[Told], bool]:
    return lambda notice: notice.facts.outcome == outcome


def _disputes(notice: Told) -> str:
    dispute = notice.facts
    opener = school_in(dispute.exchange, dispute.opened_by_urn).name
    if dispute.by_network and dispute.opened_by_urn == notice.school_urn:
        return f"The network’s operator opened a dispute for {opener}: {_title(notice)}"
    what = f"disputes {_title(notice)}"
    if dispute.again_by is not None:
        what = f"asks for the ruling on {_title(notice)} to be looked at again"
    return f"{opener} {what}: answer by {day(dispute.answer_due_at)}"


def _offers(notice: Told) -> str:
    offer = credits(notice.facts.offer_minutes or 0)
    return f"{_other(notice)} would settle the dispute over {_title(notice)} at {offer}"


def _answer_due(notice: Told) -> str:
    days = "1 day" if notice.days == 1 else f"{notice.days} days"
    return f"Answer the dispute over {_title(notice)}: {days} left"


def _not_answered(notice: Told) -> str:
    dispute = notice.facts
    silent = school_in(dispute.exchange, dispute.exchange.other_urn(dispute.opened_by_urn)).name
    return f"{silent} did not answer the dispute over {_title(notice)} in time"


def _overdue(notice: Told) -> str:
    return f"The ruling on {_title(notice)} is overdue since {day(notice.facts.ruling_due_at)}"


def _of_schools(
    event: type[Event],
    label: str,
    title: Callable[[Told], str],
    is_current: Callable[[Told], bool],
    audiences: Audiences = _other_school,
    urgency: Urgency = Urgency.NEWS,
) -> Kind[Any, Dispute]:
    """A kind for the coordinators of a school, or of both."""
    return Kind(
        name=event.type,
        label=label,
        group=Group.EXCHANGES,
        event=event,
        about=DISPUTE,
        about_id=_dispute_id,
        permission=Permission.AGREE_EXCHANGES,
        audiences=audiences,
        title=title,
        facts=_facts,
        target=_exchange_page,
        is_current=is_current,
        days=lambda event: getattr(event, "days", None),
        urgency=urgency,
        default=Frequency.AT_ONCE if urgency is Urgency.TASK else Frequency.DAILY,
    )


def _of_operators(
    name: str,
    event: type[Event],
    label: str,
    title: Callable[[Told], str],
    is_current: Callable[[Told], bool] = _is_open,
    urgency: Urgency = Urgency.TASK,
) -> Kind[Any, Dispute]:
    """A kind for the operators, who rule."""
    return Kind(
        name=name,
        label=label,
        group=Group.NETWORK,
        event=event,
        about=DISPUTE,
        about_id=_dispute_id,
        permission=Permission.RULE_DISPUTES,
        audiences=_operators,
        title=title,
        facts=_facts,
        target=_ruling_page,
        is_current=is_current,
        urgency=urgency,
        default=Frequency.DAILY,
    )


KINDS: tuple[Kind[Any, Dispute], ...] = (
    _of_schools(
        events.DisputeOpened,
        "Another school opens a dispute",
        _disputes,
        _is_unanswered,
        _opened,
        Urgency.TASK,
    ),
    _of_schools(
        events.DisputeAnswered,
        "Another school answers our dispute",
        lambda notice: f"{_other(notice)} answered the dispute over {_title(notice)}",
        _is_open,
    ),
    _of_operators(
        "dispute.answered_for_operator",
        events.DisputeAnswered,
        "Both schools have said what they hold right, and a dispute can be decided",
        lambda notice: f"Decide between {_two_schools(notice)}: {_title(notice)}",
    ),
    _of_schools(
        events.DisputeStatementAdded,
        "Another school adds a statement to a dispute",
        lambda notice: f"{_other(notice)} added a statement on {_title(notice)}",
        _is_open,
    ),
    _of_schools(
        events.DisputeOfferMade,
        "Another school proposes a figure to settle a dispute",
        _offers,
        lambda notice: (
            notice.facts.is_open and notice.facts.offer_urn not in (None, notice.school_urn)
        ),
        urgency=Urgency.TASK,
    ),
    _of_schools(
        events.DisputeSettled,
        "Another school accepts our figure in a dispute",
        lambda notice: f"{_other(notice)} accepted your figure for {_title(notice)}",
        _ended_by(Outcome.SETTLED),
    ),
    _of_schools(
        events.DisputeWithdrawn,
        "Another school withdraws a dispute",
        lambda notice: f"{_other(notice)} withdrew the dispute over {_title(notice)}",
        _ended_by(Outcome.WITHDRAWN),
    ),
    _of_schools(
        events.DisputeAnswerDue,
        "The time to answer a dispute is nearly over",
        _answer_due,
        _is_unanswered,
        _awaited_school,
        Urgency.TASK,
    ),
    _of_schools(
        events.DisputeUnanswered,
        "A dispute was not answered in time",
        _not_answered,
        _is_unanswered,
        _both_schools,
    ),
    _of_operators(
        "dispute.unanswered_for_operator",
        events.DisputeUnanswered,
        "A school did not answer a dispute in time, and it can be decided",
        _not_answered,
    ),
    _of_schools(
        events.DisputeOverdue,
        "The operator has not ruled on a dispute in time",
        _overdue,
        _is_open,
        _both_schools,
    ),
    _of_operators(
        "dispute.overdue_for_operator",
        events.DisputeOverdue,
        "A ruling on a dispute is overdue",
        _overdue,
    ),
    _of_schools(
        events.DisputeRuled,
        "The operator rules on a dispute of ours",
        lambda notice: (
            f"The network’s operator has ruled on {_title(notice)} with {_other(notice)}"
        ),
        _ended_by(Outcome.RULED),
        _both_schools,
        Urgency.TASK,
    ),
)
