"""Every figure of a statement is what the raw journal comes to, to the minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ledger import Book, Posting, Transaction
from marketplace.application import Skillbank
from marketplace.clock import LONDON
from marketplace.database import db
from marketplace.exchanges.models import State
from marketplace.statements.causes import keep_causes
from marketplace.statements.figures import (
    Figures,
    Moved,
    figures_by_account,
    figures_with_before,
)
from marketplace.statements.period import Period
from marketplace.statements.reconciling import list_partners, reconcile
from marketplace.statements.trust.queries import trust_figures
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to, proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

CODES = ("school:1", "school:2", "school:3")
NETWORK = "network:gifts"
BEGINNING = datetime(2025, 8, 30, 12, tzinfo=UTC)
DAYS = st.integers(0, 120).map(lambda days: date(2025, 8, 20) + timedelta(days=days))
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days)))


@dataclass(slots=True)
class Clock:
    """The ledger's clock, which goes on by some hours before each transaction."""

    now: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Expected:
    """The figures of one account, added up in plain Python."""

    opening: int = 0
    months: dict[date, Moved] = field(default_factory=lambda: defaultdict(Moved))
    partners: dict[str | None, Moved] = field(default_factory=lambda: defaultdict(Moved))
    topics: dict[str | None, Moved] = field(default_factory=lambda: defaultdict(Moved))


@pytest.fixture
def topics(app: Skillbank) -> Iterator[dict[str, str]]:
    """The references of three exchanges, with the first topic of each; the application is open."""
    with saved(app):
        owner, other = actor_for(joined_school()), actor_for(joined_school())
        listings = [posted(owner), posted(owner, topics=("send", "autism"))]
        made = [proposed(other, listing) for listing in listings]
        made.append(brought_to(State.DECLINED, owner, other))
        references = [exchange.reference for exchange in made]
    with app.app_context():
        yield dict(zip(references, ("phonics", "autism", "phonics"), strict=True))
        db.session.rollback()


transfers = st.tuples(
    st.sampled_from(("help", "grant", "gift", "odd", "reverse", "three", "back")),
    st.permutations(CODES),
    st.integers(1, 200),
    st.integers(0, 400),
    st.integers(0, 2),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(transfers, max_size=14), period=PERIODS, kept=st.sets(st.integers(0, 20)))
def test_figures_are_what_the_journal_comes_to(
    topics: dict[str, str],
    steps: Sequence[tuple[str, list[str], int, int, int]],
    period: Period,
    kept: set[int],
) -> None:
    """Also where it is kept of some entries what they were for, and of others not."""
    session = db.session()
    session.rollback()
    write(session, steps, list(topics))
    journal = read_journal(session)
    keep_causes(session, [one.id for place, one in enumerate(journal) if place in kept])
    by_account = figures_by_account(session, [*CODES, NETWORK], period)
    for code in CODES:
        assert by_account[code] == expected(journal, code, period, topics)
        closing = Book(session).statement(code, start=period.start, end=period.end).closing
        assert by_account[code].closing == closing
    network = expected(journal, NETWORK, period, {})
    assert by_account[NETWORK].by_month == network.by_month
    assert by_account[NETWORK].closing == network.closing
    former = Period(period.start - timedelta(days=20), period.start - timedelta(days=1))
    current, before = figures_with_before(session, CODES[0], period, former)
    assert current == by_account[CODES[0]]
    then = expected(journal, CODES[0], former, topics)
    assert before == Moved(then.given, then.received, then.other)
    trust = trust_figures(session, (1, 2), period)
    parts = [expected(journal, code, period, topics, left_out=CODES[:2]) for code in CODES[:2]]
    assert trust.closing == sum(by_account[code].closing for code in CODES[:2])
    outside = trust.outside
    assert (outside.given, outside.received, outside.other) == tuple(
        sum(getattr(part, name) for part in parts) for name in ("given", "received", "other")
    )
    assert sum(trust.by_month.values(), Moved()) == outside
    together = reconcile(session, CODES[0], CODES[1], period, dict.fromkeys(CODES, ""))
    assert (together.our_total, together.their_total) == minutes_together(journal, period)
    assert set(list_partners(session, CODES[0])) == partners(journal, CODES[0])


