"""The verbs of an agreed exchange; each is one fact with the credits it moves."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ledger import (
    AccountNotOpen,
    AlreadyVoided,
    Book,
    HoldExpired,
    LedgerError,
    LimitExceeded,
)
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moves import Said, find_legal_move, take
from marketplace.exchanges.proposals import check_minutes, check_schools
from marketplace.exchanges.steps import Step
from marketplace.people.viewer import Acting
from marketplace.schools.models import School, account_code
from marketplace.settings import Policy
from marketplace.web.formats import credits, today
from marketplace.web.problems import Problem

LONGEST_REASON = 1000


def agree(session: Session, acting: Acting, exchange: Exchange, *, version: int) -> Exchange:
    """Agree to the proposal: the receiver's credits are held.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
        Problem: if the receiver has not the credits (it says how many are available and
            needed), or one of the schools has closed.
    """
    move = find_legal_move(session, acting, exchange, Step.AGREE, version)
    if move is None:
        return exchange
    check_schools(session, exchange.provider_urn, exchange.receiver_urn)
    try:
        hold = Book(session).hold(
            account_code(exchange.receiver_urn),
            account_code(exchange.provider_urn),
            exchange.minutes,
            key=f"{exchange.reference}:hold",
            kind="exchange",
            memo=exchange.title,
            actor=acting.actor,
            reference=exchange.reference,
        )
    except LimitExceeded as error:
        raise _beyond_limit(session, exchange, acting, error) from error
    except AccountNotOpen as error:
        raise _not_open(session, exchange, error) from error
    except LedgerError as error:
        raise Problem(str(error)) from error
    exchange.hold_id = hold.id
    take(session, acting, exchange, move, exchange.provider_urn)
    return exchange


def decline(
    session: Session, acting: Acting, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Decline a proposal of the other school.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
    """
    said = Said(_short(reason))
    move = find_legal_move(session, acting, exchange, Step.DECLINE, version, said)
    if move is not None:
        take(session, acting, exchange, move, None, said)
    return exchange


def cancel(
    session: Session, acting: Acting, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Cancel: held credits are the receiver's to use again.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
    """
    said = Said(_short(reason))
    move = find_legal_move(session, acting, exchange, Step.CANCEL, version, said)
    if move is None:
        return exchange
    if exchange.hold_id is not None:
        # A hold that has come to its end another way holds nothing any more.
        with suppress(AlreadyVoided, HoldExpired):
            Book(session).void(
                exchange.hold_id,
                key=f"{exchange.reference}:void",
                actor=acting.actor,
                memo=said.text,
            )
    take(session, acting, exchange, move, None, said)
    return exchange


def deliver(
    session: Session,
    acting: Acting,
    exchange: Exchange,
    *,
    minutes: int,
    on_date: date,
    note: str,
    policy: Policy,
    version: int,
) -> Exchange:
    """Say the help was given: ``minutes`` of what was agreed, on ``on_date``.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
        Problem: for more than agreed, no whole steps, or a day that has not come yet.
    """
    said = Said(_short(note, field="note"), minutes, on_date)
    move = find_legal_move(session, acting, exchange, Step.DELIVER, version, said)
    if move is None:
        return exchange
    check_minutes(minutes, policy)
    if minutes > exchange.minutes:
        raise Problem(
            f"{credits(exchange.minutes)} were agreed and are held, so no more than that can be"
            " delivered. Propose a further exchange for the rest.",
            field="minutes",
        )
    if on_date > today():
        raise Problem("That day has not come yet.", field="on_date")
    if on_date < exchange.created_at.date() - timedelta(days=366):
        raise Problem("That day is long before the proposal. Check the year.", field="on_date")
    exchange.delivered_minutes = minutes
    exchange.delivered_on = on_date
    take(session, acting, exchange, move, exchange.receiver_urn, said)
    return exchange


def send_back(
    session: Session, acting: Acting, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Say what was delivered is not as stated; the provider states it again.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
        Problem: without a reason.
    """
    said = Said(_short(reason))
    move = find_legal_move(session, acting, exchange, Step.SEND_BACK, version, said)
    if move is None:
        return exchange
    if not said.text:
        raise Problem("Say what is not right, so that it can be put right.", field="reason")
    exchange.delivered_minutes = None
    exchange.delivered_on = None
    take(session, acting, exchange, move, exchange.provider_urn, said)
    return exchange


def confirm(session: Session, acting: Acting, exchange: Exchange, *, version: int) -> Exchange:
    """Confirm what was delivered: the hold is settled and the credits move.

    Raises:
        Stale: if the exchange is no longer as the person saw it.
        Problem: if the ledger cannot settle; it says why.
    """
    move = find_legal_move(session, acting, exchange, Step.CONFIRM, version)
    if move is None:
        return exchange
    assert exchange.hold_id is not None
    assert exchange.delivered_minutes is not None
    try:
        posted = Book(session).settle(
            exchange.hold_id,
            exchange.delivered_minutes,
            key=f"{exchange.reference}:settle",
            kind="exchange",
            memo=exchange.title,
            actor=acting.actor,
            reference=exchange.reference,
        )
    except (AlreadyVoided, HoldExpired) as error:
        raise Problem(
            "The credits for this are no longer held, so they cannot move. Send it back, and"
            " propose the exchange anew."
        ) from error
    except LedgerError as error:
        raise Problem(str(error)) from error
    exchange.transaction_id = posted.id
    take(session, acting, exchange, move, None)
    return exchange


def _short(text: str, *, field: str = "reason") -> str:
    text = text.strip()
    if len(text) > LONGEST_REASON:
        raise Problem("Use at most 1,000 characters.", field=field)
    return text


def _not_open(session: Session, exchange: Exchange, error: AccountNotOpen) -> Problem:
    """The ledger's refusal of an account that is frozen or closed, in the schools' words."""
    receives = error.code == account_code(exchange.receiver_urn)
    school = session.get_one(School, exchange.receiver_urn if receives else exchange.provider_urn)
    return Problem(
        f"The account of {school.name} is {error.status}, so no credits can be held with it. Ask"
        " the network’s operator why."
    )


def _beyond_limit(
    session: Session, exchange: Exchange, acting: Acting, error: LimitExceeded
) -> Problem:
    """The ledger's refusal, in the schools' words."""
    concerned = exchange.receiver_urn if error.limit == "floor" else exchange.provider_urn
    school = session.get_one(School, concerned)
    whose = "Your school" if concerned == acting.urn else school.name
    if error.limit == "ceiling":
        return Problem(
            f"{whose} may not collect so many credits: there is room for"
            f" {credits(error.available)} and {credits(error.needed)} are needed."
        )
    return Problem(
        f"{whose} has {credits(max(error.available, 0))} available and this needs"
        f" {credits(error.needed)}, so it cannot be agreed yet. Agree fewer hours, or wait until"
        " credits have been earned."
    )
