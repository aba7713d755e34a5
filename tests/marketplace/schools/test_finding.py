"""Finding a school by what people type."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.demo.commands import REGISTER
from marketplace.outbox.schedule import get_schedule
from marketplace.schools.facts import Status
from marketplace.schools.finding import find_schools
from marketplace.schools.importing import import_register
from marketplace.schools.models import School, SchoolWord
from marketplace.schools.name_words import name_words
from marketplace.schools.word_index import index_schools, schools_without_words
from tests.databases import Databases
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.schools.factories import LocalAuthorityFactory, SchoolFactory
from tests.marketplace.schools.mangling import mangled
from tests.marketplace.schools.register_files import row, school_csv

SCHOOLS = {
    "st mary": ("St. Mary's Catholic Voluntary Academy", "Derby", "DE22 1AU"),
    "st mary ce": ("St Mary's C of E (VC) Primary School", "Slough", "SL1 2AR"),
    "widmerpool": (
        "Blessed Robert Widmerpool Catholic Primary and Nursery School",
        "Nottingham",
        "NG11 9BH",
    ),
    "peter paul": ("SS Peter & Paul Church of England Infant School", "Nottingham", "NG2 6TH"),
    "godwin": ("J H Godwin Primary School", "Chester", "CH1 5JG"),
    "leon": ("École Saint-Léon", "London", "SW7 2AA"),
    "highfield": ("Highfield Junior School", "Nottingham", "NG2 6BP"),
    "broad oak": ("Broad Oak Primary School", "Manchester", "M31 4BU"),
    "stoke": ("Stoke-on-Trent Sixth Form College", "Stoke", "ST4 2RU"),
    "all saints": ("All Saints' Church of England First School", "Otley", "LS21 1DF"),
    "six": ("The Academy", "Sunderland", "SR4 9BA"),
}


@pytest.fixture
def urns(session: Session) -> dict[str, int]:
    """The number of each of ``SCHOOLS``, which can be found."""
    schools = {
        key: SchoolFactory(name=name, town=town, postcode=postcode)
        for key, (name, town, postcode) in SCHOOLS.items()
    }
    index_schools(session, [school.urn for school in schools.values()])
    return {key: school.urn for key, school in schools.items()}


def found(session: Session, urns: dict[str, int], text: str) -> list[str]:
    keys = {urn: key for key, urn in urns.items()}
    return [keys[school.urn] for school in find_schools(session, text, limit=20).schools]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("st marys derby", ["st mary"]),
        ("DERBY saint mary", ["st mary"]),
        ("Saint Mary’s Roman Catholic VA", ["st mary", "st mary ce"]),
        ("st mary's cofe primary", ["st mary ce", "st mary"]),
        ("St. Marys C.E. Pri Sch", ["st mary ce", "st mary"]),
        ("st marys church of eng", ["st mary ce", "st mary"]),
        ("blessed robert", ["widmerpool"]),
        ("widmerpool rc", ["widmerpool"]),
        ("B R Widmerpool", ["widmerpool"]),
        ("saints peter and paul", ["peter paul"]),
        ("st peter & st paul c of e inf", ["peter paul"]),
        ("paul peter ss", ["peter paul"]),
        ("jh godwin", ["godwin"]),
        ("J.H. Godwin", ["godwin"]),
        ("godwin", ["godwin"]),
        ("ecole st leon", ["leon"]),
        ("École Léon", ["leon"]),
        ("highfield jnr", ["highfield"]),
        ("high field nottingham", ["highfield"]),
        ("god win", ["godwin"]),
        ("stoke on trent 6th form", ["stoke"]),
        ("stoke trent", ["stoke"]),
        ("all saints otley", ["all saints"]),
        ("widmer", ["widmerpool"]),
        ("nott", ["highfield", "peter paul", "widmerpool"]),
        ("ng11", ["widmerpool"]),
        ("NG2", ["highfield", "peter paul"]),
        ("ng2 6", ["highfield", "peter paul"]),
        ("NG2 6BP", ["highfield"]),
        ("ng26bp", ["highfield"]),
        ("highfield ng2", ["highfield"]),
        ("the academy", ["six", "st mary"]),
    ],
)
def test_a_school_is_found_as_people_type_it(
    session: Session, urns: dict[str, int], text: str, expected: list[str]
) -> None:
    result = find_schools(session, text, limit=20)
    assert not result.is_close
    assert sorted(found(session, urns, text)) == sorted(expected)
    assert found(session, urns, text)[0] == expected[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("widmerpol", "widmerpool"),
        ("Hihgfield nottingham", "highfield"),
        ("st marrys derby", "st mary"),
        ("st marys chuurch of england slough", "st mary ce"),
        ("broadoak", "broad oak"),
        ("blessed robert wolfrington", "widmerpool"),
        ("highfield derby", "highfield"),
    ],
)
def test_a_typing_mistake_finds_what_is_close_and_says_so(
    session: Session, urns: dict[str, int], text: str, expected: str
) -> None:
    result = find_schools(session, text, limit=20)
    assert result.is_close
    assert expected in found(session, urns, text)


@pytest.mark.parametrize("text", ["", "  ", "s", "'&.", "the", "\x00", "🙂", "%", "_"])
def test_what_says_nothing_finds_nothing_and_asks_for_more(
    session: Session, urns: dict[str, int], text: str
) -> None:
    result = find_schools(session, text, limit=20)
    assert (result.schools, result.nothing_typed) == ((), True)


@pytest.mark.parametrize("text", ["qqqqqqq", "999999", "xx99", "zz zz zz", "a" * 3000])
def test_what_no_school_has_finds_nothing(
    session: Session, urns: dict[str, int], text: str
) -> None:
    result = find_schools(session, text, limit=20)
    assert (result.schools, result.nothing_typed) == ((), False)


def test_a_school_is_found_by_its_number(session: Session, urns: dict[str, int]) -> None:
    assert found(session, urns, f" {urns['leon']} ") == ["leon"]


def test_exact_names_come_first_then_those_that_begin_with_it_then_open_ones(
    session: Session,
) -> None:
    names = [
        ("Mill Park School", Status.CLOSED),
        ("Upper Mill Park School", Status.CLOSED),
        ("Upper Mill Park Academy", Status.OPEN),
        ("Mill Park Road Academy", Status.CLOSING),
        ("Mill Park Lane Academy", Status.OPEN),
        ("Mill Park Primary School", Status.OPEN),
    ]
    schools = [SchoolFactory(name=name, status=status) for name, status in names]
    index_schools(session, [school.urn for school in schools])
    result = find_schools(session, "mill park", limit=20)
    assert [(school.name, school.status) for school in result.schools] == [
        ("Mill Park Primary School", "open"),
        ("Mill Park Lane Academy", "open"),
        ("Mill Park Road Academy", "closing"),
        ("Mill Park School", "closed"),
        ("Upper Mill Park Academy", "open"),
        ("Upper Mill Park School", "closed"),
    ]
    assert find_schools(session, "mill park", limit=6).more is False
    assert find_schools(session, "mill park", limit=5).more is True


def test_a_closed_school_leads_to_the_one_that_came_after_it(session: Session) -> None:
    now = SchoolFactory(name="Rosewood Academy")
    before = SchoolFactory(
        name="Rosewood School", status="closed", successor_urn=now.urn, closed_on=date(2014, 8, 31)
    )
    renamed = SchoolFactory(name="Old Rosewood", status="closed", successor_urn=before.urn)
    index_schools(session, [now.urn, before.urn, renamed.urn])
    by_number = find_schools(session, str(before.urn), limit=5).schools
    assert [(school.urn, school.successor_name) for school in by_number] == [
        (before.urn, "Rosewood Academy")
    ]
    names = [school.name for school in find_schools(session, "rosewood", limit=5).schools]
    assert names == ["Rosewood Academy"]


def test_the_district_and_the_county_say_where_a_school_is(session: Session) -> None:
    bury = LocalAuthorityFactory(code="351", name="Bury")
    school = SchoolFactory(name="Hazel School", local_authority=bury, county="Lancashire")
    SchoolFactory(name="Hazel Academy")
    index_schools(session, session.scalars(sa.select(School.urn)).all())
    for place in ("bury", "lancs", "lancashire"):
        names = [found.urn for found in find_schools(session, f"hazel {place}", limit=5).schools]
        assert (names == [school.urn]) == (place != "lancs")


def test_the_import_keeps_the_words(session: Session, tmp_path: Path) -> None:
    def read(**cells: str) -> None:
        path = tmp_path / "edubasealldata20250101.csv"
        path.write_text(school_csv(row(100001, **cells)), encoding="cp1252")
        import_register(session, path)

    def urns_of(text: str) -> list[int]:
        result = find_schools(session, text, limit=5)
        return [] if result.is_close else [school.urn for school in result.schools]

    read(EstablishmentName="Old Name School")
    assert urns_of("old name salford") == [100001]
    read(EstablishmentName="New Title School", Town="Eccles")
    assert (urns_of("old name"), urns_of("new title eccles")) == ([], [100001])
    read(EstablishmentName="New Title School", Town="Eccles", **{"LA (name)": "Trafford"})
    assert (urns_of("title salford"), urns_of("title trafford")) == ([], [100001])


def test_the_worker_gives_words_to_schools_that_have_none(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        school = SchoolFactory(name="Forgotten School")
        session.commit()
        assert schools_without_words(session) == [school.urn]
        assert find_schools(session, "forgotten", limit=5).schools == ()
        session.commit()
        assert app.test_cli_runner().invoke(args=["jobs", "run", "--once"]).exit_code == 0
        assert [row.urn for row in find_schools(session, "forgotten", limit=5).schools] == [
            school.urn
        ]
        assert schools_without_words(session) == []
        assert "index_schools" in {entry.name for entry in get_schedule(app)}


def test_words_have_one_spelling() -> None:
    assert name_words("St. Mary's C of E (VA) Pri. Sch.") == name_words(
        "Saint Marys Church of England Voluntary Aided Primary School"
    )
    assert name_words("The A and The") == ["the", "a", "and", "the"]


@pytest.fixture(scope="module")
def demo_register(databases: Databases) -> Iterator[Session]:
    """The register of the demo: real schools."""
    with (
        databases.fresh("sqlite", make_tables, "demo_register") as url,
        running(url) as app,
        app.app_context(),
    ):
        import_register(db.session(), REGISTER)
        yield db.session()
        db.session.remove()


@pytest.mark.parametrize("typo", [False, True])
def test_real_names_are_found_however_they_are_mangled(demo_register: Session, typo: bool) -> None:
    """Nearly all of a sample of real names are among the first eight, misspelt or not."""
    chance = random.Random(20261126)
    schools = demo_register.execute(
        sa.select(School.urn, School.name, School.town)
        .where(School.status == Status.OPEN)
        .order_by(School.urn)
    ).all()
    missed = []
    sample = chance.sample(schools, 150)
    for urn, name, town in sample:
        text = mangled(name, town, chance, typo=typo)
        if urn not in [found.urn for found in find_schools(demo_register, text, limit=8).schools]:
            missed.append((text, name))
    assert len(missed) <= (7 if typo else 1), missed


def test_no_text_at_all_breaks_the_search(demo_register: Session) -> None:
    chance = random.Random(7)
    alphabet = "stmary ' & . , - é 0 1 9 n g % _ { } ~ \x00 ß İ 漢"
    for _ in range(300):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(0, 40)))
        assert len(find_schools(demo_register, text, limit=8).schools) <= 8


def test_every_school_of_the_register_has_words(demo_register: Session) -> None:
    assert schools_without_words(demo_register) == []
    longest = demo_register.scalar(sa.select(sa.func.max(sa.func.length(SchoolWord.word))))
    assert longest is not None
    assert longest <= 40
