"""The book from the command line: exporting, importing, and the role for production."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from ledger import Book
from marketplace.application import Skillbank
from marketplace.database import db
from tests.ledger.keys import new_key


@pytest.fixture(autouse=True)
def filled(app: Skillbank) -> None:
    with app.app_context():
        book = Book(db.session())
        book.open_account("network:fund", floor=None, key=new_key())
        book.open_account("school:100000", floor=-600, key=new_key())
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


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE exchange_event SET step = 'agree'",
        "UPDATE exchange_event SET minutes = 1",
        "DELETE FROM exchange_event",
        "TRUNCATE exchange_event",
        "UPDATE security_event SET kind = 'signed_out'",
        "UPDATE support_access SET reason = 'Another.'",
        "UPDATE support_access SET ends_at = ends_at + interval '1 day'",
        "DELETE FROM support_access",
        "UPDATE outbox_event SET type = 'other.type'",
    ],
)
def test_the_role_for_production_changes_no_history(app: Skillbank, forbidden: str) -> None:
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("SQLite has no roles")
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql('CREATE ROLE "clerk"')
        # As an earlier version had it.
        connection.exec_driver_sql('GRANT ALL ON exchange_event, support_access TO "clerk"')
        connection.exec_driver_sql(run(app, "roles", "clerk").stdout)
        connection.exec_driver_sql('SET LOCAL ROLE "clerk"')
        connection.exec_driver_sql("UPDATE support_access SET ended_at = now(), ended_by_id = 1")
        connection.exec_driver_sql("UPDATE outbox_event SET distributed_at = now()")
        connection.exec_driver_sql("DELETE FROM outbox_event")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.exec_driver_sql(forbidden)
        connection.rollback()


def balance(app: Skillbank, code: str) -> int:
    with app.app_context():
        return Book(db.session()).balance(code)


def test_opening_balances_are_tried_and_then_imported_once(app: Skillbank, tmp_path: Path) -> None:
    path = tmp_path / "opening.csv"
    path.write_text("\ufeffaccount,minutes\nschool:100000,30\nschool:100001,15\n", "utf-8")
    words = ("import", path, "--opening-against", "network:fund", "--create-accounts")
    tried = run(app, *words)
    assert tried.exit_code == 0, tried.output
    assert "school:100000  120 minutes" in tried.stdout
    assert "dry run" in tried.stdout
    assert balance(app, "school:100000") == 90
    assert "Imported 2 transactions; 1 accounts are new" in run(app, *words, "--really").stdout
    again = run(app, *words, "--really").stdout
    assert "Imported 0 transactions; 0 accounts are new, 2 transactions were in" in again
    assert balance(app, "school:100000") == 120
    assert balance(app, "school:100001") == 15


def test_a_journal_with_faults_is_not_imported(app: Skillbank, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(
        "transaction,account,amount\n1,network:fund,-5\n1,school:100000,5\n2,nobody,1\n2,no,-1\n"
    )
    result = run(app, "import", path, "--really")
    assert result.exit_code == 1
    assert "line 4, account: There is no account “nobody”." in result.stderr
    assert "2 problems; nothing was imported." in result.stderr
    assert balance(app, "school:100000") == 90


def test_a_file_in_another_encoding_is_refused(app: Skillbank, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("account,minutes\nécole,1\n".encode("latin-1"))
    result = run(app, "import", path)
    assert result.exit_code == 1
    assert "not in UTF-8" in result.stderr
