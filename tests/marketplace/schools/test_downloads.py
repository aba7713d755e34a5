"""The register's downloads of some of the schools, alone or together in one zip."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.importing import import_register
from marketplace.schools.models import LocalAuthority, School, Trust
from marketplace.schools.register import open_register
from marketplace.schools.table import RegisterError
from tests.marketplace.schools.register_files import (
    DOWNLOAD_HEADER,
    HEAD,
    download_csv,
    downloads_zip,
    links_csv,
    register_zip,
    row,
    school_csv,
)

STATE_FUNDED = "edubaseallstatefunded20260901"
ACADEMIES = "edubaseallacademiesandfree20260901"


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Two files in one zip; the academy is in both."""
    academy = row(100002, EstablishmentName="Académie Saint-Exupéry")
    return downloads_zip(
        tmp_path / "extract.zip",
        **{
            STATE_FUNDED: download_csv(row(100001), academy),
            ACADEMIES: download_csv(academy, row(100003)),
        },
    )


def read(*paths: Path) -> dict[int, str]:
    with open_register(*paths) as register:
        schools = {school.urn: school.name for school in register.schools()}
        assert list(register.links()) is not None
        assert (register.problems, register.rows_left_out) == ([], 0)
        return schools


def test_both_files_are_read_and_each_school_once(session: Session, downloads: Path) -> None:
    assert len(DOWNLOAD_HEADER) == 33
    result = import_register(session, downloads)
    session.commit()
    assert (result.added, result.read, result.problems) == (3, 3, ())
    names = dict(session.execute(sa.select(School.urn, School.name)).all())
    assert names == {
        100001: "St Paul's CofE Primary School",
        100002: "Académie Saint-Exupéry",
        100003: "St Paul's CofE Primary School",
    }
    assert import_register(session, downloads).did_nothing


def test_facts_without_a_column_stay_as_they_are(
    session: Session, downloads: Path, tmp_path: Path
) -> None:
    trust = {"Trusts (name)": "A Trust", "Trusts (code)": "2101"}
    full = register_zip(tmp_path / "full.zip", school_csv(row(100002, **trust)))
    import_register(session, full)
    session.commit()
    result = import_register(session, downloads)
    session.commit()
    assert (result.added, result.changed) == (2, 1)
    school = session.get_one(School, 100002)
    assert school.name == "Académie Saint-Exupéry"
    assert (school.easting, school.northing, school.pupils) == (380000, 398000, 271)
    assert (school.size_band, school.setting) == ("medium", "urban")
    assert session.get_one(Trust, school.trust_id).code == "2101"


def test_nothing_about_heads_is_stored(session: Session, downloads: Path) -> None:
    import_register(session, downloads)
    session.commit()
    stored = repr(
        [
            tuple(line)
            for table in (School, LocalAuthority, Trust)
            for line in session.execute(sa.select(*table.__table__.columns))
        ]
    )
    assert "Salford" in stored
    assert not [value for value in HEAD.values() if repr(value) in stored]


def test_the_files_may_be_given_out_of_their_zip(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in (ACADEMIES, STATE_FUNDED)]
    paths[0].write_text(download_csv(row(100003)), "cp1252")
    paths[1].write_text(download_csv(row(100001)), "cp1252")
    assert set(read(*paths)) == {100001, 100003}
    assert set(read(paths[0])) == {100003}


def test_of_a_school_in_two_files_the_newer_counts_then_the_fuller(tmp_path: Path) -> None:
    def named(name: str) -> str:
        return school_csv(row(EstablishmentName=name))

    same_day = downloads_zip(
        tmp_path / "same.zip",
        edubaseallacademiesandfree20260901=named("Of academies"),
        edubaseallstatefunded20260901=named("Of state-funded"),
        edubasealldata20260901=named("Of all"),
    )
    newer = downloads_zip(
        tmp_path / "newer.zip",
        edubasealldata20260801=named("Of August"),
        edubaseallacademiesandfree20260901=named("Of September"),
        edubaseallacademiesandfree20260701=named("Of July"),
    )
    assert read(same_day) == {100001: "Of all"}
    assert read(newer) == {100001: "Of September"}


def test_a_school_twice_in_one_of_the_files_is_a_problem(tmp_path: Path) -> None:
    path = downloads_zip(
        tmp_path / "r.zip",
        **{STATE_FUNDED: download_csv(row(100001), row(100001)), ACADEMIES: download_csv(row(2))},
    )
    with open_register(path) as register:
        assert [school.urn for school in register.schools()] == [100001]
        assert [(p.file, p.line, p.column) for p in register.problems] == [
            (f"{STATE_FUNDED}.csv", 3, "URN"),
            (f"{ACADEMIES}.csv", 2, "URN"),
        ]


def test_links_of_every_download_are_read(session: Session, tmp_path: Path) -> None:
    closed = {"EstablishmentStatus (name)": "Closed"}
    path = downloads_zip(
        tmp_path / "r.zip",
        **{
            STATE_FUNDED: download_csv(row(100001, **closed), row(100002)),
            ACADEMIES: download_csv(row(100003, **closed), row(100004)),
            f"links_{STATE_FUNDED}": links_csv((100001, 100002, "Successor", "")),
            f"links_{ACADEMIES}": links_csv((100003, 100004, "Successor", "")),
            f"grouplinks_{ACADEMIES}": "Linked UID,URN\r\n7,100001\r\n",
            "edubaseallchildrencentre20260901": "URN,EstablishmentName\r\n100009,A Centre\r\n",
        },
    )
    import_register(session, path)
    session.commit()
    statement = sa.select(School.urn, School.successor_urn).order_by(School.urn)
    assert [tuple(pair) for pair in session.execute(statement)] == [
        (100001, 100002),
        (100002, None),
        (100003, 100004),
        (100004, None),
    ]


def test_other_downloads_of_the_service_are_no_register(tmp_path: Path) -> None:
    path = downloads_zip(tmp_path / "r.zip", edubaseallchildrencentre20260901="URN\r\n1\r\n")
    with (
        pytest.raises(RegisterError, match=r"edubaseallstatefunded….csv or"),
        open_register(path),
    ):
        pass
