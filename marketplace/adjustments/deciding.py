"""Who decides an adjustment: not who proposed it, and nobody who works at a school concerned."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.adjustments.models import Adjustment
from marketplace.errors import NotAllowed
from marketplace.network.two_people import why_not_decide


def why_not_decided_by(session: Session, actor: Actor, adjustment: Adjustment) -> str:
    """Say why ``actor`` may not approve or refuse ``adjustment``, and who may; "" if they may."""
    urns = (adjustment.school_urn, adjustment.other_urn)
    return why_not_decide(session, actor, adjustment.proposed_by_id, urns)


def refuse_decision(session: Session, actor: Actor, adjustment: Adjustment) -> None:
    """Refuse that ``actor`` approves or refuses ``adjustment``.

    Raises:
        NotAllowed: saying who may.
    """
    if why_not := why_not_decided_by(session, actor, adjustment):
        raise NotAllowed(why_not)
