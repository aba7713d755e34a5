"""A network over many rounds: needs are skewed, some schools are popular, credits go round.

In each round one school needs help with a topic. It looks at the first offers of a search and asks
one of them, the higher the likelier. Nobody can ask whose balance would pass the credit limit.
Offers fit in grades, with small differences that say little: among those of one grade the popular
come first, which more colleagues know. With ``balanced`` the order is the product’s own,
``search.balance.by_room``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from marketplace.credits.room import BANDS
from marketplace.search.balance import by_room
from marketplace.search.filters import Hit

LIMIT, GRANT, UPPER = 600, 600, 1200
COST = 120
GRADES = (12.0, 9.0, 6.0)
"""The scores of offers that fit very well, well and somewhat."""
NOISE = 0.04
"""By what share of the score offers of one grade differ, the popular standing first."""
SHOWN = 10
OFFERED = 3
"""How many topics each school offers."""
ATTENTION = 0.65
"""How likely the offer below is to be asked, of how likely the one above it is."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the network is, and for how many requests it is looked at."""

    schools: int = 120
    topics: int = 12
    requests: int = 12_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The shares of requests that were met, and of schools that stand at a limit in the end."""

    met: float
    met_late: float
    """Of the second half of the requests, when the joining grants have gone round."""
    at_credit_limit: float
    above_soft_limit: float


def simulate(*, balanced: bool, scale: Scale, seed: int) -> Outcome:
    """Run one network; the same seed has the same schools, needs and chances."""
    rng = random.Random(seed)
    names = range(scale.schools)
    popularity = [1 / (place + 1) ** 0.8 for place in names]
    need = [1 / (place + 1) ** 0.7 for place in names]
    rng.shuffle(need)
    wanted = [1 / (topic + 1) for topic in range(scale.topics)]
    offers: dict[int, list[tuple[int, float]]] = {topic: [] for topic in range(scale.topics)}
    for school in names:
        # What is needed most is offered most, but not by everybody who needs it.
        for topic in set(rng.choices(range(scale.topics), wanted, k=OFFERED)):
            grade = rng.choices(GRADES, (3, 2, 1))[0]
            offers[topic].append((school, grade * (1 + NOISE * popularity[school])))
    balance = [GRANT] * scale.schools
    met = []
    for _ in range(scale.requests):
        asker = rng.choices(names, need)[0]
        topic = rng.choices(range(scale.topics), wanted)[0]
        luck = rng.random()
        if balance[asker] - COST < -LIMIT:
            met.append(False)
            continue
        hits = sorted(
            (Hit(-round(score * 1000), school) for school, score in offers[topic]),
            key=lambda hit: (hit.rank, -hit.id),
        )
        hits = [hit for hit in hits if hit.id != asker]
        if balanced:
            hits = by_room(hits, {hit.id: band(balance[hit.id]) for hit in hits})
        chosen = _chosen(hits[:SHOWN], luck)
        if chosen is not None:
            balance[asker] -= COST
            balance[chosen] += COST
        met.append(chosen is not None)
    late = met[len(met) // 2 :]
    return Outcome(
        sum(met) / len(met),
        sum(late) / len(late),
        sum(value - COST < -LIMIT for value in balance) / scale.schools,
        sum(value >= UPPER for value in balance) / scale.schools,
    )


def band(balance: int) -> int:
    """Return the band of a balance, as ``credits.room`` does in SQL."""
    if balance >= UPPER:
        return 0
    if balance <= -LIMIT:
        return BANDS
    return 1 + (UPPER - balance - 1) * BANDS // (UPPER + LIMIT)


def _chosen(shown: list[Hit], luck: float) -> int | None:
    """Whom is asked: the first one most likely."""
    weights = [ATTENTION**place for place in range(len(shown))]
    left = luck * sum(weights)
    for hit, weight in zip(shown, weights, strict=True):
        left -= weight
        if left <= 0:
            return hit.id
    return shown[-1].id if shown else None
