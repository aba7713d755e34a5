"""The rule that help is free only within a trust that says so, and keeps its price once agreed.

What is proposed is free or costs credits, as the trust says on that day, and stays so. If the trust
decides otherwise before it is agreed, or a school leaves the trust, it is not agreed any more: the
two schools propose it anew. What is agreed is carried out as it was agreed.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.errors import Refusal
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.within_trust.queries import is_free
from marketplace.schools.models import School


def free_trust_of(session: Session, urn: int, other_urn: int) -> int | None:
    """Return the trust within which two schools help each other for nothing, if there is one."""
    one, other = (session.get_one(School, number) for number in (urn, other_urn))
    return one.trust_id if is_free(session, one.trust_id, other.trust_id) else None


def refuse_other_price(trust_id: int | None, *, free: bool) -> None:
    """Refuse to propose what the person has not seen: help as ``free``, or for credits.

    ``trust_id`` is the trust within which the help is free, if it is.

    Raises:
        Refusal: saying what it costs.
    """
    if trust_id is None and free:
        raise Refusal(
            "Help between your two schools costs credits: it is free only between schools of one"
            " trust that has decided so. Say how many credits it costs.",
            field="minutes",
        )
    if trust_id is not None and not free:
        raise Refusal(
            "Your trust has decided that help between its schools costs nothing, so no credits can"
            " be proposed. Say how many hours it takes.",
            field="minutes",
        )


def why_not_at_its_price(session: Session, exchange: Exchange) -> str:
    """Say why a proposal cannot be agreed at the price it was made at; "" if it can."""
    trust_id = free_trust_of(session, exchange.provider_urn, exchange.receiver_urn)
    if trust_id == exchange.free_trust_id:
        return ""
    if trust_id is None:
        return (
            "This was proposed as free, and help between your two schools is not free any more."
            " Propose it anew, with what it costs."
        )
    if exchange.free_trust_id is None:
        return (
            "This was proposed for credits. Since then your trust has decided that help between"
            " its schools costs nothing. Propose it anew: no credits are asked."
        )
    return "This was proposed as free within another trust. Propose it anew."
