"""Seals: every transaction in exactly one, none skipped, and its proof."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting, schema
from ledger.seals import proofs, sealing
from ledger.seals.checks import SealCheck

A, B, C = "school:a", "school:b", "school:c"


def sealed_in(connection: sa.Connection) -> dict[str, int]:
    """The seal of each transaction, by its key."""
    rows = connection.execute(
        sa.select(schema.transaction.c.key, schema.seal_leaf.c.seal_number)
        .join(schema.seal_leaf, schema.seal_leaf.c.transaction_id == schema.transaction.c.id)
        .where(schema.transaction.c.action != "open")
    )
    return {row.key: row.seal_number for row in rows}


def faults(connection: sa.Connection) -> set[tuple[str, str]]:
    return {(fault.kind, fault.subject) for fault in SealCheck()(connection)}


def test_seals_chain_and_each_transaction_is_in_one(
    book: Book, connection: sa.Connection, sealed: dict[str, int]
) -> None:
    first, second = book.seals()
    assert (first.number, first.size, second.number, second.size) == (
        1,
        6,
        2,
        4,
    )  # four openings before
    assert first.previous == "00" * 32
    assert second.previous == first.hash
    assert sealed_in(connection) == {
        "post": 1, "hold": 1, "settle": 2, "void": 2, "reversal": 2, "split": 2
    }  # fmt: skip
    assert faults(connection) == set()
    assert book.seal() == []


def test_what_is_not_sealed_cannot_be_proven(book: Book, connection: sa.Connection) -> None:
    posted = book.transfer(A, B, 1, key="1")
    with pytest.raises(ledger.NotSealed):
        book.prove(posted.id)
    with pytest.raises(ledger.UnknownTransaction):
        book.prove(posted.id + 1)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ledger", "verify-proof", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_checks_a_proof_of_each_kind(
    book: Book, sealed: dict[str, int], tmp_path: Path
) -> None:
    seals = {seal.number: seal for seal in book.seals()}
    file = tmp_path / "proof.json"
    for kind, words, number in (
        ("post", "school:b +60 minutes", 1),
        ("hold", "30 minutes of school:a reserved for school:b", 1),
        ("settle", f"part 1 of hold {sealed['hold']}", 2),
        ("reversal", f"reverses {sealed['post']}", 2),
    ):
        file.write_text(book.prove(sealed[kind]).to_json(), encoding="utf-8")
        done = run(file, "--seal", seals[number].hash)
        assert (done.returncode, done.stderr) == (0, "")
        for part in (f" {sealed[kind]} (key “{kind}”", words, f"seal {number} of"):
            assert part in done.stdout
        assert seals[number].hash in done.stdout


def test_the_command_refuses_what_proves_nothing(
    book: Book, sealed: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    proof = book.prove(sealed["post"])
    file.write_text(proof.to_json(), encoding="utf-8")
    assert run(file, "--seal", book.seals()[1].hash).returncode == 1
    assert run(tmp_path / "missing.json").returncode == 1
    content = json.loads(proof.to_json())
    content["transaction"]["entries"][0]["amount"] = -6
    file.write_text(json.dumps(content), encoding="utf-8")
    done = run(file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "proves nothing: the transaction and its path do not lead to the seal's root" in (
        done.stderr
    )
    file.write_text("no proof", encoding="utf-8")
    assert run(file).returncode == 1


def test_a_proof_is_checked_without_the_ledger_or_any_package(
    book: Book, sealed: dict[str, int], tmp_path: Path
) -> None:
    shutil.copy(proofs.__file__, tmp_path / "proofs.py")
    (tmp_path / "proof.json").write_text(book.prove(sealed["split"]).to_json(), encoding="utf-8")
    check = (
        "import pathlib, sys; sys.path.insert(0, '.'); import proofs;"
        "print(proofs.check(proofs.Proof.from_json(pathlib.Path('proof.json').read_bytes())))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", check], cwd=tmp_path, capture_output=True, check=True
    )
    assert book.seals()[1].hash in done.stdout.decode()


def test_many_transactions_make_as_many_seals_as_they_need(
    book: Book, connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_LEAVES", 4)
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr("ledger.seals.checks.BATCH", 3)
    connection.commit()
    book.seal()
    for number in range(6):
        book.transfer(A, B, 1, key=f"{number}")
        connection.commit()
    batch = [
        NewTransaction(postings=[Posting(A, -1), Posting(B, 1)], key=f"b{n}") for n in range(7)
    ]
    book.post_many(batch)
    connection.commit()
    sizes = [seal.size for seal in book.seal()]
    # What one database transaction wrote is never divided; on SQLite nobody can see one half.
    assert sizes == ([4, 4, 4, 1] if connection.dialect.name == "sqlite" else [4, 2, 7])
    assert faults(connection) == set()
    for key, number in sealed_in(connection).items():
        id_ = connection.execute(
            sa.select(schema.transaction.c.id).where(schema.transaction.c.key == key)
        ).scalar_one()
        assert book.prove(id_).seal.number == number
