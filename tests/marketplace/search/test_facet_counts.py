"""The counts beside filters: each as if its own filter were another."""

import random
from collections.abc import Iterator
from itertools import product

import pytest
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.search.criteria import SearchCriteria
from marketplace.search.filters import Whose
from marketplace.search.queries import search
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

TOPICS, PHASES, MODES = (
    ("phonics", "reading", "music"),
    ("ks1", "ks2", "ks3"),
    ("online", "on_site"),
)
KINDS = ("offer", "request")
FIELDS = {"kind": "kind", "topic": "topics", "phase": "phases", "mode": "mode"}


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


@pytest.mark.parametrize("words", ["", "help"])
def test_a_count_is_what_would_be_found(session: Session, words: str) -> None:
    dice = random.Random(7)
    owner, looking = actor_for(joined_school()), actor_for(joined_school())
    listings = []
    for number in range(40):
        facts = {
            "kind": (dice.choice(KINDS),),
            "topic": tuple(sorted(dice.sample(TOPICS, dice.randint(1, 3)))),
            "phase": tuple(sorted(dice.sample(PHASES, dice.randint(1, 2)))),
            "mode": (dice.choice(MODES),),
        }
        listings.append(facts)
        posted(
            owner,
            title=f"Help number {number}",
            kind=facts["kind"][0],
            topics=facts["topic"],
            phases=facts["phase"],
            mode=facts["mode"][0],
        )
    indexed(session)
    topics, phases, modes = ([(), values[:1], values[:2]] for values in (TOPICS, PHASES, MODES))
    for topic, phase, mode, kind in product(topics, phases, modes, ("", *KINDS)):
        chosen = {"topic": topic, "phase": phase, "mode": mode, "kind": (kind,) if kind else ()}
        criteria = SearchCriteria(
            words=words, whose=Whose.OTHERS, topic=topic, phase=phase, mode=mode, kind=kind
        )
        found = search(session, looking, criteria)
        for name, values in {
            "kind": KINDS,
            "topic": TOPICS,
            "phase": PHASES,
            "mode": MODES,
        }.items():
            expected = {
                value: sum(
                    all(
                        set(one) & set(facts[other])
                        for other, one in {**chosen, name: (value,)}.items()
                        if one
                    )
                    for facts in listings
                )
                for value in values
            }
            assert {value: found.facets[FIELDS[name]][value] for value in values} == expected, (
                name,
                chosen,
            )
        assert found.count == sum(
            all(set(one) & set(facts[other]) for other, one in chosen.items() if one)
            for facts in listings
        )
