"""Keyset pages: whatever the order, they join up without a gap or a repetition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from marketplace.database import UtcDateTime
from marketplace.web.paging import Page, paginate, read_cursor, write_cursor

METADATA = sa.MetaData()
THING = sa.Table(
    "thing",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("name", sa.String, nullable=False),
)
ORDERS = {
    "newest first": (THING.c.at.desc(), THING.c.id.desc()),
    "oldest first": (THING.c.at, THING.c.id),
    "by name": (THING.c.name, THING.c.id),
    "by name, the newest of each first": (THING.c.name, THING.c.at.desc(), THING.c.id.desc()),
    "by number": (THING.c.id.desc(),),
}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

rows = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", "a~b", "~", ""])), max_size=12
)


def filled(engine: sa.Engine, things: list[tuple[int, str]]) -> Session:
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    session = Session(engine)
    for hours, name in things:
        session.execute(sa.insert(THING).values(at=NOON + timedelta(hours=hours), name=name))
    return session


def pages(session: Session, order: str, limit: int) -> list[Page[int]]:
    result = [paginate(session, sa.select(THING.c.id), *ORDERS[order], limit=limit)]
    while (after := result[-1].next) is not None:
        page = paginate(session, sa.select(THING.c.id), *ORDERS[order], after=after, limit=limit)
        result.append(page)
    return result


@pytest.mark.parametrize("order", ORDERS)
@given(things=rows, limit=st.integers(1, 5))
def test_pages_join_up_to_the_whole(order: str, things: list[tuple[int, str]], limit: int) -> None:
    with filled(sa.create_engine("sqlite://"), things) as session:
        whole = session.scalars(sa.select(THING.c.id).order_by(*ORDERS[order])).all()
        read = pages(session, order, limit)
    assert [number for page in read for number in page.rows] == whole
    assert all(len(page.rows) == limit for page in read[:-1])
    assert len(read) == max(1, -(-len(whole) // limit)), "the last page is never an empty one"


def test_they_join_up_on_each_database(database_url: str) -> None:
    things = [(hour % 3, name) for hour, name in enumerate(["a", "b", "a~b", "~", "", "b", "a"])]
    engine = sa.create_engine(database_url)
    try:
        with filled(engine, things) as session:
            for order, columns in ORDERS.items():
                whole = session.scalars(sa.select(THING.c.id).order_by(*columns)).all()
                read = [number for page in pages(session, order, 2) for number in page.rows]
                assert read == whole, order
    finally:
        engine.dispose()


def test_what_is_selected_is_what_a_row_is() -> None:
    with filled(sa.create_engine("sqlite://"), [(1, "a"), (2, "b")]) as session:
        one = paginate(session, sa.select(THING.c.name), THING.c.id, limit=1)
        two = paginate(session, sa.select(THING.c.name, THING.c.at), THING.c.id, limit=1)
    assert one.rows == ["a"]
    assert two.rows == [("a", NOON + timedelta(hours=1))]
    assert two.map(len).rows == [2]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "rubbish",
        "~",
        "1~2~3",
        "2026-11-26T12:00:00~1",
        "2026-11-26T12:00:00+00:00~x",
        "2026-11-26T12:00:00+00:00~99999999999",
        "9999-12-31T23:59:59-23:59~1",
        "\0~1",
        "²~1",
    ],
)
def test_a_cursor_that_cannot_be_read_is_none(typed: str) -> None:
    assert read_cursor(typed, [THING.c.at, THING.c.id]) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    cursor = write_cursor([NOON, 7])
    at, number = read_cursor(cursor, [THING.c.at, THING.c.id]) or ()
    assert (at.value, number.value) == (NOON, 7)
