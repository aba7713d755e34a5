"""Reading what somebody has chosen to ask about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.conversations.models import Enquiry
from marketplace.listings.models import Listing
from marketplace.search.criteria import SearchResult
from marketplace.search.rows import read_results


@dataclass(frozen=True, slots=True)
class Chosen:
    """A listing that was chosen, and the conversation that the school has about it already."""

    result: SearchResult
    enquiry_id: int | None


def read_chosen(session: Session, actor: Actor, listing_ids: Sequence[int]) -> list[Chosen]:
    """Return those of these listings that are open and ``actor`` may see, in this order."""
    found = read_results(session, listing_ids, actor.position, visible_to(actor, Listing))
    if not found:
        return []
    enquiries: dict[int, int] = dict(
        session.execute(
            sa.select(Enquiry.listing_id, Enquiry.id).where(
                Enquiry.asking_urn == actor.school(), Enquiry.listing_id.in_(listing_ids)
            )
        ).all()
    )
    return [Chosen(result, enquiries.get(result.id)) for result in found]
