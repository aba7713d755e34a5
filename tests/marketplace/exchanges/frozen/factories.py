"""Made-up payments with frozen accounts."""

from __future__ import annotations

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from tests.ledger.keys import new_key
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.network.factories import joined_school


def frozen_delivery(giver: Actor | None = None, taker: Actor | None = None) -> Exchange:
    """An exchange that is delivered, and the giver's account has been frozen since."""
    giver, taker = giver or actor_for(joined_school()), taker or actor_for(joined_school())
    exchange = brought_to(State.DELIVERED, giver, taker, minutes=15)
    Book(db.session()).freeze(
        f"school:{giver.urn}", key=new_key(), actor="person:1", memo="an enquiry"
    )
    return exchange
