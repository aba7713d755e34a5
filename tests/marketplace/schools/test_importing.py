"""Bringing the register into the database, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import demo
from marketplace.schools.facts import Phase, SizeBand
from marketplace.schools.importing import ImportResult, import_register
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.schools.table import RegisterError
from tests.marketplace.schools.register_files import links_csv, register_zip, row, school_csv

CLOSED = {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2021"}
CLOSING = {"EstablishmentStatus (name)": "Open, but proposed to close"}
TRUST = "Trusts (name)"

Bring = Callable[..., ImportResult]


@pytest.fixture
def bring(session: Session, tmp_path: Path) -> Bring:
    """Import rows (and links) as a zip, and commit."""

    def bring_in(
        *rows: dict[str, str],
        links: list[tuple[int, int, str, str]] | None = None,
        without: tuple[str, ...] = (),
    ) -> ImportResult:
        path = register_zip(
            tmp_path / "register.zip",
            school_csv(*rows, without=without),
            None if links is None else links_csv(*links),
        )
        result = import_register(session, path)
        session.commit()
        return result

    return bring_in


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.added, result.changed, result.unchanged, result.left_out


def successors(session: Session) -> dict[int, int]:
    found = session.execute(
        sa.select(School.urn, School.successor_urn).where(School.successor_urn.is_not(None))
    )
    return dict(found.all())


def everything(session: Session) -> list[tuple[object, ...]]:
    return [
        tuple(found)
        for table in (LocalAuthority, Trust, School)
        for found in session.execute(sa.select(*table.__table__.columns).order_by(sa.text("1")))
    ]


def test_a_school_arrives_with_its_authority_and_trust(session: Session, bring: Bring) -> None:
    result = bring(row(EstablishmentName="St Thomas à Becket", **{TRUST: "Leeds Learning"}))
    assert (counts(result), result.read) == ((1, 0, 0, 0), 1)
    school = session.scalars(
        sa.select(School).options(
            sa.orm.joinedload(School.local_authority), sa.orm.joinedload(School.trust)
        )
    ).one()
    assert (school.urn, school.name) == (100001, "St Thomas à Becket")
    assert school.search_name == "st thomas a becket"
    assert (school.phase, school.size_band) == (Phase.PRIMARY, SizeBand.MEDIUM)
    assert (school.opened_on, school.fsm_permille) == (date(2012, 9, 1), 181)
    assert (school.easting, school.northing) == (380000, 398000)
    assert (school.local_authority_code, school.local_authority.name) == ("355", "Salford")
    assert school.trust is not None
    assert school.trust.name == "Leeds Learning"
    assert school.joined_at is None


def test_a_second_run_changes_nothing_and_says_so(session: Session, bring: Bring) -> None:
    rows = [row(100001), row(100002, **{TRUST: "A TRUST"}), row(100003, **CLOSED)]
    links = [(100003, 100002, "Successor", "31-08-2021")]
    first = bring(*rows, links=links)
    assert (counts(first), first.successors, first.did_nothing) == ((3, 0, 0, 0), 1, False)
    before = everything(session)
    second = bring(*rows, links=links)
    assert (counts(second), second.successors, second.did_nothing) == ((0, 0, 3, 0), 0, True)
    assert everything(session) == before


def test_only_what_changed_is_updated(session: Session, bring: Bring) -> None:
    bring(row(100001), row(100002))
    joined = datetime(2026, 1, 2, tzinfo=UTC)
    session.get_one(School, 100001).joined_at = joined
    session.commit()
    result = bring(row(100001, NumberOfPupils="99", **{TRUST: "New Trust"}), row(100002))
    assert counts(result) == (0, 1, 1, 0)
    school = session.get_one(School, 100001)
    assert (school.pupils, school.size_band) == (99, SizeBand.VERY_SMALL)
    assert school.trust_id == session.scalars(sa.select(Trust.id)).one()
    assert school.joined_at == joined


def test_an_object_already_loaded_shows_the_new_facts(session: Session, bring: Bring) -> None:
    bring(row())
    school = session.get_one(School, 100001)
    assert school.pupils == 271
    bring(row(NumberOfPupils="300"))
    assert school.pupils == 300


def test_a_column_the_next_extract_lacks_keeps_its_facts(session: Session, bring: Bring) -> None:
    bring(row(**{TRUST: "A Trust"}))
    lacking = (TRUST, "Easting", "NumberOfPupils", "UrbanRural (name)")
    result = bring(row(), without=lacking)
    assert counts(result) == (0, 0, 1, 0)
    school = session.get_one(School, 100001)
    assert (school.pupils, school.size_band, school.setting) == (271, "medium", "urban")
    assert (school.easting, school.northing) == (380000, 398000)
    assert school.trust_id is not None


def test_an_empty_cell_takes_the_fact_away(session: Session, bring: Bring) -> None:
    bring(row(**{TRUST: "A Trust"}))
    result = bring(row(NumberOfPupils="", Easting="", Northing="", **{TRUST: ""}))
    assert counts(result) == (0, 1, 0, 0)
    school = session.get_one(School, 100001)
    assert (school.pupils, school.size_band, school.easting, school.trust_id) == (None,) * 4


def test_an_unreadable_cell_leaves_the_fact_as_it_was(session: Session, bring: Bring) -> None:
    bring(row())
    result = bring(row(OpenDate="31-02-2020", Town="Swinton"))
    assert (counts(result), len(result.problems)) == ((0, 1, 0, 0), 1)
    school = session.get_one(School, 100001)
    assert (school.opened_on, school.town) == (date(2012, 9, 1), "Swinton")


def test_good_rows_count_beside_broken_ones(session: Session, bring: Bring) -> None:
    result = bring(
        row(100001),
        row(100002, EstablishmentName=""),
        row(100001),
        row(100003, **{"LA (code)": "none"}),
        row(100004),
    )
    assert (counts(result), result.read) == ((2, 0, 0, 3), 5)
    assert [(problem.line, problem.column) for problem in result.problems] == [
        (3, "EstablishmentName"),
        (4, "URN"),
        (5, "LA (code)"),
    ]
    assert session.scalars(sa.select(School.urn).order_by(School.urn)).all() == [100001, 100004]


def test_a_broken_row_does_not_touch_the_school_we_have(session: Session, bring: Bring) -> None:
    bring(row(Town="Salford"))
    result = bring(row(Town="Leeds", **{"EstablishmentStatus (name)": "Ajar"}))
    assert counts(result) == (0, 0, 0, 1)
    assert session.get_one(School, 100001).town == "Salford"


def test_schools_missing_from_the_file_stay(session: Session, bring: Bring) -> None:
    bring(row(100001), row(100002))
    assert counts(bring(row(100002))) == (0, 0, 1, 0)
    assert session.get_one(School, 100001).status == "open"


def test_an_authority_may_be_renamed(session: Session, bring: Bring) -> None:
    bring(row())
    bring(row(**{"LA (name)": "City of Salford"}))
    assert session.get_one(LocalAuthority, "355").name == "City of Salford"


def test_a_trust_written_in_capitals_is_the_same_trust(session: Session, bring: Bring) -> None:
    bring(row(100001, **{TRUST: "Star Academies"}))
    result = bring(
        row(100001, **{TRUST: "STAR ACADEMIES"}), row(100002, **{TRUST: "star academies"})
    )
    assert counts(result) == (1, 0, 1, 0)
    assert session.scalars(sa.select(Trust.name)).all() == ["Star Academies"]


def test_schools_that_close_and_reopen_are_told(session: Session, bring: Bring) -> None:
    bring(row(100001), row(100002, **CLOSING), row(100003, **CLOSED), row(100004))
    result = bring(
        row(100001, **CLOSED),
        row(100002, **CLOSED),
        row(100003),
        row(100004, **CLOSING),
        row(100005, **CLOSED),
    )
    assert (result.newly_closed, result.closed) == ((100001, 100002), 2)
    assert result.reopened == (100003,)
    assert session.get_one(School, 100001).closed_on == date(2021, 8, 31)
    assert bring(row(100001, **CLOSED)).newly_closed == ()


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ((100001, 100002, "Successor", ""), {100001: 100002}),
        ((100001, 100002, "Successor - merged", "31-08-2021"), {100001: 100002}),
        ((100001, 100002, "Successor - amalgamated", ""), {100001: 100002}),
        ((100001, 100002, "Successor - Split School", ""), {100001: 100002}),
        ((100002, 100001, "Predecessor", ""), {100001: 100002}),
        ((100002, 100001, "Predecessor - merged", ""), {100001: 100002}),
        ((100001, 100002, "Result of Amalgamation", ""), {100001: 100002}),
        ((100002, 100001, "Result of Amalgamation", ""), {100001: 100002}),
        ((100001, 100003, "Successor", ""), {100001: 100003}),
        ((100001, 100003, "Result of Amalgamation", ""), {}),
        ((100001, 100002, "Predecessor", ""), {}),
        ((100001, 100002, "Sixth Form Centre School", ""), {}),
        ((100001, 100002, "Other", ""), {}),
        ((100001, 100001, "Successor", ""), {}),
        ((100001, 999999, "Successor", ""), {}),
        ((999999, 100002, "Successor", ""), {}),
        ((100002, 100004, "Successor - Split School", ""), {}),
    ],
)
def test_which_links_name_a_successor(
    session: Session, bring: Bring, link: tuple[int, int, str, str], expected: dict[int, int]
) -> None:
    result = bring(
        row(100001, **CLOSED), row(100002), row(100003, **CLOSED), row(100004), links=[link]
    )
    assert successors(session) == expected
    assert result.successors == len(expected)


def test_of_several_successors_one_that_stands_is_named(session: Session, bring: Bring) -> None:
    rows = [row(100001, **CLOSED), row(100002, **CLOSED), row(100003), row(100004)]
    closed_first = (100001, 100002, "Successor", "31-08-2021")
    early = (100001, 100003, "Successor", "31-08-2011")
    late = (100001, 100004, "Successor", "31-08-2015")
    bring(*rows, links=[closed_first, early])
    assert successors(session) == {100001: 100003}
    bring(*rows, links=[closed_first, early, late])
    assert successors(session) == {100001: 100004}


def test_two_closed_schools_do_not_succeed_each_other(session: Session, bring: Bring) -> None:
    there_and_back = [(100001, 100002, "Successor", ""), (100002, 100001, "Successor", "")]
    bring(row(100001, **CLOSED), row(100002, **CLOSED), links=there_and_back)
    assert successors(session) == {100001: 100002}


def test_a_school_about_to_close_may_name_its_successor(session: Session, bring: Bring) -> None:
    successor = [(100001, 100002, "Successor", "")]
    bring(row(100001, **CLOSING), row(100002), links=successor)
    assert successors(session) == {100001: 100002}


def test_a_successor_stays_without_links_and_goes_when_the_school_opens(
    session: Session, bring: Bring
) -> None:
    bring(row(100001, **CLOSED), row(100002), links=[(100001, 100002, "Successor", "")])
    assert bring(row(100001, **CLOSED), row(100002)).successors == 0
    assert successors(session) == {100001: 100002}
    assert bring(row(100001), row(100002)).successors == 1
    assert successors(session) == {}


def test_what_cannot_be_used_leaves_no_trace(session: Session, tmp_path: Path) -> None:
    path = register_zip(
        tmp_path / "register.zip", school_csv(*map(row, range(100000, 103000))), links_csv()
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RegisterError, match="damaged"):
        import_register(session, path)
    session.rollback()
    assert everything(session) == []


def test_an_import_leaves_the_commit_to_its_caller(session: Session, tmp_path: Path) -> None:
    import_register(session, register_zip(tmp_path / "register.zip", school_csv(row())))
    session.rollback()
    assert everything(session) == []


def test_nothing_about_people_is_stored(session: Session, bring: Bring) -> None:
    personal = {
        "HeadFirstName": "Xanthe",
        "HeadLastName": "Quillfeather",
        "TelephoneNum": "01614960000",
    }
    bring({**row(), **personal})
    stored = repr(everything(session))
    assert "Salford" in stored
    assert not [value for value in personal.values() if value in stored]


def test_progress_is_told_in_bytes_up_to_the_end(session: Session, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = register_zip(
        tmp_path / "register.zip",
        school_csv(*map(row, range(100000, 102500))),
        links_csv((100000, 100001, "Successor", "")),
    )
    import_register(session, path, progress=lambda *step: told.append(step))
    for what in ("schools", "links"):
        steps = [(done, total) for told_of, done, total in told if told_of == what]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_the_demo_register_is_a_rich_cut_of_the_real_one(session: Session) -> None:
    path = Path(demo.__file__).parent / "data" / "register.zip"
    result = import_register(session, path)
    session.commit()
    assert result.problems == ()
    assert result.added > 1400
    assert import_register(session, path).did_nothing

    def count(*which: sa.ColumnElement[bool]) -> int:
        return session.scalars(sa.select(sa.func.count(School.urn)).where(*which)).one()

    def distinct(column: sa.orm.InstrumentedAttribute[object]) -> int:
        return session.scalars(sa.select(sa.func.count(column.distinct()))).one()

    assert count(School.status == "open", School.easting.is_not(None)) > 1400
    assert count(School.status == "closed", School.successor_urn.is_not(None)) > 24
    assert distinct(School.region) == 2
    assert distinct(School.phase) >= 6
    assert distinct(School.type_name) > 20
    assert distinct(School.trust_id) > 100
    assert distinct(School.size_band) == len(SizeBand)
    assert count(School.setting == "rural") > 10
    assert count(School.setting == "urban") > 100
