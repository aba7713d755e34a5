"""Imports: tried first, whole or not at all, and never twice."""

import io
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from ledger import Book, ImportReport, export, import_journal, import_opening_balances, schema
from tests.ledger.keys import new_key
from tests.ledger.random_books import Step, fill, on_books

HEAD = "transaction,account,amount,effective,key,memo\n"
GOOD = (
    HEAD + '1,network:fund,-30,2026-01-05,,"two\nlines"\n1,school:a,30,2026-01-05,,"two\nlines"\n'
)


def journal(book: Book, text: str, **options: bool) -> ImportReport:
    return import_journal(book, io.StringIO(text, newline=""), name="old", **options)


def opening(book: Book, text: str, **options: bool) -> ImportReport:
    stream = io.StringIO(text, newline="")
    return import_opening_balances(book, stream, name="old", against="network:fund", **options)


def where(report: ImportReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in report.problems]


def rows(connection: sa.Connection) -> dict[str, int]:
    return {
        name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for name, table in schema.metadata.tables.items()
    }


@on_books(10)
def test_an_exported_book_imported_into_an_empty_one_has_the_same_balances(
    connection: sa.Connection, history: list[Step]
) -> None:
    stream = io.StringIO(newline="")
    full = fill(connection, history)
    count = export(full, "csv", stream)
    days = {one.effective for one in full.journal(limit=1000).transactions}
    wanted = {code: account.posted for code, account in full.balances().items() if account.version}
    by_day = {day: full.trial_balance(effective=day) for day in days}
    connection.rollback()
    book = Book(connection)
    assert book.balances() == {}
    report = journal(book, stream.getvalue(), create_accounts=True, dry_run=False)
    assert (report.done, report.posted, report.replayed, report.problems) == (True, count, 0, ())
    assert report.opened == tuple(sorted(wanted))
    assert report.balances == wanted
    assert {code: account.posted for code, account in book.balances().items()} == wanted
    for day, balance in by_day.items():
        then = {row.code: row.credit - row.debit for row in balance.rows}
        assert {code: book.balance(code, effective=day) for code in wanted} == {
            code: then[code] for code in wanted
        }
    before = rows(connection)
    again = journal(book, stream.getvalue(), create_accounts=True, dry_run=False)
    assert (again.done, again.posted, again.replayed, again.opened) == (True, 0, count, ())
    assert again.balances == wanted
    assert rows(connection) == before


def test_texts_and_dates_come_as_they_are_in_the_file(book: Book) -> None:
    assert journal(book, GOOD, dry_run=False).done
    (transaction,) = book.journal().transactions
    assert transaction.memo == "two\nlines"
    assert transaction.key == "import:old:1"
    assert transaction.effective == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("call", "text"),
    [(journal, GOOD), (opening, "account,minutes\nschool:a,30\nschool:new,-5\nschool:b,0\n")],
)
def test_a_try_tells_and_changes_nothing(
    book: Book, connection: sa.Connection, call: Callable[..., ImportReport], text: str
) -> None:
    before = rows(connection), book.balances()
    tried = call(book, text, create_accounts=True)
    assert not tried.done
    assert not tried.problems
    assert (rows(connection), book.balances()) == before
    done = call(book, text, create_accounts=True, dry_run=False)
    assert done.done
    assert (tried.posted, tried.opened, tried.balances) == (done.posted, done.opened, done.balances)
    assert done.balances["school:a"] == 30


