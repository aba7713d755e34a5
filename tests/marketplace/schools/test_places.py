"""Where a place is that a person names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.schools.places import Place, find_place
from marketplace.schools.regions import region_of
from marketplace.schools.word_index import index_schools
from tests.marketplace.factories import saved
from tests.marketplace.schools.factories import LocalAuthorityFactory, SchoolFactory


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        derby = LocalAuthorityFactory(code="831", name="Derby")
        hull = LocalAuthorityFactory(code="810", name="Kingston upon Hull, City of")
        wight = LocalAuthorityFactory(code="921", name="Isle of Wight")
        at = {"easting": 435_000, "northing": 336_000}
        schools = [
            SchoolFactory(
                name="Zebra Lane School", town="Newport", local_authority=derby, postcode="B90 3AB",
                **at,
            ),
            SchoolFactory(town="Newport", local_authority=wight, easting=450_000, northing=89_000),
            SchoolFactory(town="Newport", local_authority=wight, easting=450_200, northing=89_200),
            SchoolFactory(
                town=None, county="Holderness", local_authority=hull, easting=509_000,
                northing=429_000,
            ),
        ]  # fmt: skip
        index_schools(session, [school.urn for school in schools])
        yield session


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("B90 3AB", (435_000, 336_000)),
        ("b90 3", (435_000, 336_000)),
        ("B90", (435_000, 336_000)),
        ("b", (435_000, 336_000)),
        ("Derby", (435_000, 336_000)),
        ("  dERBY ", (435_000, 336_000)),
        ("newport", (450_100, 89_100)),
        ("Hull", (509_000, 429_000)),
        ("Derby, East Midlands", (435_000, 336_000)),
        ("the City of Derby", (435_000, 336_000)),
        ("holderness", (509_000, 429_000)),
        ("Derby City", (435_000, 336_000)),
        ("derby city council", (435_000, 336_000)),
        ("Zebra Lane School", (435_000, 336_000)),
        ("our school", (1, 2)),
    ],
)
def test_a_place_is_found_by_any_name_it_has(
    session: Session, typed: str, position: tuple[int, int]
) -> None:
    place = find_place(session, typed, (1, 2))
    assert place is not None
    assert place.position == position


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("North West", "North West"),
        ("the north-west", "North West"),
        ("North West England", "North West"),
        ("southeast", "South East"),
        ("yorkshire & humber", "Yorkshire and the Humber"),
        ("East of England", "East of England"),
        ("London region", "London"),
        ("London", None),
        ("east", None),
        ("Yorkshire", None),
        ("", None),
    ],
)
def test_a_region_is_known_as_people_write_it(typed: str, region: str | None) -> None:
    assert region_of(typed) == region


def test_a_region_has_the_middle_of_its_schools(session: Session) -> None:
    for east in (300_000, 400_000):
        SchoolFactory(region="South West", easting=east, northing=400_000)
    SchoolFactory(region="South West", easting=1, northing=1, status="closed")
    place = find_place(session, "the south west")
    assert place == Place("the South West", (350_000, 400_000), "South West")
    assert find_place(session, "North East") is None


def test_a_place_is_named_once_and_not_in_capitals(session: Session) -> None:
    at = {"easting": 400_000, "northing": 300_000}
    schools = [
        SchoolFactory(name="Rook School, Leicester", town="LEICESTER", **at),
        SchoolFactory(name="Crow School", town="LEICESTER", **at),
    ]
    index_schools(session, [school.urn for school in schools])
    assert find_place(session, "leicester") == Place("Leicester", (400_000, 300_000))
    assert find_place(session, "Rook School") == Place("Rook School, Leicester", (400_000, 300_000))
    assert find_place(session, "Crow School") == Place("Crow School, Leicester", (400_000, 300_000))


def test_a_part_of_a_postcode_is_meant_before_a_school_that_is_near_it(session: Session) -> None:
    fuel = SchoolFactory(
        name="FUEL", postcode="NG1 1AA", town=None, easting=457_000, northing=340_000
    )
    SchoolFactory(name="NG Academy", postcode="NG2 6FF", easting=459_000, northing=342_000)
    index_schools(session, [fuel.urn])
    assert find_place(session, "ng") == Place("NG", (458_000, 341_000))
    assert find_place(session, "NG2 6F") == Place("NG2 6F", (459_000, 342_000))


@pytest.mark.parametrize("typed", ["Atlantis", "ZZ99", "%", "_____", "😀", "x" * 500])
def test_a_place_that_nobody_knows_is_none(session: Session, typed: str) -> None:
    assert find_place(session, typed, (1, 2)) is None
    assert find_place(session, "our school") is None
