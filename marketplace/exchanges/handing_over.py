"""What becomes of a school's exchanges when it ends: another carries them on, or they end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.conversations.models import Enquiry
from marketplace.credits import transfers
from marketplace.errors import Refusal
from marketplace.exchanges.corrections.queries import hand_over_corrections
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.disputes.rules import end
from marketplace.exchanges.models import OPEN_STATES, Exchange, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import record_step_of_network
from marketplace.schools.models import School


def lock_exchanges(session: Session, urn: int) -> list[Exchange]:
    """Return every exchange of the school by number, locked: no step is taken on them meanwhile.

    Lock them before the ledger's accounts, as every step of an exchange does.
    """
    return list(
        session.scalars(
            sa.select(Exchange)
            .where(sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn))
            .order_by(Exchange.id)
            .with_for_update(of=Exchange, key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def count_open(session: Session, urn: int) -> int:
    """Return how many exchanges of the school are open."""
    return session.scalar(_open_of(urn).with_only_columns(sa.func.count())) or 0


def open_exchanges(session: Session, urn: int) -> list[Exchange]:
    """Return the open exchanges of the school, by number."""
    return list(session.scalars(_open_of(urn).order_by(Exchange.id)))


def hand_over_exchanges(
    session: Session,
    exchanges: Iterable[Exchange],
    old: School,
    new: School,
    *,
    holds: Mapping[int, int],
    enquiries: Mapping[int, int],
) -> None:
    """Let ``new`` be the party that ``old`` is in ``exchanges``, which are locked.

    ``holds`` has the new hold for each old one, ``enquiries`` the conversation that took in
    another. An open exchange between the two schools is cancelled, and one that is done stays as
    it was: a school has no exchange with itself. A dispute goes on, or ends with its exchange.
    """
    now = clock.now()
    exchanges = list(exchanges)
    disputes = _open_disputes(session, exchanges)
    hand_over_corrections(session, [exchange.id for exchange in exchanges], old.urn, new.urn)
    for exchange in exchanges:
        dispute = disputes.get(exchange.id)
        exchange.enquiry_id = enquiries.get(exchange.enquiry_id, exchange.enquiry_id)
        is_open = exchange.state in OPEN_STATES
        if exchange.other_urn(old.urn) == new.urn:
            if dispute is not None:
                end(dispute, Outcome.WITHDRAWN)
            if is_open:
                _cancel(session, exchange, old, now, f"{old.name} is part of {new.name} now.")
            continue
        if dispute is not None:
            for column in ("opened_by_urn", "offer_urn"):
                if getattr(dispute, column) == old.urn:
                    setattr(dispute, column, new.urn)
        for column in ("provider_urn", "receiver_urn", "proposed_by_urn", "awaiting_urn"):
            if getattr(exchange, column) == old.urn:
                setattr(exchange, column, new.urn)
        if is_open:
            is_held = exchange.transaction_id is None and exchange.hold_id in holds
            if exchange.hold_id is not None and is_held:
                exchange.hold_id = holds[exchange.hold_id]
            exchange.version += 1
            exchange.updated_at = now
            text = f"{old.name} has closed, and {new.name} carries this on in its place."
            if is_held:
                text += f" The credits are held with {new.name}."
            record_step_of_network(session, exchange, Step.HAND_OVER, old.urn, now, text)
    session.flush()


def cancel_open_exchanges(
    session: Session, exchanges: Iterable[Exchange], school: School, text: str, *, actor: str
) -> int:
    """Cancel the open ones of ``exchanges``, which are locked; return how many.

    Their credits are released. ``text`` says why, in the history; ``actor`` is who does it, as
    the ledger names it.

    Raises:
        Refusal: some of them are disputed; those have to be decided first.
    """
    exchanges = list(exchanges)
    _refuse_disputes(exchanges, school)
    now, number = clock.now(), 0
    for exchange in exchanges:
        if exchange.state not in OPEN_STATES:
            continue
        if exchange.hold_id is not None:
            transfers.release_for(
                session, exchange.hold_id, reference=exchange.reference, memo=text, actor=actor
            )
        _cancel(session, exchange, school, now, text)
        number += 1
    session.flush()
    return number


def drop_merged_enquiries(session: Session, enquiry_ids: Iterable[int]) -> None:
    """Delete conversations whose messages and exchanges are in others now."""
    session.flush()
    session.execute(sa.delete(Enquiry).where(Enquiry.id.in_(list(enquiry_ids))))


def _open_disputes(session: Session, exchanges: list[Exchange]) -> dict[int, Dispute]:
    """The open disputes over ``exchanges``, by exchange."""
    ids = [exchange.id for exchange in exchanges if exchange.state == State.DISPUTED]
    if not ids:
        return {}
    disputes = session.scalars(
        sa.select(Dispute).where(Dispute.exchange_id.in_(ids), Dispute.ended_at.is_(None))
    )
    return {dispute.exchange_id: dispute for dispute in disputes}


def _refuse_disputes(exchanges: list[Exchange], school: School) -> None:
    number = sum(exchange.state == State.DISPUTED for exchange in exchanges)
    if number:
        what = "1 open dispute" if number == 1 else f"{number} open disputes"
        them = "it" if number == 1 else "them"
        raise Refusal(
            f"{school.name} has {what}, so it cannot leave yet. Rule on {them} first, under"
            " Disputes."
        )


def _cancel(session: Session, exchange: Exchange, school: School, now: datetime, text: str) -> None:
    """End an open exchange; one that was paid and is disputed stays as it was paid."""
    is_paid = exchange.transaction_id is not None
    exchange.state = State.CONFIRMED if is_paid else State.CANCELLED
    exchange.awaiting_urn = None
    exchange.version += 1
    exchange.updated_at = now
    step = Step.HAND_OVER if is_paid else Step.CANCEL
    record_step_of_network(session, exchange, step, school.urn, now, text)


def _open_of(urn: int) -> sa.Select[Exchange]:
    return sa.select(Exchange).where(
        sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn),
        Exchange.state.in_(OPEN_STATES),
    )
