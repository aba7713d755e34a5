"""How long credits are held for an exchange; then they are released, and the exchange lapses.

Free help lapses when nobody has said anything of it for as long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.clock import LONDON, today
from marketplace.credits import transfers
from marketplace.credits.holds import extend_hold, is_held, is_held_without_end
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import record_step_of_network
from marketplace.outbox.schedule import JobRun
from marketplace.settings import Policy, current_policy

WORKER = "command:jobs run"
"""How the ledger names the worker, which does what is due."""
HELD_STATES = (State.AGREED, State.DELIVERED)
"""The states in which credits are held until a day; those of a dispute stay held."""


def hold_end(on_date: date, policy: Policy) -> datetime:
    """Return until when credits are held that are agreed today for help on ``on_date``.

    It is the last minute of a day in Europe/London, ``policy.hold_days`` after the later one.
    """
    last = max(on_date, today()) + timedelta(days=policy.hold_days)
    return datetime.combine(last, time(23, 59), LONDON)


def lapse_exchanges_job(run: JobRun) -> str:
    """Let exchanges lapse whose credits are no longer held."""
    lapsed, extended = lapse_exchanges(run.session, current_policy(), run.commit)
    return f"{lapsed:,} exchanges have lapsed; {extended:,} holds were given an end."


def lapse_exchanges(
    session: Session, policy: Policy, commit: Callable[[], None]
) -> tuple[int, int]:
    """Let exchanges lapse whose time is over, and give holds that have no end one.

    Holds of earlier versions, and of disputes that were withdrawn, have none. ``commit`` is
    called after each, so that nobody waits for long. Return how many there were of both.
    """
    lapsed = sum(
        _lapse(session, id_, is_over, commit)
        # Each is a question of its own, which the database answers by its indexes.
        for is_over in (_hold_has_ended(), _is_unheard_of(policy))
        for id_ in _ids(session, is_over)
    )
    without_end = is_held_without_end(Exchange.hold_id)
    extended = sum(_give_end(session, id_, policy, commit) for id_ in _ids(session, without_end))
    return lapsed, extended


def _hold_has_ended() -> sa.ColumnElement[bool]:
    return sa.and_(
        Exchange.free_trust_id.is_(None), sa.not_(is_held(Exchange.hold_id, clock.now()))
    )


def _is_unheard_of(policy: Policy) -> sa.ColumnElement[bool]:
    """The condition that of free help nothing was heard for as long as credits would be held."""
    silent_for = timedelta(days=policy.hold_days)
    return sa.and_(
        Exchange.free_trust_id.is_not(None),
        Exchange.on_date < today() - silent_for,
        Exchange.updated_at < clock.now() - silent_for,
    )


def _ids(session: Session, condition: sa.ColumnElement[bool]) -> list[int]:
    return list(
        session.scalars(
            sa.select(Exchange.id)
            .where(Exchange.state.in_(HELD_STATES), condition)
            .order_by(Exchange.id)
        )
    )


def _locked(
    session: Session, exchange_id: int, condition: sa.ColumnElement[bool]
) -> Exchange | None:
    """Return the exchange, locked; ``None`` if a step was taken meanwhile, or is being taken."""
    return session.scalar(
        sa.select(Exchange)
        .where(Exchange.id == exchange_id, Exchange.state.in_(HELD_STATES), condition)
        .with_for_update(of=Exchange, key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _lapse(
    session: Session,
    exchange_id: int,
    is_over: sa.ColumnElement[bool],
    commit: Callable[[], None],
) -> int:
    exchange = _locked(session, exchange_id, is_over)
    if exchange is None:
        return 0
    if exchange.hold_id is not None:
        transfers.release_for(
            session,
            exchange.hold_id,
            reference=exchange.reference,
            memo=exchange.title,
            actor=WORKER,
        )
    now = clock.now()
    exchange.state = State.LAPSED
    exchange.awaiting_urn = None
    exchange.version += 1
    exchange.updated_at = now
    record_step_of_network(session, exchange, Step.LAPSE, exchange.receiver_urn, now, "")
    session.flush()
    commit()
    return 1


def _give_end(
    session: Session, exchange_id: int, policy: Policy, commit: Callable[[], None]
) -> int:
    exchange = _locked(session, exchange_id, is_held_without_end(Exchange.hold_id))
    if exchange is None:
        return 0
    assert exchange.hold_id is not None
    extend_hold(
        session,
        exchange.hold_id,
        hold_end(exchange.on_date, policy),
        key=f"{exchange.reference}:end:{exchange.version}",
        actor=WORKER,
        memo=exchange.title,
    )
    commit()
    return 1
