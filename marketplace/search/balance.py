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
from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace import clock
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
KEY = "skillbank.search.bands"
KEPT_FOR = 300
"""For so many seconds a band that was read is taken to be as it was: it is coarse anyhow."""
MOST_KEPT = 50_000


def in_balance(
    session: Session, actor: Actor, hits: Sequence[Hit]
) -> tuple[list[Hit], frozenset[int]]:
    """Return ``hits``, best first, in their new order, and the listings that were moved up.

    The bands of all schools are one statement, for those that were not read within ``KEPT_FOR``.
    """
    known = _read_bands(session, [hit.id for hit in hits])
    bands = {number: MIDDLE if urn == actor.urn else band for number, (urn, band) in known.items()}
    order = by_room(hits, bands)
    before = {hit.id: place for place, hit in enumerate(hits)}
    moved = (
        hit.id for place, hit in enumerate(order) if place < before[hit.id] and bands.get(hit.id)
    )
    return order, frozenset(moved)


class KeptBands:
    """The bands of schools by the numbers of their listings, as they were read last."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._period: object = None
        self._bands: dict[int, tuple[int, int]] = {}

    def of(self, period: object) -> dict[int, tuple[int, int]]:
        """Return what is known in ``period``; what was known of another one is forgotten."""
        if period != self._period or len(self._bands) > MOST_KEPT:
            self._period, self._bands = period, {}
        return self._bands


def _read_bands(session: Session, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the school of each listing and its band, which is as it was some minutes ago."""
    policy = current_policy()
    kept: KeptBands = current_app.extensions[KEY]
    bands = kept.of((policy, int(clock.now().timestamp() // KEPT_FOR)))
    if unknown := [number for number in numbers if number not in bands]:
        rows = session.execute(_bands(policy), {"ids": unknown})
        bands |= {number: (urn, band or 0) for number, urn, band in rows}
    return {number: bands[number] for number in numbers if number in bands}


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


def init_app(app: Flask) -> None:
    """Let ``app`` keep the bands of schools for a while."""
    app.extensions[KEY] = KeptBands()
