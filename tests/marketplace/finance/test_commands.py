"""The book from the command line: exporting, importing, and the role for production."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import Result

from ledger import Book
from marketplace import Skillbank
from marketplace.database import db


@pytest.fixture(autouse=True)
def filled(app: Skillbank) -> None:
    with app.app_context():
        book = Book(db.session())
        book.open_account("network:fund", floor=None)
        book.open_account("school:100000", floor=-600)
        book.transfer("network:fund", "school:100000", 90, key="grant", memo="Hello; “you”")
        db.session.commit()


def run(app: Skillbank, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["ledger", *map(str, words)])


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ("csv", "school:100000,90,90"),
        ("hledger", "Assets:School:100000  0 MIN = 90 MIN"),
        ("beancount", "balance Assets:School:100000  90 MIN"),
    ],
)
def test_the_journal_is_exported(app: Skillbank, tmp_path: Path, form: str, sign: str) -> None:
    result = run(app, "export", "--format", form)
    assert result.exit_code == 0, result.output
    assert sign in result.stdout
    assert result.stderr == ""
    path = tmp_path / "out"
    assert run(app, "export", "--format", form, "--output", path).stdout == ""
    assert path.read_bytes().decode() == result.stdout_bytes.decode()


def test_an_exported_csv_is_a_table(app: Skillbank) -> None:
    rows = list(csv.DictReader(io.StringIO(run(app, "export", "--format", "csv").stdout)))
    assert [(row["memo"], row["amount"]) for row in rows] == [
        ("Hello; “you”", "-90"),
        ("Hello; “you”", "90"),
    ]


def test_the_role_for_production_gets_what_it_needs(app: Skillbank) -> None:
    printed = run(app, "roles", "clerk").stdout
    assert 'GRANT SELECT, INSERT ON "public"."ledger_entry" TO "clerk";' in printed
    assert 'GRANT SELECT, INSERT, UPDATE, DELETE ON public."school" TO "clerk";' in printed
    assert run(app, "roles", "").exit_code == 1
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        with app.app_context(), db.engine.connect() as connection:
            connection.exec_driver_sql('CREATE ROLE "clerk"')
            connection.exec_driver_sql(printed)
            connection.exec_driver_sql('SET LOCAL ROLE "clerk"')
            Book(connection).transfer("network:fund", "school:100000", 1, key="by the role")
            connection.rollback()