def minutes_together(journal: Sequence[Transaction], period: Period) -> tuple[int, int]:
    """What moved on each of the first two accounts by what they both have part in."""
    totals = [0, 0]
    for one in journal:
        codes = {posting.account for posting in one.entries}
        is_within = period.start <= one.recorded.astimezone(LONDON).date() <= period.end
        if is_within and codes.issuperset(CODES[:2]):
            for place, code in enumerate(CODES[:2]):
                totals[place] += sum(line.amount for line in one.entries if line.account == code)
    return totals[0], totals[1]


def partners(journal: Sequence[Transaction], code: str) -> set[str]:
    """The accounts that have part in a transaction of ``code``."""
    found: set[str] = set()
    for one in journal:
        codes = {posting.account for posting in one.entries}
        if code in codes:
            found |= codes - {code}
    return found


def write(
    session: Session,
    steps: Sequence[tuple[str, list[str], int, int, int]],
    references: list[str],
) -> None:
    """Post what the steps say, each some hours after the one before."""
    clock = Clock()
    book = Book(session, clock=clock)
    for code in (*CODES, NETWORK):
        book.open_account(code, floor=None, key=f"open:{code}")
    posted_ids: list[int] = []
    for number, (sort, (first, second, third), minutes, hours, place) in enumerate(steps):
        clock.now += timedelta(hours=hours, seconds=1)
        key = f"step:{number}"
        if sort == "reverse":
            if posted_ids:
                book.reverse(posted_ids.pop(), key=key)
            continue
        reference = {
            "help": references[place],
            "odd": ("exchange:", "exchange:12x", "exchange:999999999999")[place],
        }.get(sort, "")
        postings = [Posting(first, -minutes), Posting(second, minutes)]
        if sort == "grant":
            postings[0] = Posting(NETWORK, -minutes)
        if sort == "three":
            postings = [Posting(first, -2 * minutes), Posting(second, minutes)]
            postings.append(Posting(third, minutes))
        effective = clock.now.date() - timedelta(days=place) if sort == "back" else None
        if effective is not None and effective < BEGINNING.date():
            effective = None
        posting = book.post(postings, key=key, reference=reference, effective=effective)
        posted_ids.append(posting.id)


def read_journal(session: Session) -> list[Transaction]:
    """Every transaction of the book."""
    return list(Book(session).journal(limit=10_000).transactions)


def expected(
    journal: Sequence[Transaction],
    code: str,
    period: Period,
    topics: dict[str, str],
    *,
    left_out: Sequence[str] = (),
) -> Figures:
    """The figures of an account, out of the transactions of the book."""
    by_number = {transaction.id: transaction for transaction in journal}
    sums = Expected()
    for transaction in journal:
        cause = by_number[transaction.reverses] if transaction.reverses else transaction
        day = transaction.recorded.astimezone(LONDON).date()
        for entry in transaction.entries:
            if entry.account != code or day > period.end:
                continue
            if day < period.start:
                sums.opening += entry.amount
                continue
            others = [other.account for other in transaction.entries if other != entry]
            partner = others[0] if len(others) == 1 else None
            if partner in left_out:
                continue
            is_help = cause.reference in topics
            if not is_help:
                moved = Moved(other=entry.amount)
            elif (entry.amount > 0) != bool(transaction.reverses):
                moved = Moved(given=entry.amount)
            else:
                moved = Moved(received=-entry.amount)
            sums.months[day.replace(day=1)] += moved
            sums.partners[partner] += moved
            if is_help:
                sums.topics[topics[cause.reference]] += moved
    total = sum(sums.months.values(), Moved())
    return Figures(
        given=total.given,
        received=total.received,
        other=total.other,
        opening=sums.opening,
        by_month=dict(sums.months),
        by_partner=dict(sums.partners),
        by_topic=dict(sums.topics),
    )
