"""A postcode, or a part of one, among the words of a search is a place."""

from __future__ import annotations

import pytest

from marketplace.schools.places import Place
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.understanding import understand
from tests.benchmarks.search.labelled import engine_of, offers

DISTRICTS = ("NG2", "LE11", "B90", "S1", "L2", "M6")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_of(offers(), tmp_path_factory.mktemp("index"))


def postcode_of(postcode: str) -> Place | None:
    """A register with schools in a few districts."""
    if " ".join(postcode.split()[1:]).isalpha() or postcode.split()[0] not in DISTRICTS:
        return None
    return Place(postcode, (450_000, 340_000))


def found(engine: Engine, text: str) -> list[int]:
    understood = understand(engine, text, postcode_of=postcode_of)
    return [hit.id for hit in engine.best(understood.query, Filters())]


@pytest.mark.parametrize(
    ("typed", "place", "same"),
    [
        *(("NG2 6FF", "NG2 6FF", ""), ("NG2", "NG2", ""), ("le11", "LE11", "")),
        *(("ng26ff", "NG2 6FF", ""), ("NG2 6", "NG2 6", ""), ("B903", "B90 3", "")),
        *(("phonics LE11", "LE11", "phonics"), ("ng2 phonics", "NG2", "phonics")),
        *(("phonics  ng2  6ff", "NG2 6FF", "phonics"), ("Year 6 maths S1", "S1", "Year 6 maths")),
        ("Year 6 NG2 6", "NG2 6", "Year 6"),
    ],
)
def test_a_postcode_is_a_place_and_no_word(
    engine: Engine, typed: str, place: str, same: str
) -> None:
    understood = understand(engine, typed, postcode_of=postcode_of)
    assert understood.around is not None
    assert understood.around.name.replace(" ", "") == place.replace(" ", "")
    assert understood.postcode
    assert understood.ignored == ()
    assert not understood.says_nothing
    assert set(found(engine, typed)) == set(found(engine, same))


@pytest.mark.parametrize(
    ("typed", "place"), [("phonics near B90 3", "B90 3"), ("within 5 miles of ng2 phonics", "ng2")]
)
def test_a_postcode_is_where_a_search_says_near(engine: Engine, typed: str, place: str) -> None:
    understood = understand(engine, typed, postcode_of=lambda one: postcode_of(one.upper()))
    assert understood.around == Place(place.upper(), (450_000, 340_000))
    assert set(found(engine, "phonics")) == {
        hit.id for hit in engine.best(understood.query, Filters())
    }


@pytest.mark.parametrize(
    "typed", ["KS2", "Y6", "Year 6", "Y6 1st term", "E2", "yr10", "F2", "T4W", "P4C", "WW2", "CO2"]
)
def test_what_schools_call_a_thing_is_no_postcode(engine: Engine, typed: str) -> None:
    asked: list[str] = []
    understood = understand(
        engine, typed, postcode_of=lambda one: asked.append(one) if one != "E2" else None
    )
    assert asked == []
    assert (understood.around, understood.unknown_postcode) == (None, "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("phonics ZZ9 9ZZ", "ZZ9 9ZZ"), ("SW19 phonics", "SW19"), ("phonics sw1a 1aa", "SW1A 1AA")],
)
def test_an_unknown_postcode_is_said_and_left_out(engine: Engine, typed: str, said: str) -> None:
    understood = understand(engine, typed, postcode_of=postcode_of)
    assert understood.around is None
    assert understood.unknown_postcode == said
    assert understood.ignored == ()
    assert found(engine, typed) == found(engine, "phonics")


def test_it_can_be_searched_for_as_a_word(engine: Engine) -> None:
    understood = understand(engine, "phonics NG2", exactly=True, postcode_of=postcode_of)
    assert (understood.around, understood.ignored) == (None, ("ng2",))
