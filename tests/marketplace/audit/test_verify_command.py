"""``flask ledger verify``."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result

from ledger import Book, Report
from ledger.schema.installing import remove_guards
from marketplace.application import Skillbank
from marketplace.audit import commands
from marketplace.database import db
from tests.ledger.keys import new_key
from tests.ledger.tampering import account, tamper


@pytest.fixture
def engine(app: Skillbank) -> sa.Engine:
    """The application's engine, on a book in which an hour was given."""
    with app.app_context():
        session = db.session()
        book = Book(session)
        book.open_account("school:100001", floor=-600, key=new_key())
        book.open_account("school:100002", floor=-600, key=new_key())
        book.transfer("school:100001", "school:100002", 60, key="t")
        session.commit()
        db.session.remove()
        return db.engine


def run(app: Skillbank, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["ledger", "verify", *options])


def test_a_sound_book_is_proved(app: Skillbank, engine: sa.Engine) -> None:
    for options in ((), ("--thorough",)):
        result = run(app, *options)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("The book is sound: 2 accounts, 3 transactions, 2 entries")
        assert "Its tables are of version 3." in result.stdout
        assert "3 transactions are in no seal yet, the oldest recorded on " in result.stdout
    app.test_cli_runner().invoke(args=["ledger", "seal"])
    assert "in no seal" not in run(app).stdout


def test_a_book_that_is_not_upgraded_is_told_in_a_sentence(
    app: Skillbank, engine: sa.Engine
) -> None:
    with engine.begin() as connection:
        remove_guards(connection)
        connection.exec_driver_sql("UPDATE ledger_book SET schema_version = 1")
    engine.dispose()
    for command in (["verify"], ["seal"], ["prove", "1"], ["trial-balance"], ["expire-holds"]):
        result = app.test_cli_runner().invoke(args=["ledger", *command])
        assert result.exit_code == 1, command
        assert result.stderr.startswith("Error: The book is of version 1"), command


def test_remarks_are_printed_and_are_no_faults(
    app: Skillbank, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report((), 0, {"accounts": 2}, ("The book was restored: seal soon.",))
    monkeypatch.setattr(Book, "verify", lambda self, progress, thorough: report)
    result = run(app)
    assert result.exit_code == 0
    assert result.stdout.startswith("The book was restored: seal soon.\nThe book is sound:")


@pytest.mark.parametrize(("options", "niceness"), [((), 19), (("--at-full-speed",), 0)])
def test_it_leaves_the_machine_to_others_unless_told(
    app: Skillbank,
    engine: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    niceness: int,
) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    seen: list[int] = []

    def look(_book: Book, tell: Callable[[int, int], None], thorough: bool) -> Report:
        tell(1, 2)
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Report((), 0, {})

    monkeypatch.setattr(Book, "verify", look)
    assert run(app, *options).exit_code == 0
    assert seen == [max(before, niceness)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_faults_are_named_and_the_exit_code_says_so(app: Skillbank, engine: sa.Engine) -> None:
    tamper(
        engine,
        f"UPDATE ledger_balance SET floor = -9999 WHERE account_id = {account('school:100002')}",
    )
    result = run(app)
    assert result.exit_code == 1
    assert "drifted-account: account school:100002: " in result.stderr
    assert "The book is NOT sound: 1 fault.\n" in result.stderr
    assert result.stdout == ""


def test_a_long_list_of_faults_is_cut(
    app: Skillbank, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "FAULTS_SHOWN", 1)
    tamper(engine, "UPDATE ledger_balance SET floor = -9999")
    result = run(app)
    assert result.exit_code == 1
    assert result.stderr.count("drifted-account") == 1
    assert "… and 1 more." in result.stderr
    assert "The book is NOT sound: 2 faults." in result.stderr


def test_verifying_does_not_wait_for_a_writer(app: Skillbank, engine: sa.Engine) -> None:
    with engine.connect() as writer:
        Book(writer).transfer("school:100001", "school:100002", 5, key="unfinished")
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(run(app)))
        thread.start()
        thread.join(timeout=8)  # on SQLite a second writer would wait for ten seconds
        waited = thread.is_alive()
        writer.rollback()
        thread.join()
    assert not waited
    assert results[0].exit_code == 0, results[0].output
    assert "3 transactions" in results[0].stdout
