"""Temporary types named like those of the guards: a guard does not use them in their place.

A name of a type is looked up among the temporary ones first, where every role may make some. A
function is compiled once a session, so each attack begins a session of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book
from tests.ledger.keys import new_key

pytestmark = pytest.mark.postgresql

HEADER = (
    "INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,"
    " actor, reference, entry_count) SELECT 'x', '', '{action}', 'x', '',"
    " (clock_timestamp() AT TIME ZONE 'Europe/London')::pg_catalog.date - {days},"
    " clock_timestamp(), '', '', {count}"
)
LINES = (
    "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at,"
    " line, entry_count) SELECT a.id, 1000, header.id, 2 * line - 3, 0, header.recorded_at, line, 2"
    " FROM header, generate_series(1, 2) line JOIN ledger_account a"
    " ON a.code = CASE line WHEN 1 THEN 'school:a' ELSE 'school:b' END"
)
LATE = f"WITH header AS ({HEADER.format(action='post', days=20, count=2)} RETURNING *) {LINES}"


@pytest.fixture
def session(book: Book, connection: sa.Connection) -> Iterator[sa.Connection]:
    """A new session on a book whose periods are closed through ten days ago."""
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite has no types that a writer could make")
    closed = datetime.now(UTC).date() - timedelta(days=10)
    book.close_period(closed, key=new_key(), actor="Ada")
    connection.commit()
    engine = sa.create_engine(connection.engine.url, poolclass=sa.NullPool)
    with engine.connect() as session:
        yield session
        session.rollback()


def test_no_record_of_another_shape_opens_a_closed_period(session: sa.Connection) -> None:
    # In this one the day of the posting stands where its instant is looked for, and so contrary.
    columns = session.exec_driver_sql(
        "SELECT attname, format_type(atttypid, -1) FROM pg_attribute"
        " WHERE attrelid = 'ledger_transaction'::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum"
    ).all()
    exchanged = {"effective": "recorded_at", "recorded_at": "effective"}
    shape = ", ".join(f"{exchanged.get(name, name)} {type_}" for name, type_ in columns)
    session.exec_driver_sql(f"CREATE TYPE pg_temp.record AS ({shape}, recorded_on date)")
    with pytest.raises(sa.exc.IntegrityError, match="is effective in a closed period"):
        session.exec_driver_sql(LATE)


def test_no_date_with_a_time_closes_a_day_that_is_not_over(session: sa.Connection) -> None:
    session.exec_driver_sql("CREATE DOMAIN pg_temp.date AS timestamp")
    session.exec_driver_sql(HEADER.format(action="close_period", days=0, count="NULL"))
    with pytest.raises(sa.exc.IntegrityError, match="a period cannot be closed through"):
        session.exec_driver_sql(
            "INSERT INTO ledger_period (ends_on, transaction_id, closed_at)"
            " SELECT effective, id, recorded_at FROM ledger_transaction WHERE key = 'x'"
        )


def test_no_guard_names_a_type_that_a_writer_can_make(session: sa.Connection) -> None:
    for name in ("text", "date", "timestamptz", "record"):
        session.exec_driver_sql(f"CREATE DOMAIN pg_temp.{name} AS integer CHECK (VALUE = 0)")
    with pytest.raises(sa.exc.IntegrityError, match="is effective in a closed period"):
        session.exec_driver_sql(LATE)
