"""What the order by room costs in fit, on the labelled queries of ``tests.benchmarks.search``."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from marketplace.credits.room import BANDS
from marketplace.search.balance import BLOCK, by_room
from marketplace.search.filters import Filters
from marketplace.search.understanding import understand
from tests.benchmarks.search.labelled import Find, engine_of, measure, offers


def least_and_mean_ndcg(folder: Path, draws: int) -> tuple[float, float, float]:
    """Return nDCG@10 by fit alone, and by room the least and the mean over draws of balances."""
    listings = offers()
    engine = engine_of(listings, folder)

    def find_by(bands: dict[int, int]) -> Find:
        def find(text: str) -> Sequence[int]:
            hits = engine.best(understand(engine, text).query, Filters())
            return [hit.id for hit in [*by_room(hits[:BLOCK], bands), *hits[BLOCK:]]]

        return find

    before = measure(find_by({}), listings).ndcg
    after = []
    for seed in range(draws):
        rng = random.Random(seed)
        bands = {place: rng.randint(0, BANDS) for place in range(len(listings))}
        after.append(measure(find_by(bands), listings).ndcg)
    return before, min(after), sum(after) / len(after)
