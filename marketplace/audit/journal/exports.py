"""What is filtered in the journal, as a file: CSV, Excel, hledger and Beancount.

The records are read a page at a time, of one state of the database, so memory holds one page and
no writer waits. Every form is sent while it is read, and whoever waits can be told how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Response, stream_with_context
from sqlalchemy.orm import Session

from ledger import Book, Form, Transaction, export_part
from marketplace.accounts.actor import Actor
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.audit.journal.criteria import Criteria
from marketplace.audit.journal.records import UNMOVED_KINDS, is_out_of_hours, journal_kind
from marketplace.audit.journal.search import JournalSearch
from marketplace.clock import LONDON, today
from marketplace.credits.chart import account_names, actor_names, kind_label
from marketplace.credits.records import accounts_of, moved_minutes, record_title
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.tables import Cell, csv_response, decimal_credits
from marketplace.web.workbooks import MOST_ROWS, Column, workbook_response

EXPORT_PAGE = 1_000
FORMS = ("csv", "xlsx", "hledger", "beancount")
Tell = Callable[[int, bool], None]
"""Called with how many records have been written, and whether these are all."""
COLUMNS = (
    Column("number"),
    Column("date", number_format="date"),
    Column("recorded (London)", 18, "instant"),
    Column("kind"),
    Column("text", 40),
    Column("from", 28),
    Column("to", 28),
    Column("moved, minutes", adds_up=7),
    Column("moved, credits", number_format="decimal", adds_up=7, divisor=60),
    Column("held or released, minutes", adds_up=9),
    Column("by", 34),
    Column("out of hours"),
    Column("reverses"),
    Column("reversed by"),
    Column("hold"),
    Column("reference"),
    Column("key", 24),
)
_INSTANT, _MOVED, _CREDITS = 2, 7, 8
"""Places of columns that are written in a way of their own."""


def export_journal(
    form: str, criteria: Criteria, begin: Callable[[], Tell] = lambda: _tell_nobody
) -> Response:
    """Return the records that fit ``criteria`` as a file.

    ``begin`` is called when the first of it is sent, and what it returns as the file grows.

    Raises:
        Refusal: there are too many for Excel.
    """
    name = f"journal-{today()}"
    if form == "csv":
        return csv_response(f"{name}.csv", _csv_rows(criteria, begin))
    if form == "xlsx":
        _refuse_too_many(criteria)
        return workbook_response(f"{name}.xlsx", "Journal", COLUMNS, _excel_rows(criteria, begin))
    programs: dict[str, tuple[Form, str]] = {
        "hledger": ("hledger", "journal"),
        "beancount": ("beancount", "beancount"),
    }
    program, ending = programs[form]
    return Response(
        stream_with_context(_text(program, criteria, begin)),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )


def record_export(actor: Actor, form: str) -> None:
    """Note in the security log that ``actor`` downloaded the journal, or a part of it."""
    record_apart(
        SecurityKind.EXPORTED,
        person_id=actor.person_id,
        actor_id=actor.person_id,
        what=f"journal as {form}",
    )


def _tell_nobody(_done: int, _is_all: bool) -> None:
    """Nobody waits for it."""


def _refuse_too_many(criteria: Criteria) -> None:
    """Refuse what does not go into one workbook."""
    if JournalSearch(db.session(), criteria).count() > MOST_ROWS:
        raise Refusal(
            f"These are more than {MOST_ROWS:,} records, which is too many for one workbook."
            " Narrow the journal, or download them as CSV."
        )


@contextmanager
def _one_state() -> Iterator[Session]:
    """A session of its own that only reads, and reads one state of the database."""
    options: dict[str, Any] = {"read_only": True, "postgresql_readonly": True}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with db.engine.execution_options(**options).connect() as connection:
        yield Session(connection)


def _pages(session: Session, criteria: Criteria, tell: Tell) -> Iterator[list[Transaction]]:
    """The records that fit, as the ledger has them, a page at a time."""
    book, done = Book(session), 0
    for hits in JournalSearch(session, criteria).pages(EXPORT_PAGE):
        records = book.transactions([hit.number for hit in hits])
        yield [records[hit.number] for hit in hits if hit.number in records]
        session.expunge_all()
        done += len(hits)
        tell(done, False)
    tell(done, True)


def _csv_rows(criteria: Criteria, begin: Callable[[], Tell]) -> Iterator[Sequence[Cell]]:
    yield [column.name for column in COLUMNS]
    for row in _all_rows(criteria, begin):
        row[_INSTANT] = row[_INSTANT].isoformat(" ", "seconds")
        yield row


def _excel_rows(criteria: Criteria, begin: Callable[[], Tell]) -> Iterator[Sequence[Any]]:
    for row in _all_rows(criteria, begin):
        if row[_MOVED] is not None:
            row[_CREDITS] = row[_MOVED] / 60  # what is not a quarter of an hour is not rounded
        yield row


def _all_rows(criteria: Criteria, begin: Callable[[], Tell]) -> Iterator[list[Any]]:
    tell = begin()
    with _one_state() as session:
        for records in _pages(session, criteria, tell):
            yield from _rows(session, records)


def _text(form: Form, criteria: Criteria, begin: Callable[[], Tell]) -> Iterator[str]:
    """The part of the journal for a program, oldest first."""
    oldest_first, tell = replace(criteria, newest_first=False), begin()
    with _one_state() as session:
        yield from export_part(
            (one for records in _pages(session, oldest_first, tell) for one in records), form
        )


def _rows(session: Session, records: Sequence[Transaction]) -> Iterator[list[Any]]:
    """The cells of each record, in the order of `COLUMNS`."""
    names = account_names(session, {code for one in records for code in accounts_of(one)})
    actors = actor_names(session, {one.actor for one in records})
    for one in records:
        kind, minutes = journal_kind(one), moved_minutes(one)
        moved = minutes if kind not in UNMOVED_KINDS else None
        gives, takes = _accounts(one)
        yield [
            one.id,
            one.effective,
            one.recorded.astimezone(LONDON).replace(tzinfo=None, microsecond=0),
            kind_label(kind),
            _words(one, names),
            "; ".join(names[code] for code in gives),
            "; ".join(names[code] for code in takes),
            moved,
            decimal_credits(moved) if moved is not None else None,
            minutes if moved is None else None,
            actors[one.actor],
            "yes" if one.actor.startswith("person:") and is_out_of_hours(one.recorded) else "",
            one.reverses,
            one.reversed_by,
            one.hold_id,
            one.reference,
            one.key,
        ]


def _words(one: Transaction, names: dict[str, str]) -> str:
    title = record_title(one, names)
    return f"{title}: {one.memo}" if title and one.memo else title or one.memo


def _accounts(one: Transaction) -> tuple[list[str], list[str]]:
    """The accounts that gave, or are held from; and those that took, or are held for."""
    if one.reservation is not None:
        return [one.reservation.source], [one.reservation.target]
    if one.change is not None:
        return [one.change.account], []
    gives = dict.fromkeys(entry.account for entry in one.entries if entry.amount < 0)
    takes = dict.fromkeys(entry.account for entry in one.entries if entry.amount > 0)
    return list(gives), list(takes)
