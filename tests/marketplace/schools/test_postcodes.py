"""Where a postcode is, or a part of one, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from marketplace.schools.importing import import_register
from marketplace.schools.postcodes import position_of_postcode
from tests.marketplace.schools.register_files import register_zip, row, school_csv

PLACES = {
    "M6 8QQ": (380_000, 398_000),
    "M6 7AA": (382_000, 398_000),
    "M60 1AA": (100_000, 100_000),
    "B77 1AB": (421_000, 303_000),
    "B77 1XY": (423_000, 305_000),
    "B77 5AB": (500_000, 400_000),
    "B90 3DA": (411_000, 279_000),
    "B7 7AB": (409_000, 288_000),
    "CV34 6AA": (428_000, 265_000),
    "CV34 7AA": (430_000, 267_000),
}


@pytest.fixture
def schools(session: Session, tmp_path: Path) -> Session:
    """A session on a database with a school at each of ``PLACES``."""
    rows = [
        row(100_001 + number, Postcode=postcode, Easting=str(east), Northing=str(north))
        for number, (postcode, (east, north)) in enumerate(PLACES.items())
    ]
    nowhere = row(200_001, Postcode="B90 4AA", Easting="", Northing="")
    import_register(session, register_zip(tmp_path / "r.zip", school_csv(*rows, nowhere)))
    return session


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("m6 8qq", (380_000, 398_000)),
        (" M68QQ ", (380_000, 398_000)),
        ("M6", (381_000, 398_000)),
        ("M6 9ZZ", (381_000, 398_000)),
        ("M60", (100_000, 100_000)),
        ("M6 0", (381_000, 398_000)),
        ("B77 1", (422_000, 304_000)),
        ("b771", (422_000, 304_000)),
        ("B77 1A", (422_000, 304_000)),
        ("B77 1ZZ", (422_000, 304_000)),
        ("b90 3", (411_000, 279_000)),
        ("b90 4", (411_000, 279_000)),
        ("B7 7", (409_000, 288_000)),
        ("cv34-7", (430_000, 267_000)),
        ("CV347", (430_000, 267_000)),
        ("CV34 9", (429_000, 266_000)),
    ],
)
def test_a_place_is_the_middle_of_a_postcode_or_its_part(
    schools: Session, typed: str, place: tuple[int, int]
) -> None:
    assert position_of_postcode(schools, typed) == place


@pytest.mark.parametrize(
    "typed",
    ["", " ", "ZZ99", "ZZ9 1", "%", "née", "B%", "_", "B77 1%A", "Q", "6", "B77 1AB 2", "school"],
)
def test_what_is_nowhere_has_no_place(schools: Session, typed: str) -> None:
    assert position_of_postcode(schools, typed) is None