def test_opening_balances_come_from_the_account_named(book: Book) -> None:
    text = "account,minutes\nschool:a,120\nschool:b,-45\n"
    report = opening(book, text, dry_run=False)
    assert report.balances == {"network:fund": -75, "school:a": 120, "school:b": -45}
    assert {one.kind for one in book.journal().transactions} == {"opening"}
    again = opening(book, text, dry_run=False)
    assert (again.posted, again.replayed, again.balances) == (0, 2, report.balances)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(1, "")]),
        ("transaction,amount\n1,2\n", [(1, "account")]),
        (HEAD + "1,network:fund,-5,,,\n1,school:x,5,,,\n", [(3, "account")]),
        (HEAD + "1,network:fund,-5,,,\n1,school:a,4,,,\n", [(2, "amount")]),
        (HEAD + "1,network:fund,-5,,,\n", [(2, "amount")]),
        (HEAD + "1,network:fund,-5.5,,,\n1,school:a,٥,,,\n", [(2, "amount"), (3, "amount")]),
        (HEAD + "1,network:fund,0,,,\n1,school:a,0,,,\n", [(2, "amount"), (3, "amount")]),
        (HEAD + "1,network:fund,-5,1/2/26,,\n1,school:a,5,1/2/26,,\n", [(2, "effective")]),
        (HEAD + "1,network:fund,-5,2026-02-30,,\n1,school:a,5,2026-02-30,,\n", [(2, "effective")]),
        (HEAD + "1,network:fund,-5,2999-01-01,,\n1,school:a,5,2999-01-01,,\n", [(2, "effective")]),
        (HEAD + "1,network:fund,-5,2020-01-01,,\n1,school:a,5,2020-01-01,,\n", [(2, "effective")]),
        (HEAD + "1,network:fund,-5,,,x\n1,school:a,5,,,y\n", [(3, "memo")]),
        (
            HEAD + "".join(f"{n},network:fund,-5,,,\n{n},school:a,5,,,\n" for n in (1, 2, 1)),
            [(6, "key"), (6, "transaction")],
        ),
        (
            HEAD + "".join(f"{n},network:fund,-5,,k,\n{n},school:a,5,,k,\n" for n in (1, 2)),
            [(4, "key")],
        ),
        (
            HEAD + "1,network:fund,-5,,taken,\n1,school:a,5,,taken,\n",
            [(2, "key")],
        ),
        (HEAD + "1,network:fund,-500,,,\n1,school:c,500,,,\n", [(2, "amount")]),
        (HEAD + "1,network:fund,-5,,,\n1,school:f,5,,,\n", [(2, "account")]),
        (HEAD + ",network:fund,-5,,,\n", [(2, "transaction")]),
        (HEAD + "1,network:fund,-5\n", [(2, "")]),
        (HEAD + '1,network:fund,"-5\n', [(2, "")]),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(
    book: Book, connection: sa.Connection, text: str, found: list[tuple[int, str]]
) -> None:
    book.open_account("school:f", floor=None, key=new_key())
    book.freeze("school:f", actor="Jo", memo="holidays", key=new_key())
    book.transfer("network:fund", "school:b", 1, key="taken")
    book.close_period(date(2020, 12, 31), actor="Jo", key=new_key())
    before = rows(connection), book.balances()
    for dry_run in (True, False):
        report = journal(book, text, dry_run=dry_run)
        assert not report.done
        assert where(report) == found
        assert all(problem.message for problem in report.problems)
        assert (rows(connection), book.balances()) == before


def test_everything_wrong_is_told_at_once_and_the_good_is_not_posted(book: Book) -> None:
    text = GOOD + "2,school:a,-5000,,,\n2,school:b,5000,,,\n3,nobody,1,,,\n3,school:a,-1,,,\n"
    report = journal(book, text, dry_run=False)
    assert where(report) == [(6, "amount"), (8, "account")]
    assert not report.done
    assert book.head().entries == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("account,minutes\nschool:a,1\nschool:a,2\n", [(3, "account")]),
        ("account,minutes\nnetwork:fund,1\n", [(2, "account")]),
        ("account,minutes\nschool:x,1\n", [(2, "account")]),
        ("account,minutes\nschool:a,1h\n", [(2, "minutes")]),
        ("account,hours\nschool:a,1\n", [(1, "minutes")]),
        ("account,minutes\nschool:c,500\n", [(2, "amount")]),
    ],
)
def test_what_is_wrong_with_opening_balances_is_told(
    book: Book, text: str, found: list[tuple[int, str]]
) -> None:
    report = opening(book, text, dry_run=False)
    assert where(report) == found
    assert book.head().entries == 0


def test_a_code_that_cannot_be_one_is_told_when_accounts_are_opened(book: Book) -> None:
    report = opening(book, "account,minutes\nschool a,1\n", create_accounts=True)
    assert where(report) == [(2, "account")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_file_that_went_through_a_spreadsheet_is_read(
    book: Book, line_end: str, mark: str, quote: str
) -> None:
    header = ",".join(f"{quote}{name}{quote}" for name in ("transaction", "account", "amount"))
    lines = [header, ",,", "1,network:fund,-30", " , , ", "1,school:a,30", "", ",,,,", '"",,', ""]
    report = journal(book, mark + line_end.join(lines), create_accounts=True, dry_run=False)
    assert (report.problems, report.posted) == ((), 1)
    assert report.balances == {"network:fund": -30, "school:a": 30}
    lines = ["", header.replace("transaction", "note").replace("amount", "minutes"), ",,", "x,b,7"]
    report = opening(book, mark + line_end.join(lines), create_accounts=True, dry_run=False)
    assert (report.problems, report.posted) == ((), 1)


def test_lines_are_counted_over_empty_rows(book: Book) -> None:
    text = "\ufefftransaction,account,amount\r\n,,\r\n1,network:fund,much\r\n"
    assert where(journal(book, text))[0] == (3, "amount")


def test_a_file_that_was_exported_before_entries_had_their_version_is_read(book: Book) -> None:
    text = (
        "transaction,line,effective,recorded,kind,key,memo,actor,reference,account,amount,balance,"
        "reverses,hold\r\n"
        "7,1,2026-01-05,2026-01-05T09:00:00+00:00,grant,g,,Olu,,network:fund,-30,-30,,\r\n"
        "7,2,2026-01-05,2026-01-05T09:00:00+00:00,grant,g,,Olu,,school:a,30,30,,\r\n"
    )
    report = journal(book, text, dry_run=False)
    assert (report.done, report.balances) == (True, {"network:fund": -30, "school:a": 30})
    (transaction,) = book.journal().transactions
    assert (transaction.key, transaction.kind, transaction.actor) == ("g", "grant", "Olu")
