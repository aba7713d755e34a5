"""The journal in its parts: an account's, within dates, of a kind, page by page."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from ledger import Book, Posting, Transaction, schema
from ledger.queries import effective_dates
from tests.ledger.conftest import connect, in_the_past
from tests.ledger.keys import new_key
from tests.ledger.machine import fresh_book

CODES = ["a", "b", "c"]
BEGINS = datetime(2026, 3, 26, 22, tzinfo=UTC)  # the clocks change three days later
DAYS = [BEGINS.date() + timedelta(days=n) for n in range(-3, 12)]

moves = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 5, 26]),  # hours since the move before
        st.permutations(CODES),
        st.sampled_from([None, None, 0, 1, 2, 4]),  # days it is dated back
        st.booleans(),
        st.sampled_from(["transfer", "grant"]),
    ),
    min_size=4,
    max_size=40,
)


def record(book: Book, clock: list[datetime], history: list[tuple[object, ...]]) -> None:
    for code in CODES:
        in_the_past(book.connection).open_account(code, floor=None, key=new_key())
    for number, (hours, (one, two, three), back, several, kind) in enumerate(history):
        clock[0] += timedelta(hours=hours)
        day = None if back is None else clock[0].date() - timedelta(days=back)
        lines = [Posting(one, -1), Posting(two, 1)]
        if several:
            lines = [Posting(one, -1), Posting(two, 2), Posting(three, -2), Posting(one, 1)]
        book.post(lines, key=str(number), kind=kind, effective=day, reference=str(number % 3))


def all_pages(book: Book, limit: int, **asked: object) -> list[Transaction]:
    found: list[Transaction] = []
    after = None
    while True:
        page = book.journal(after=after, limit=limit, **asked)  # type: ignore[arg-type]
        assert len(page.transactions) <= limit
        found += page.transactions
        if (after := page.next) is None:
            return found


@pytest.mark.parametrize("most", [effective_dates.MOST_RUNS, 1])
def test_the_journal_of_an_account_and_within_dates_is_the_whole_one_sifted(
    database_url: str, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(effective_dates, "MOST_RUNS", most)
    engine = connect(database_url)
    with engine.begin() as connection:
        schema.install(connection)

    @settings(
        max_examples=int(os.environ.get("LEDGER_EXAMPLES", "25")),
        deadline=None,
        derandomize="LEDGER_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        history=moves,
        start=st.one_of(st.none(), st.sampled_from(DAYS)),
        end=st.one_of(st.none(), st.sampled_from(DAYS)),
        limit=st.integers(1, 6),
    )
    def check(
        history: list[tuple[object, ...]], start: date | None, end: date | None, limit: int
    ) -> None:
        clock = [BEGINS]
        with fresh_book(engine, lambda: clock[0]) as book:
            record(book, clock, history)
            everything = book.journal(limit=1000).transactions
            for code in (*CODES, None):
                sifted = [
                    one
                    for one in everything
                    if code in (None, *(entry.account for entry in one.entries))
                    and (start is None or one.effective >= start)
                    and (end is None or one.effective <= end)
                ]
                if start is not None or end is not None:
                    sifted.sort(key=lambda one: (one.effective, one.id), reverse=True)
                span = {"account": code, "start": start, "end": end}
                assert all_pages(book, limit, **span) == sifted
                assert all_pages(book, limit, newest_first=False, **span) == sifted[::-1]
                assert all_pages(book, limit, kind="grant", reference="1", **span) == [
                    one for one in sifted if (one.kind, one.reference) == ("grant", "1")
                ]

    check()
    engine.dispose()


def test_a_cursor_of_another_list_of_days_counts_as_the_day_and_number_it_names(
    book: Book,
) -> None:
    for number in range(1, 5):
        book.transfer("school:a", "school:b", number, key=str(number))
    first = book.journal(account="school:a", start=date(2020, 1, 1), limit=2)
    day = first.transactions[0].effective
    for cursor, amounts in (
        (first.next, [2, 1]),
        ("9999-12-31/1", [4, 3, 2, 1]),
        ("0001-01-01/1", []),
        (f"{day}/{10**17}", [4, 3, 2, 1]),
    ):
        page = book.journal(account="school:a", start=date.min, end=date.max, after=cursor)
        assert [one.entries[1].amount for one in page.transactions] == amounts


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800"])
def test_what_no_database_can_keep_is_in_no_journal(book: Book, text: str) -> None:
    book.transfer("school:a", "school:b", 1, key="k", kind="grant", reference="r")
    for asked in ({"kind": text}, {"reference": text}, {"kind": "grant", "reference": text}):
        for span in ({}, {"account": "school:a"}, {"start": date.min, "account": "school:a"}):
            page = book.journal(**asked, **span)  # type: ignore[arg-type]
            assert (page.transactions, page.next) == ((), None)
    book.transfer("school:a", "school:b", 1, key="k2")  # the transaction can still be used
