"""Exports are proved by the programs they are for: hledger and Beancount."""

import csv
import io
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from beancount import loader
from beancount.core import data, realization
from beancount.scripts import check as bean_check
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger import Book, ExportDiffers, Posting, export, export_part
from ledger.interchange.account_names import account_name
from ledger.interchange.exporting import PAGE
from tests.ledger.random_books import CODES, Step, fill, on_books

needs_hledger = pytest.mark.skipif(
    shutil.which("hledger") is None, reason="hledger is not on the path"
)


def exported(book: Book, form: str) -> str:
    stream = io.StringIO(newline="")
    export(book, form, stream)
    return stream.getvalue()


def kept(text: str, path: Path) -> Path:
    path.write_bytes(text.encode())
    return path


def hledger(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["hledger", "-f", str(path), *words],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8"},
        executable=shutil.which("hledger"),
    )


def beancount_accepts(path: Path) -> bool:
    return CliRunner().invoke(bean_check.main, ["--no-cache", str(path)]).exit_code == 0


def expected(book: Book) -> dict[str, int]:
    return {account_name(code): account.posted for code, account in book.balances().items()}


@needs_hledger
@on_books(8)
def test_hledger_proves_the_journal_and_has_the_same_balances(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    full = fill(connection, history)
    path = kept(exported(full, "hledger"), tmp_path / "book.journal")
    checked = hledger(path, "check", "--strict")
    assert checked.returncode == 0, checked.stderr
    listed = hledger(path, "balance", "--flat", "--empty", "-O", "csv", "--no-total").stdout
    rows = list(csv.reader(io.StringIO(listed)))[1:]
    used = {name: int(amount.split()[0]) for name, amount in rows}
    assert dict.fromkeys(expected(full), 0) | used == expected(full)


@on_books(10)
def test_beancount_proves_the_journal_and_has_the_same_balances(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    full = fill(connection, history)
    path = kept(exported(full, "beancount"), tmp_path / "book.beancount")
    assert beancount_accepts(path)
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    root = realization.realize(entries)
    for name, minutes in expected(full).items():
        balance = realization.get(root, name).balance
        assert balance.get_currency_units("MIN").number == minutes


@on_books(6)
def test_both_programs_accept_any_part_of_the_journal(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    journal = fill(connection, history).journal(limit=1000, everything=True).transactions
    part = journal[::2]
    moved = [one.id for one in part if one.entries]
    path = kept("".join(export_part(part, "beancount")), tmp_path / "part.beancount")
    assert beancount_accepts(path)
    read = [
        entry.meta["transaction"]
        for entry in loader.load_file(str(path))[0]
        if isinstance(entry, data.Transaction)
    ]
    assert sorted(map(int, read)) == sorted(moved)
    if shutil.which("hledger"):
        path = kept("".join(export_part(part, "hledger")), tmp_path / "part.journal")
        checked = hledger(path, "check", "--strict")
        assert checked.returncode == 0, checked.stderr
        assert path.read_text("utf-8").count("recorded: ") == len(moved)


@on_books(15)
def test_beancount_reads_every_text_as_it_was_recorded(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    full = fill(connection, history)
    path = kept(exported(full, "beancount"), tmp_path / "book.beancount")
    read = {
        int(found.meta["transaction"]): found
        for found in loader.load_file(str(path))[0]
        if isinstance(found, data.Transaction)
    }
    journal = full.journal(limit=1000).transactions
    assert len(read) == len(journal)
    for transaction in journal:
        found = read[transaction.id]
        assert found.date == transaction.effective
        assert found.narration == transaction.memo
        for name in ("key", "kind", "actor", "reference"):
            assert found.meta.get(name, "") == getattr(transaction, name)
        assert found.meta["recorded"] == transaction.recorded.isoformat()
        assert found.meta.get("reverses") == transaction.reverses
        assert found.meta.get("hold") == transaction.hold_id


@needs_hledger
@on_books(8)
def test_hledger_keeps_the_dates_and_numbers(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    full = fill(connection, history)
    path = kept(exported(full, "hledger"), tmp_path / "book.journal")
    printed = hledger(path, "register", "-O", "csv").stdout
    rows = csv.DictReader(io.StringIO(printed))
    found = {(row["code"], row["date"]) for row in rows if row["code"]}
    journal = full.journal(limit=1000).transactions
    assert found == {(str(one.id), one.effective.isoformat()) for one in journal}


@on_books(4)
def test_a_figure_changed_by_a_minute_is_found(
    connection: sa.Connection, tmp_path: Path, history: list[Step]
) -> None:
    full = fill(connection, history)
    for form, accepts in (
        ("hledger", lambda path: hledger(path, "check").returncode == 0),
        ("beancount", beancount_accepts),
    ):
        if form == "hledger" and shutil.which("hledger") is None:
            continue
        text = exported(full, form)
        # A pair of legs that still sum to zero, and so are wrong only by the assertions.
        pair = re.search(r"  (\S+)  (-?\d+) MIN\n  +(\S+)  (-?\d+) MIN\n", text)
        assume(pair is not None)  # something was moved
        leg, other = int(pair[2]), int(pair[4])
        changed = pair[0].replace(f"{leg} MIN", f"{leg - 1} MIN", 1)
        assert not accepts(kept(text.replace(pair[0], changed, 1), tmp_path / "one"))
        both = f"  {pair[1]}  {leg - 1} MIN\n  {pair[3]}  {other + 1} MIN\n"
        assert pair[1] != pair[3]
        assert not accepts(kept(text.replace(pair[0], both, 1), tmp_path / "both"))


@on_books(15)
def test_csv_has_a_row_for_each_entry_as_recorded(
    connection: sa.Connection, history: list[Step]
) -> None:
    full = fill(connection, history)
    rows = list(csv.DictReader(io.StringIO(exported(full, "csv"), newline="")))
    journal = {one.id: one for one in full.journal(limit=1000).transactions}
    assert len(rows) == full.head().entries
    assert [(r["effective"], int(r["transaction"]), int(r["line"])) for r in rows] == sorted(
        (r["effective"], int(r["transaction"]), int(r["line"])) for r in rows
    )
    for row in rows:
        transaction = journal[int(row["transaction"])]
        entry = transaction.entries[int(row["line"]) - 1]
        assert (row["account"], *(int(row[name]) for name in ("amount", "version", "balance"))) == (
            entry.account,
            entry.amount,
            entry.version,
            entry.balance,
        )
        for name in ("kind", "key", "memo", "actor", "reference"):
            assert row[name] == getattr(transaction, name)


@pytest.mark.parametrize("form", ["csv", "hledger", "beancount"])
def test_a_book_of_several_pages_is_exported_whole(book: Book, form: str) -> None:
    seen: list[tuple[int, int]] = []
    for number in range(PAGE + 7):
        book.transfer("network:fund", "school:a", 1, key=f"k{number}")
    stream = io.StringIO(newline="")
    assert export(book, form, stream, progress=lambda *step: seen.append(step)) == PAGE + 7
    assert stream.getvalue().count("Assets:School:A  1 MIN\n") == (0 if form == "csv" else PAGE + 7)
    assert seen[-1] == (2 * (PAGE + 7), 2 * (PAGE + 7))


@pytest.mark.parametrize("form", ["csv", "hledger", "beancount"])
def test_a_book_without_transactions_is_exported(book: Book, form: str, tmp_path: Path) -> None:
    text = exported(book, form)
    assert text
    if form == "beancount":
        assert beancount_accepts(kept(text, tmp_path / "empty"))


def test_what_does_not_add_up_to_the_balances_is_refused(book: Book) -> None:
    class Short(Book):
        def journal(self, **options):  # a journal that has lost what came on one day
            page = super().journal(**options)
            return type(page)(page.transactions[1:], page.next)

    book.post([Posting("network:fund", -5), Posting("school:a", 5)], key="k")
    with pytest.raises(ExportDiffers):
        exported(Short(book.connection), "csv")


def test_a_part_as_csv_has_a_row_for_each_entry(book: Book) -> None:
    book.transfer("network:fund", "school:a", 5, key="one")
    part = "".join(export_part(book.journal(everything=True).transactions, "csv"))
    assert [row["key"] for row in csv.DictReader(io.StringIO(part))] == ["one", "one"]
    with pytest.raises(ValueError, match="not exported as 'pdf'"):
        list(export_part([], "pdf"))  # type: ignore[arg-type]


def test_there_are_no_other_forms(book: Book) -> None:
    with pytest.raises(ValueError, match="qif"):
        export(book, "qif", io.StringIO())


codes = st.text("abAB1X:_.-2DE", min_size=1, max_size=7).filter(lambda code: code[0].isalnum())


@given(codes, codes)
def test_no_two_codes_have_the_same_name_or_lie_beneath_each_other(one: str, other: str) -> None:
    names = account_name(one), account_name(other)
    assert (names[0] == names[1]) == (one == other)
    assert not names[0].startswith(names[1] + ":")
    for name in names:
        assert re.fullmatch(r"(Assets|Equity)(:[A-Z0-9][A-Za-z0-9-]*){1,2}", name)


def test_names_can_be_read() -> None:
    assert account_name("school:100000") == "Assets:School:100000"
    assert account_name("network:issuance") == "Assets:Network:Issuance"
    assert account_name("fund") == "Equity:Fund"
    assert len({account_name(code) for code in CODES}) == len(CODES)


def test_effective_dates_and_not_days_of_recording_make_the_order(book: Book) -> None:
    book.transfer("network:fund", "school:a", 5, key="new", effective=date(2026, 2, 1))
    book.transfer("network:fund", "school:a", 7, key="old", effective=date(2026, 1, 1))
    text = exported(book, "beancount")
    assert text.index("2026-01-02 balance Assets:School:A  7 MIN") < text.index(
        "2026-02-02 balance Assets:School:A  12 MIN"
    )


def test_rows_in_the_order_of_an_accounts_versions_are_its_statement(book: Book) -> None:
    book.transfer("network:fund", "school:a", 5, key="new", effective=date(2026, 2, 1))
    book.transfer("network:fund", "school:a", 7, key="old", effective=date(2026, 1, 1))
    book.transfer("school:a", "school:b", 20, key="newest")
    rows = [
        row
        for row in csv.DictReader(io.StringIO(exported(book, "csv"), newline=""))
        if row["account"] == "school:a"
    ]
    assert [int(row["balance"]) for row in rows] == [12, 5, -8]
    rows.sort(key=lambda row: int(row["version"]))
    assert [(int(row["amount"]), int(row["balance"])) for row in rows] == [
        (line.amount, line.balance) for line in book.statement("school:a").lines
    ]
