"""Names of places while one types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.schools.place_names import PlaceName, place_names
from marketplace.schools.places import find_place
from marketplace.schools.word_index import index_schools
from tests.marketplace.factories import saved
from tests.marketplace.schools.factories import LocalAuthorityFactory, SchoolFactory


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        authority = LocalAuthorityFactory(code="892", name="Nottingham")
        schools = [
            SchoolFactory(name="Hill School", town="Nottingham", postcode="NG2 6FF"),
            SchoolFactory(name="Nottage Primary", town="Nottingham", postcode="NG2 6AA"),
            SchoolFactory(name="Abbey School", town="Bury St Edmunds", postcode="IP33 1AB"),
            SchoolFactory(town="Nottington", status="closed", local_authority=authority),
        ]
        index_schools(session, [school.urn for school in schools])
        yield session


def names(session: Session, typed: str) -> list[tuple[str, str]]:
    return [(one.name, one.kind) for one in place_names(session, typed)]


def test_regions_that_begin_so(session: Session) -> None:
    assert names(session, "the north") == [("North East", "Region"), ("North West", "Region")]


def test_towns_authorities_and_schools_that_begin_so(session: Session) -> None:
    assert names(session, "nott")[0] == ("Nottingham", "Place with 2 schools")
    assert "Nottington" not in dict(names(session, "nott"))
    assert ("Nottage Primary", "School, Nottingham") in names(session, " NOTTA ")
    assert names(session, "bury st e")[0][0] == "Bury St Edmunds"
    assert names(session, "salf")[0] == ("Salford", "Authority")


def test_postcodes_that_begin_so(session: Session) -> None:
    assert names(session, "ng2 6") == [
        ("NG2 6", "Postcode"),
        ("NG2 6AA", "Postcode"),
        ("NG2 6FF", "Postcode"),
    ]


def test_every_suggestion_is_a_place_that_is_found(session: Session) -> None:
    for typed in ("nott", "bury", "ng2", "abbey"):
        found = place_names(session, typed)
        assert found
        assert all(find_place(session, one.name) is not None for one in found), typed


@pytest.mark.parametrize(
    "typed", ["", "n", "%", "__", "🦄🦄", "語音", "x" * 10_000, "\\\\", "' OR 1"]
)
def test_what_is_no_beginning_has_no_names(session: Session, typed: str) -> None:
    assert place_names(session, typed) == []


def test_schools_of_one_name_have_their_urn(session: Session) -> None:
    assert (
        PlaceName("Abbey School", "School, Bury St Edmunds", 0)
        != place_names(session, "abbey school")[0]
    )
    assert place_names(session, "abbey school")[0].urn
