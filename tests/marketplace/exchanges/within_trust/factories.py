"""Made-up schools of a trust that has decided what their help costs."""

from __future__ import annotations

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.exchanges.within_trust.service import set_within_trust
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory


def decided(at: Actor, *, free: bool) -> None:
    """Let the trust of the school of ``at`` decide whether its own help is free."""
    assert at.trust_id is not None
    set_within_trust(db.session(), trust_administrator(at.trust_id, at), free=free)


def sisters() -> tuple[Actor, Actor]:
    """Two schools that help each other for nothing: who gives, and who takes."""
    trust = TrustFactory(name="HARBOUR LEARNING TRUST")
    giver = actor_for(joined_school(name="Giver School", trust=trust))
    taker = actor_for(joined_school(name="Taker School", trust=trust))
    decided(giver, free=True)
    return giver, taker
