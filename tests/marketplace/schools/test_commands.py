"""``flask schools import``."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from sqlalchemy.orm import Session

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.schools.commands import register_imported
from marketplace.schools.importing import ImportResult
from marketplace.schools.models import School
from tests.marketplace.conftest import running
from tests.marketplace.schools.register_files import links_csv, register_zip, row, school_csv

CLOSED = {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2021"}


@pytest.fixture
def ready(app: Skillbank) -> Skillbank:
    """The application with its tables."""
    with app.app_context():
        db.create_all()
    return app


def run(app: Skillbank, *files: Path) -> Result:
    return app.test_cli_runner().invoke(args=["schools", "import", *map(str, files)])


def urns(app: Skillbank) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(sa.select(School.urn).order_by(School.urn)))


def test_an_import_says_what_it_did(ready: Skillbank, tmp_path: Path) -> None:
    path = register_zip(
        tmp_path / "register.zip",
        school_csv(row(100001, **CLOSED), row(100002)),
        links_csv((100001, 100002, "Successor", "")),
    )
    first = run(ready, path)
    assert first.exit_code == 0, first.output
    assert "Read 2 schools: 2 added, 0 changed, 0 unchanged, 0 left out." in first.stdout
    assert "Successors set or changed: 1." in first.stdout
    assert "Nothing changed" not in first.stdout
    assert "Reading the schools: 100 %" in first.stderr
    second = run(ready, path)
    assert second.exit_code == 0
    assert "0 added, 0 changed, 2 unchanged" in second.stdout
    assert "Nothing changed" in second.stdout
    assert urns(ready) == [100001, 100002]


def test_csv_and_links_may_be_given_apart(ready: Skillbank, tmp_path: Path) -> None:
    register, links = tmp_path / "schools.csv", tmp_path / "links.csv"
    register.write_text(school_csv(row(100001, **CLOSED), row(100002)), "cp1252")
    links.write_text(links_csv((100001, 100002, "Successor", "")), "cp1252")
    result = run(ready, links, register)
    assert result.exit_code == 0
    assert "Successors set or changed: 1." in result.stdout


def test_problems_are_listed_up_to_twenty_and_good_rows_count(
    ready: Skillbank, tmp_path: Path
) -> None:
    broken = [row(100100 + number, EstablishmentName="") for number in range(25)]
    result = run(ready, register_zip(tmp_path / "r.zip", school_csv(row(), *broken)))
    assert result.exit_code == 0
    assert "Read 26 schools: 1 added, 0 changed, 0 unchanged, 25 left out." in result.stdout
    listed = [line for line in result.stderr.splitlines() if "column EstablishmentName" in line]
    assert len(listed) == 20
    assert listed[0].startswith("edubasealldata20250717.csv, line 3, column EstablishmentName: ")
    assert "… and 5 more.\n25 problems in all." in result.stderr
    assert urns(ready) == [100001]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "register.csv is empty."),
        (b"URN,Name\r\n1,A\r\n", "lacks the columns “EstablishmentName”"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_a_plain_message(
    ready: Skillbank, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "register.csv"
    if content is not None:
        path.write_bytes(content)
    result = run(ready, path)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert urns(ready) == []


def test_a_database_without_tables_is_told_what_to_do(database_url: str, tmp_path: Path) -> None:
    with running(database_url) as app:
        result = run(app, register_zip(tmp_path / "register.zip", school_csv(row())))
    assert result.exit_code == 1
    assert "db upgrade" in result.stderr
    assert "Traceback" not in result.output


def test_rooms_above_act_on_closed_schools_before_the_commit(
    ready: Skillbank, tmp_path: Path
) -> None:
    seen: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    def act(session: Session, result: ImportResult) -> str | None:
        seen.append((result.newly_closed, result.reopened))
        session.get_one(School, 100002).county = "Acted upon"
        return "Two things done." if result.closed else None

    run(ready, register_zip(tmp_path / "r.zip", school_csv(row(100001), row(100002, **CLOSED))))
    changed = register_zip(tmp_path / "r.zip", school_csv(row(100001, **CLOSED), row(100002)))
    with register_imported.connected_to(act):
        result = run(ready, changed)
    assert result.exit_code == 0
    assert seen == [((100001,), (100002,))]
    assert "Closed since the last import: 1 school (URN 100001)." in result.stdout
    assert "Open again: 1 school (URN 100002)." in result.stdout
    assert "Two things done." in result.stdout
    with ready.app_context():
        assert db.session.get_one(School, 100002).county == "Acted upon"


def test_what_fails_above_undoes_the_import(ready: Skillbank, tmp_path: Path) -> None:
    def fail(session: Session, result: ImportResult) -> None:
        raise LookupError("no account")

    with register_imported.connected_to(fail):
        result = run(ready, register_zip(tmp_path / "r.zip", school_csv(row())))
    assert isinstance(result.exception, LookupError)
    assert urns(ready) == []


def test_a_terminal_gets_a_bar(
    ready: Skillbank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run(ready, register_zip(tmp_path / "register.zip", school_csv(row())))
    assert result.exit_code == 0
    assert "Reading the schools" in result.stderr
    assert "100 %" not in result.stderr


def test_help_names_the_file_it_wants() -> None:
    with running("sqlite://") as app:
        result = app.test_cli_runner().invoke(args=["schools", "import", "--help"])
    assert result.exit_code == 0
    assert "edubasealldata" in result.stdout


def test_a_file_with_the_month_first_changes_nothing(ready: Skillbank, tmp_path: Path) -> None:
    rows = [*map(row, range(100_001, 101_500)), row(101_500, OpenDate="08/31/2025")]
    result = run(ready, register_zip(tmp_path / "register.zip", school_csv(*rows)))
    assert result.exit_code == 1
    assert "line 1501, column OpenDate: “08/31/2025” is a date only with" in result.stderr
    assert urns(ready) == []


def test_what_became_known_of_trusts_is_said(ready: Skillbank, tmp_path: Path) -> None:
    def bring(**cells: str) -> str:
        path = register_zip(tmp_path / "register.zip", school_csv(row(**cells)))
        return run(ready, path).stdout

    bring(**{"Trusts (name)": "Star"})
    known = {"Trusts (code)": "7", "Trusts (name)": "Star"}
    output = bring(**known)
    assert "0 changed, 1 unchanged" in output
    assert "Local authorities and trusts added or changed: 1." in output
    assert "Nothing changed" not in output
    assert "Nothing changed" in bring(**known)
