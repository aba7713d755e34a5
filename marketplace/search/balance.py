"""Among offers that fit about equally, those first whose school has most room to earn.

What this tells a searcher about another school is an order among a few coarse bands (see
``credits.room``), and only where offers fit about equally. No figure can be read from it: a band is
a quarter of the way between limits that others do not know. The reason is shown only beside what
was moved up, so that its absence says nothing. The searcher’s own school always counts as in the
middle, so that its known balance is no measure for those around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.credits.room import BANDS, band_of
from marketplace.database import is_one_of
from marketplace.listings.models import Listing
from marketplace.search.filters import Hit
from marketplace.search.ranking import NAMED_PHASE, WITH_ALL
from marketplace.settings import Policy, current_policy

ABOUT_EQUAL = 0.05
"""Two offers fit about equally if the scores of their words differ by less than this share."""
BLOCK = 60
"""Among how many of the best hits in a row the order is changed: three pages."""
MIDDLE = BANDS // 2


def in_balance(
    session: Session, actor: Actor, hits: Sequence[Hit]
) -> tuple[list[Hit], frozenset[int]]:
    """Return ``hits``, best first, in their new order, and the listings that were moved up.

    The bands of all schools are one statement.
    """
    rows = session.execute(_bands(current_policy()), {"ids": [hit.id for hit in hits]})
    bands = {number: MIDDLE if urn == actor.urn else band or 0 for number, urn, band in rows}
    order = by_room(hits, bands)
    before = {hit.id: place for place, hit in enumerate(hits)}
    moved = (
        hit.id for place, hit in enumerate(order) if place < before[hit.id] and bands.get(hit.id)
    )
    return order, frozenset(moved)


@lru_cache(maxsize=10)
def _bands(policy: Policy) -> sa.Select[Any]:
    """The statement, put together once: that takes longer than to ask it."""
    band = band_of(Listing.school_urn, policy)
    return sa.select(Listing.id, Listing.school_urn, band).where(is_one_of(Listing.id, "ids"))


def by_room(hits: Sequence[Hit], bands: Mapping[int, int]) -> list[Hit]:
    """Return ``hits`` in an order in which room makes up for at most ``ABOUT_EQUAL`` of the fit."""

    # A little less than the rank of what has every word, and of what is for a phase that was named.
    whole, phase = WITH_ALL * 0.9, NAMED_PHASE * 0.9

    def rank(hit: Hit) -> tuple[bool, bool, float, int]:
        # All listings with every word of the search stand above those with some of them, and of
        # each of these, those for a phase that was named above the others.
        fit = -hit.rank
        some_words = fit < whole
        fit -= 0 if some_words else WITH_ALL
        other_phase = fit < phase
        fit -= 0 if other_phase else NAMED_PHASE
        better = fit * ABOUT_EQUAL * bands.get(hit.id, 0) / BANDS
        return some_words, other_phase, -fit - better, -hit.id

    return sorted(hits, key=rank)
