"""Keeping the journal's index up with the ledger, making it anew, and comparing the two.

With it goes what each entry of a statement was for (`statements.causes`).

The index follows the ledger's journal by its cursors, so that a record which commits late, with a
lower number than one that is in the index already, is never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, CursorExpired, InvalidText, Transaction
from marketplace import clock
from marketplace.audit.journal.models import JournalAccount, JournalIndex, JournalRow
from marketplace.audit.journal.records import FoundBy, found_by
from marketplace.outbox.schedule import JobRun, Schedule
from marketplace.statements.causes import (
    compare_causes,
    count_without_entry,
    forget_causes,
    keep_causes,
)

BATCH = 2_000
"""Records that are added in one transaction."""

Progress = Callable[[int], None]


def schedule_job(schedule: Schedule) -> None:
    """Put the job on the schedule that keeps the index up."""
    schedule.every("index_journal", timedelta(minutes=1), _index_job)


def index_journal(
    session: Session, commit: Callable[[], None], progress: Progress | None = None
) -> int:
    """Add what was recorded since to the index; return how many records were added.

    ``commit`` is called after each batch. An index of a book that was since restored is made anew.
    """
    added = 0
    while True:
        index = _locked(session)
        try:
            page = Book(session).journal(
                newest_first=False, everything=True, after=index.cursor, limit=BATCH
            )
        except (CursorExpired, InvalidText):
            _empty(session, index)
            continue
        _add(session, page.transactions)
        index.cursor = page.last
        index.rows += len(page.transactions)
        if page.transactions:
            index.updated_at = clock.now()
        session.flush()
        commit()
        added += len(page.transactions)
        if progress is not None:
            progress(added)
        if page.next is None:
            return added


def reindex_journal(
    session: Session, commit: Callable[[], None], progress: Progress | None = None
) -> int:
    """Make the index anew from the ledger; return how many records it has.

    Meanwhile the journal says that it is being prepared.
    """
    _empty(session, _locked(session))
    commit()
    return index_journal(session, commit, progress)


def compare_with_ledger(session: Session, progress: Progress | None = None) -> Iterator[str]:
    """Yield a sentence for each record that the index has otherwise than the ledger.

    What was recorded since the index was last added to is no difference.
    """
    index = session.get(JournalIndex, 1)
    in_index = index.rows if index is not None else 0
    compared, after = 0, None
    while compared < in_index:
        page = Book(session).journal(
            newest_first=False, everything=True, after=after, limit=min(BATCH, in_index - compared)
        )
        rows = _rows(session, [one.id for one in page.transactions])
        yield from compare_causes(session, [one.id for one in page.transactions])
        for record in found_by(session, page.transactions):
            if rows.get(record.number) != _comparable(record):
                yield f"No {record.number} is not in the index as it is in the ledger."
        compared += len(page.transactions)
        if progress is not None:
            progress(compared)
        after = page.last
        if page.next is None:
            break
    for table in (JournalRow, JournalAccount):
        numbers = session.scalar(sa.select(sa.func.count(table.number.distinct()))) or 0
        if numbers != compared:
            yield (
                f"The index has {numbers:,} records in {table.__tablename__}, and should have"
                f" {compared:,}."
            )
    if (more := count_without_entry(session)) > 0:
        yield f"What {more:,} entries were for is kept, and the ledger has no such entries."


def _index_job(run: JobRun) -> str:
    return f"{index_journal(run.session, run.commit):,} records added to the journal’s index."


def _locked(session: Session) -> JournalIndex:
    """The row that says how far the index has come; no other adds to it until the commit."""
    query = sa.select(JournalIndex).with_for_update().execution_options(populate_existing=True)
    index = session.scalar(query)
    if index is None:
        index = JournalIndex(id=1, cursor=None, rows=0, updated_at=clock.now())
        session.add(index)
        session.flush()
    return index


def _empty(session: Session, index: JournalIndex) -> None:
    session.execute(sa.delete(JournalAccount))
    session.execute(sa.delete(JournalRow))
    forget_causes(session)
    index.cursor, index.rows, index.updated_at = None, 0, clock.now()
    session.flush()


def _add(session: Session, transactions: Sequence[Transaction]) -> None:
    """Add records to the index."""
    records = found_by(session, transactions)
    if not records:
        return
    session.execute(
        sa.insert(JournalRow),
        [
            {
                "number": record.number,
                "effective": record.effective,
                "kind": record.kind,
                "minutes": record.minutes,
                "person_id": record.person_id,
                "out_of_hours": record.out_of_hours,
                "same_person": record.same_person,
            }
            for record in records
        ],
    )
    accounts = [
        {
            "code": code,
            "number": record.number,
            "effective": record.effective,
            "kind": record.kind,
            "minutes": record.minutes,
        }
        for record in records
        for code in sorted(record.codes)
    ]
    if accounts:
        session.execute(sa.insert(JournalAccount), accounts)
    keep_causes(session, [record.number for record in records])


_Comparable = tuple[object, ...]


def _comparable(record: FoundBy) -> _Comparable:
    return (
        record.effective,
        record.kind,
        record.minutes,
        record.person_id,
        record.out_of_hours,
        record.same_person,
        tuple(
            (code, record.effective, record.kind, record.minutes) for code in sorted(record.codes)
        ),
    )


def _rows(session: Session, numbers: Sequence[int]) -> dict[int, _Comparable]:
    """What the index has of these records, as `_comparable` has it."""
    accounts: dict[int, list[_Comparable]] = {number: [] for number in numbers}
    columns = (JournalAccount.code, JournalAccount.effective)
    sums = (JournalAccount.kind, JournalAccount.minutes)
    for number, *account in session.execute(
        sa.select(JournalAccount.number, *columns, *sums)
        .where(JournalAccount.number.in_(numbers))
        .order_by(JournalAccount.code)
    ):
        accounts[number].append(tuple(account))
    return {
        row.number: (
            row.effective,
            row.kind,
            row.minutes,
            row.person_id,
            row.out_of_hours,
            row.same_person,
            tuple(accounts[row.number]),
        )
        for row in session.execute(
            sa.select(
                JournalRow.number,
                JournalRow.effective,
                JournalRow.kind,
                JournalRow.minutes,
                JournalRow.person_id,
                JournalRow.out_of_hours,
                JournalRow.same_person,
            ).where(JournalRow.number.in_(numbers))
        )
    }
