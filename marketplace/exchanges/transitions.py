"""How a step is taken: lock, check the version, change the state, write the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.exchanges import events
from marketplace.exchanges.frozen.events import PaymentLetThrough
from marketplace.exchanges.frozen.rules import unused_permit
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.queries import history
from marketplace.exchanges.same_person.rules import refuse_same_person
from marketplace.exchanges.states import (
    DONE,
    ENDING,
    NETWORK_STEPS,
    Step,
    Transition,
    find_transitions,
)
from marketplace.outbox.events import Event
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.schools.standing import why_not
from marketplace.web.formats import moment


@dataclass(frozen=True, slots=True)
class StepDetails:
    """The details of a step, for the history: a text, the hours (``minutes``) and the day."""

    text: str = ""
    minutes: int | None = None
    on_date: date | None = None


NO_DETAILS = StepDetails()

EVENTS = {
    Step.PROPOSE: events.ExchangeProposed,
    Step.AMEND: events.ExchangeAmended,
    Step.AGREE: events.ExchangeAgreed,
    Step.DECLINE: events.ExchangeDeclined,
    Step.CANCEL: events.ExchangeCancelled,
    Step.DELIVER: events.ExchangeDelivered,
    Step.SEND_BACK: events.ExchangeSentBack,
    Step.CONFIRM: events.ExchangeConfirmed,
    Step.HAND_OVER: events.ExchangeHandedOver,
    Step.LAPSE: events.ExchangeLapsed,
    Step.LET_PAY: PaymentLetThrough,
    Step.ASK_CORRECTION: events.CorrectionAsked,
    Step.AGREE_CORRECTION: events.CorrectionAgreed,
    Step.DECLINE_CORRECTION: events.CorrectionDeclined,
    Step.WITHDRAW_CORRECTION: events.CorrectionWithdrawn,
    Step.ASK_NETWORK: events.CorrectionBeyondLimit,
    Step.ALLOW_CORRECTION: events.CorrectionAgreed,
    Step.REFUSE_CORRECTION: events.CorrectionHeldBack,
}
"""The event that each step records in the outbox."""

MakeEvent = Callable[..., Event]
"""What makes the event of a step, out of what every event has."""

WITH_PAUSED = ENDING | {Step.DISPUTE, Step.LOOK_AGAIN, Step.ANSWER, Step.STATEMENT, Step.WITHDRAW}
"""What may be done to an exchange with a school that is paused: end it, or say that it is wrong."""


class StepInProgress:
    """One step that is being taken on a locked exchange.

    ``is_replay`` says that this very step has been taken already: then nothing is to be done.
    """

    def __init__(
        self,
        session: Session,
        actor: Actor,
        exchange: Exchange,
        transitions: list[Transition],
        details: StepDetails,
    ) -> None:
        self._session = session
        self._actor = actor
        self._exchange = exchange
        self._transitions = transitions
        self._details = details
        self.is_replay = not transitions

    def to(
        self,
        *,
        awaiting: int | None,
        target: State | None = None,
        event: MakeEvent | None = None,
        school_urn: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """Move the exchange to its next state, in which it waits for the school ``awaiting``.

        ``target`` says which one, for a step that can lead to several; ``event`` makes the event,
        for a step that is not in ``EVENTS``; ``school_urn`` is the school for which it is
        recorded, if it is not the actor's.
        """
        assert self._transitions, "a step that was taken already is not taken again"
        (transition,) = (
            transition for transition in self._transitions if target in (None, transition.target)
        )
        now = at or clock.now()
        exchange = self._exchange
        exchange.state = transition.target
        exchange.awaiting_urn = awaiting
        exchange.version += 1
        exchange.updated_at = now
        record_step(
            self._session,
            self._actor,
            exchange,
            transition.step,
            now,
            self._details,
            event=event,
            school_urn=school_urn,
        )
        self._session.flush()


@contextmanager
def transition(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    step: Step,
    version: int,
    details: StepDetails = NO_DETAILS,
) -> Iterator[StepInProgress]:
    """Lock the exchange and let one step be taken on it: check rights, replay, and the table.

    A double click or a retry sends the step again with the version it saw: when the step that
    followed that version is the same one by the same person with the same details, it has been
    taken, and that is not an error. Other words or hours, from a second tab say, are refused.

    Raises:
        NotAllowed: without the role, or for a person who has acted for the other school.
        NotFound: if the school acted for is not one of the two.
        Conflict: if anything else has happened since ``version``, or the step is not possible now.
    """
    # What the operator lets through is confirmed though a school is paused.
    let_through = step is Step.CONFIRM and unused_permit(session, exchange) is not None
    (replace(actor, pause_reason=None) if let_through else actor).require(
        Permission.AGREE_EXCHANGES
    )
    urn = actor.school()
    if urn not in (exchange.provider_urn, exchange.receiver_urn):
        raise NotFound
    if step not in WITH_PAUSED and not let_through:
        _refuse_if_paused(session, exchange.other_urn(urn))
    yield locked_step(session, actor, exchange, step, version, details, urn=urn)


def locked_step(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    step: Step,
    version: int,
    details: StepDetails,
    *,
    urn: int | None,
) -> StepInProgress:
    """Lock the exchange and return the step, which the caller has found the actor may take.

    ``urn`` is the school whose step it is (None: the network's operator).

    Raises:
        Conflict: if anything else has happened since ``version``, or the step is not possible now.
    """
    session.refresh(exchange, with_for_update={"of": Exchange})
    if exchange.version != version:
        if not _is_replay(session, actor, exchange, step, version, details):
            raise Conflict(_what_happened(session, exchange, version))
        return StepInProgress(session, actor, exchange, [], details)
    legal = find_transitions(exchange, step, urn)
    if not legal:
        raise Conflict(f"This cannot be done now: the exchange is {exchange.state}.")
    if urn is not None and step not in ENDING:
        refuse_same_person(session, actor, exchange, history(session, exchange))
    return StepInProgress(session, actor, exchange, legal, details)


def record_step(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    step: Step,
    at: datetime,
    details: StepDetails,
    *,
    event: MakeEvent | None = None,
    school_urn: int | None = None,
) -> None:
    """Write one step into the history of ``exchange``, and into the outbox.

    ``event`` and ``school_urn`` are as for ``StepInProgress.to``.
    """
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=step,
            version=exchange.version,
            person_id=actor.person_id,
            school_urn=actor.school() if school_urn is None else school_urn,
            at=at,
            text=details.text,
            minutes=details.minutes,
            on_date=details.on_date,
            roles=actor.roles_label,
        )
    )
    make_event = event or partial(EVENTS[step], exchange_id=exchange.id)
    record(
        session,
        make_event(
            actor_id=actor.person_id,
            school_urns=(exchange.provider_urn, exchange.receiver_urn),
            occurred_at=at,
        ),
    )


def record_step_of_network(
    session: Session, exchange: Exchange, step: Step, urn: int, now: datetime, text: str
) -> None:
    """Write a step that no person took into the history of ``exchange``, and into the outbox."""
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=step,
            version=exchange.version,
            person_id=None,
            school_urn=urn,
            at=now,
            text=text,
        )
    )
    record(
        session,
        EVENTS[step](
            actor_id=None,
            school_urns=(exchange.provider_urn, exchange.receiver_urn),
            exchange_id=exchange.id,
            occurred_at=now,
        ),
    )


def note_handed_over(session: Session, exchange: Exchange, urn: int, text: str) -> None:
    """Write beside the step that is being taken that it concerns a school that is carried on.

    It is no step of its own, so it has the version before, and nobody is told of it.
    """
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=Step.HAND_OVER,
            version=exchange.version,
            person_id=None,
            school_urn=urn,
            at=clock.now(),
            text=text,
        )
    )


def _refuse_if_paused(session: Session, urn: int) -> None:
    other = session.get_one(School, urn)
    if other.paused_at is not None and (reason := why_not(other, other.name)):
        raise Refusal(reason)


def _since(session: Session, exchange: Exchange, version: int) -> list[ExchangeEvent]:
    """The steps after ``version``, oldest first."""
    return list(
        session.scalars(
            sa.select(ExchangeEvent)
            .where(ExchangeEvent.exchange_id == exchange.id, ExchangeEvent.version > version)
            .options(joinedload(ExchangeEvent.person), joinedload(ExchangeEvent.school))
            .order_by(ExchangeEvent.id)
        )
    )


def _is_replay(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    step: Step,
    version: int,
    details: StepDetails,
) -> bool:
    steps = _since(session, exchange, version)
    return len(steps) == 1 and (
        steps[0].step,
        steps[0].person_id,
        StepDetails(steps[0].text, steps[0].minutes, steps[0].on_date),
    ) == (step, actor.person_id, details)


def _what_happened(session: Session, exchange: Exchange, version: int) -> str:
    steps = _since(session, exchange, version)
    if not steps:
        return "This exchange has changed since you opened the page. Look again, then decide."
    last = steps[-1]
    who = f"{last.person.name} of {last.school.name}" if last.person else last.school.name
    if Step(last.step) in NETWORK_STEPS:
        who = "the network’s operator"
    return (
        f"Since you opened the page, {who}"
        f" {DONE[Step(last.step)]} ({moment(last.at)}). The exchange is now {exchange.state}:"
        " look again, then decide."
    )
