"""Made-up exchanges, in every state."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.disputes.service import answer_dispute, open_dispute
from marketplace.exchanges.lapsing import lapse_exchanges
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import Terms, propose
from marketplace.listings.models import Listing
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import close, joined_school


def terms(**changes: Any) -> Terms:
    """What a proposal says: three credits, in a week, unless told otherwise."""
    said = Terms("A colleague comes for a morning.", 180, today() + timedelta(days=7))
    return replace(said, **changes)


def proposed(acting: Actor, listing: Listing, **changes: Any) -> Exchange:
    """An exchange about ``listing`` that ``acting`` has proposed; ``changes`` to ``terms``."""
    idempotency_key = secrets.token_urlsafe(16)
    return propose(
        db.session(), acting, listing, terms(**changes), Policy(), idempotency_key=idempotency_key
    )


def disputed(acting: Actor, exchange: Exchange, *, minutes: int = 60) -> Dispute:
    """A dispute over ``exchange`` that ``acting`` has just opened, who holds ``minutes`` right."""
    return open_dispute(
        db.session(),
        acting,
        exchange,
        minutes=min(minutes, exchange.minutes),
        text="Our colleague was there for an hour only.",
        version=exchange.version,
    )


def answered_dispute(
    *, giver: Actor | None = None, taker: Actor | None = None, **changes: Any
) -> Dispute:
    """A dispute that ``giver`` has answered, to be decided; without schools between new ones."""
    giver, taker = giver or actor_for(joined_school()), taker or actor_for(joined_school())
    exchange = brought_to(State.DISPUTED, giver, taker, **changes)
    return answer_dispute(
        db.session(),
        giver,
        exchange,
        minutes=exchange.minutes,
        text="She stayed until noon.",
        version=exchange.version,
    )


def stuck_exchange() -> Exchange:
    """An exchange that is delivered, and that the receiver cannot confirm: it has closed."""
    taker = joined_school()
    exchange = brought_to(State.DELIVERED, actor_for(joined_school()), actor_for(taker))
    close(taker)
    return exchange


def spend_all(actor: Actor) -> None:
    """Let a school give all that it can give to a third one."""
    book, third = Book(db.session()), joined_school()
    account = book.account(f"school:{actor.urn}")
    assert account.available is not None
    book.transfer(account.code, f"school:{third.urn}", account.available, key="all", actor="test")


def lapsed(exchange: Exchange) -> Exchange:
    """The exchange, which is agreed or delivered, after its credits were held for long enough."""
    assert exchange.hold_id is not None
    session = db.session()
    Book(session).void(exchange.hold_id, key=f"{exchange.reference}:end", actor="test")
    lapse_exchanges(session, Policy(), session.flush)
    return exchange


def brought_to(
    state: State, owner: Actor, other: Actor, *, topics: tuple[str, ...] = (), **changes: Any
) -> Exchange:
    """An exchange in ``state``: ``owner`` offers and provides, ``other`` proposed and receives."""
    listing = posted(owner, topics=topics) if topics else posted(owner)
    exchange = proposed(other, listing, **changes)
    session = db.session()
    if state == State.DECLINED:
        return service.decline(session, owner, exchange, "Not this term.", version=1)
    if state == State.PROPOSED:
        return exchange
    service.agree(session, owner, exchange, version=1)
    if state == State.CANCELLED:
        return service.cancel(session, other, exchange, "It snows.", version=2)
    if state == State.AGREED:
        return exchange
    if state == State.LAPSED:
        return lapsed(exchange)
    service.deliver(
        session,
        owner,
        exchange,
        minutes=exchange.minutes,
        on_date=today(),
        note="",
        policy=Policy(),
        version=2,
    )
    if state == State.DELIVERED:
        return exchange
    if state == State.DISPUTED:
        disputed(other, exchange)
        return exchange
    return service.confirm(session, other, exchange, version=3)
