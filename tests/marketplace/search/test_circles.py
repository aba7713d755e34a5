"""Who is within a distance, exactly: compared with Pythagoras for many schools."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.search.criteria import SearchCriteria
from marketplace.search.queries import search
from marketplace.web.formats import METRES_PER_MILE
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

MIDDLE = (450_000, 300_000)


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


@pytest.fixture
def looking(session: Session) -> Actor:
    return actor_for(joined_school())


def test_the_circle_is_exact_and_the_nearest_come_in_order(
    session: Session, looking: Actor
) -> None:
    # The same places each time, more of them about the edge.
    chance = random.Random(20261127)
    radius = 10 * METRES_PER_MILE
    metres = {}
    for number in range(60):
        away = radius * (chance.uniform(0.97, 1.03) if number % 2 else chance.uniform(0, 1.6))
        angle = chance.uniform(0, 2 * math.pi)
        east, north = (
            round(MIDDLE[0] + away * math.cos(angle)),
            round(MIDDLE[1] + away * math.sin(angle)),
        )
        school = joined_school(easting=east, northing=north)
        metres[posted(actor_for(school)).id] = math.dist((east, north), MIDDLE)
    posted(actor_for(joined_school(easting=None, northing=None)))
    indexed(session)
    inside = {number for number, away in metres.items() if away <= radius}
    found: list[int] = []
    after = ""
    while True:
        results = search(
            session,
            looking,
            SearchCriteria(position=MIDDLE, within_miles=10, sort="nearest"),
            after=after,
        )
        assert results.count == len(inside)
        found += [row.id for row in results.page.rows]
        if results.page.next is None:
            break
        after = results.page.next
    assert set(found) == inside
    assert [metres[number] for number in found] == sorted(metres[number] for number in found)


def test_the_nearest_do_not_stop_at_a_ring(session: Session, looking: Actor) -> None:
    """What is in a corner of a square is farther away than what is beside the square."""
    places = {"corner": (2_400, 2_400), "beside": (2_600, 0), "near": (100, 0)}
    for name, (east, north) in places.items():
        school = joined_school(easting=MIDDLE[0] + east, northing=MIDDLE[1] + north)
        posted(actor_for(school), title=name)
    indexed(session)
    results = search(session, looking, SearchCriteria(position=MIDDLE, sort="nearest"))
    assert [row.title for row in results.page.rows] == ["near", "beside", "corner"]
