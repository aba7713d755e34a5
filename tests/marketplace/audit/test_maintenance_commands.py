"""The book's upkeep from the command line: sweeping, sealing, proving, closing, charging."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from ledger import Book, OpenTransaction, Unsealed
from marketplace.accounts.ledger_actor import read_ledger_actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from tests.ledger.keys import new_key
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.factories import saved

A, B = "school:100000", "school:100001"


@pytest.fixture(autouse=True)
def filled(app: Skillbank) -> None:
    with app.app_context():
        day = datetime(2026, 1, 5, 12, tzinfo=UTC)
        past, book = Book(db.session(), clock=lambda: day), Book(db.session())
        past.open_account("network:fund", floor=None, key=new_key())
        for code in (A, B):
            past.open_account(code, floor=-600, key=new_key())
        book.transfer("network:fund", A, 900, key="grant", effective=date(2026, 1, 5))
        db.session.commit()


def run(app: Skillbank, *words: object, stdin: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["ledger", *map(str, words)], input=stdin)


def test_expired_holds_are_swept_and_totals_added_up(app: Skillbank) -> None:
    with app.app_context():
        clock = datetime.now(UTC) - timedelta(days=2)
        book = Book(db.session(), clock=lambda: clock)
        book.open_account("school:100002", floor=-600, key=new_key())
        book.open_account("school:100003", floor=-600, key=new_key())
        book.hold(
            "school:100002", "school:100003", 60, key="h", expires_at=clock + timedelta(hours=1)
        )
        for number in range(201):
            Book(db.session()).transfer(A, B, 1, key=f"t{number}")
        db.session.commit()
    assert "2 sides of expired holds released" in run(app, "sweep").output
    result = run(app, "sweep")
    assert result.output == "0 sides of expired holds released; 0 entries added up.\n"
    with app.app_context():
        assert Book(db.session()).bilateral(A, B).given == 201


def test_a_seal_proves_a_transaction_without_the_database(app: Skillbank, tmp_path: Path) -> None:
    with app.app_context():
        gift = Book(db.session()).journal().transactions[0].id
    assert run(app, "prove", gift).exit_code == 1
    sealed = run(app, "seal")
    kept = re.search(r"seal 1: 4 transactions, ([0-9a-f]{64})", sealed.output)
    assert kept, sealed.output
    assert run(app, "seal").output == "Nothing new to seal.\n"
    proof = tmp_path / "proof.json"
    assert run(app, "prove", gift, "--output", proof).exit_code == 0
    check = [sys.executable, "-m", "ledger", "verify-proof", str(proof), "--seal"]
    said = subprocess.run([*check, kept[1]], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "900" in said.stdout
    assert subprocess.run([*check, "0" * 64], capture_output=True, check=False).returncode == 1
    assert run(app, "prove", 99).exit_code == 1


def test_what_stays_out_of_the_seals_is_told(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    blocker = OpenTransaction(database="reports", role="ann", since=noon, pid=4321, prepared=None)
    waiting = Unsealed(transactions=2, oldest=noon + timedelta(minutes=5), held_up_by=blocker)
    monkeypatch.setattr(Book, "seal", lambda self, after_restore: [])
    monkeypatch.setattr(Book, "unsealed", lambda self: waiting)
    assert run(app, "seal").output == (
        "Nothing new to seal.\n"
        "2 transactions are in no seal yet, the oldest recorded on 26 November 2026 at 12:05:00"
        " UTC. Sealing waits for process 4321, a transaction of ann in the database reports,"
        " since 26 November 2026 at 12:00:00 UTC.\n"
    )
    waiting = replace(waiting, held_up_by=replace(blocker, pid=None, prepared="gid", since=None))
    assert run(app, "seal").output.endswith(
        " Sealing waits for the prepared transaction “gid” of ann in the database reports.\n"
    )


@pytest.fixture
def olu(app: Skillbank) -> str:
    """The address of an operator."""
    with saved(app):
        person = PersonFactory(name="Olu Ade", roles=[(Role.OPERATOR, None)])
        email: str = person.email
        return email


def test_a_period_is_closed_once_and_asked_about(app: Skillbank, olu: str) -> None:
    assert run(app, "close-period", "2026-01-31", "--by", olu, stdin="n\n").exit_code == 1
    done = run(app, "close-period", "2026-01-31", "--by", olu.upper(), stdin="y\n")
    assert "closed through 31 January 2026" in done.output
    again = run(app, "close-period", "2026-01-31", "--by", olu, "--yes")
    assert again.exit_code == 1
    assert "closed the books through 31 January 2026 already." in again.output
    assert "Olu Ade, operator at the network closed" in again.output
    assert run(app, "close-period", "2999-01-31", "--by", olu, "--yes").exit_code == 1
    assert run(app, "verify").exit_code == 0


def test_idle_balances_are_charged_once_a_period(app: Skillbank, olu: str) -> None:
    rule = ["demurrage", "2026-11", "--above", 600, "--percent", 10, "--by", olu]
    tried = run(app, *rule).output
    assert f"{A}  ½ credit\n" in tried
    assert "1 school would be charged" in tried
    with app.app_context():
        assert Book(db.session()).balance(A) == 900
    assert run(app, *rule, "--really").output == "1 school charged, ½ credit in all.\n"
    assert "0 schools charged" in run(app, *rule, "--really").output
    with app.app_context():
        book = Book(db.session())
        assert book.balance(A) == 870
        (charge,) = book.journal(kind="demurrage").transactions
        assert read_ledger_actor(charge.actor) is not None
        assert charge.actor.endswith(" at network as operator")
    assert run(app, *rule[:-2], "--to", "nobody", "--by", olu).exit_code == 1


def test_only_an_operator_with_an_address_decides_by_a_command(app: Skillbank) -> None:
    with saved(app):
        reader = PersonFactory(name="Ada", roles=[(Role.AUDITOR, None)]).email
        gone = PersonFactory(roles=[(Role.OPERATOR, None)], active=False).email
    for email, message in (
        ("Olu", "There is no account with the address Olu that can sign in here."),
        (gone, f"There is no account with the address {gone}"),
        (reader, "Ada does not run the network, so cannot decide this."),
    ):
        for words in (
            ("close-period", "2026-01-31", "--yes"),
            ("demurrage", "2026-11", "--above", 600, "--percent", 10),
        ):
            refused = run(app, *words, "--by", email)
            assert (refused.exit_code, message in refused.output) == (1, True)


def test_the_command_is_known_by_its_new_name_and_the_one_before(app: Skillbank) -> None:
    summary = "0 sides of expired holds released; 0 entries added up.\n"
    assert run(app, "expire-holds").output == summary
    assert run(app, "sweep").output == summary
