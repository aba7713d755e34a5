"""What the journal finds is what a plain filter over the whole ledger leaves, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from ledger import Book, Transaction
from marketplace.application import Skillbank
from marketplace.audit.journal import search, sources
from marketplace.audit.journal.criteria import Criteria
from marketplace.audit.journal.indexing import (
    compare_with_ledger,
    index_journal,
    reindex_journal,
)
from marketplace.audit.journal.models import JournalAccount, JournalIndex, JournalRow
from marketplace.audit.journal.search import JournalSearch, Totals
from marketplace.database import db
from marketplace.exchanges.models import State
from marketplace.statements.models import EntryCause
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.audit.journal.books import ISSUANCE, SCHOOLS, fill
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

RECORDS = 120
LONDON = ZoneInfo("Europe/London")
DAYS = [date(2026, 3, day) for day in range(20, 32)] + [date(2026, 4, day) for day in range(1, 15)]


def whole(session: Session) -> list[Transaction]:
    """Every record of the ledger, by number."""
    page = Book(session).journal(everything=True, newest_first=False, limit=1000)
    rest = Book(session).recorded_since(page.last, limit=1000)
    return sorted([*page.transactions, *rest], key=lambda one: one.id)


def kind_of(one: Transaction) -> str:
    if one.action in ("hold", "void", "extend"):
        return one.action
    if one.action in ("open", "freeze", "unfreeze", "limits", "rename", "close"):
        return "account"
    return one.kind


def minutes_of(one: Transaction) -> int | None:
    if one.entries:
        return sum(abs(entry.amount) for entry in one.entries) // 2
    return one.reservation and one.reservation.minutes


def codes_of(one: Transaction) -> set[str]:
    codes = {entry.account for entry in one.entries}
    if one.reservation:
        codes |= {one.reservation.source, one.reservation.target}
    if one.change:
        codes.add(one.change.account)
    return codes


def person_of(one: Transaction) -> int | None:
    return int(one.actor[7]) if one.actor.startswith("person:") else None


def at_odd_hours(instant: datetime) -> bool:
    local = instant.astimezone(LONDON)
    return local.isoweekday() in (6, 7) or local.hour in (*range(7), *range(19, 24))


def fits(criteria: Criteria, one: Transaction) -> bool:
    """The plain filter."""
    minutes = minutes_of(one)
    if criteria.start and one.effective < criteria.start:
        return False
    if criteria.end and one.effective > criteria.end:
        return False
    if any(not codes & codes_of(one) for codes in criteria.accounts):
        return False
    if criteria.kind and kind_of(one) != criteria.kind:
        return False
    if criteria.least is not None and (minutes is None or minutes < criteria.least):
        return False
    if criteria.most is not None and (minutes is None or minutes > criteria.most):
        return False
    if criteria.people is not None and person_of(one) not in criteria.people:
        return False
    if criteria.moved and not one.entries:
        return False
    if criteria.reversal and not (one.reverses or one.reversed_by):
        return False
    return not criteria.out_of_hours or (person_of(one) is not None and at_odd_hours(one.recorded))


codes = st.frozensets(st.sampled_from((ISSUANCE, *SCHOOLS, "school:1")), min_size=1, max_size=3)
criteria = st.builds(
    Criteria,
    start=st.none() | st.sampled_from(DAYS),
    end=st.none() | st.sampled_from(DAYS),
    accounts=st.lists(codes, max_size=2).map(tuple),
    kind=st.none()
    | st.sampled_from(("exchange", "hold", "void", "grant", "transfer", "reversal", "account")),
    least=st.none() | st.sampled_from((0, 15, 60, 61)),
    most=st.none() | st.sampled_from((14, 60, 100, 1000)),
    people=st.none() | st.frozensets(st.integers(1, 3), min_size=1),
    moved=st.booleans(),
    reversal=st.sampled_from((False, False, True)),
    out_of_hours=st.booleans(),
    newest_first=st.booleans(),
)


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    """A book of which half is in the index, and the other half was recorded since."""
    with app.app_context():
        fill(db.session(), RECORDS, seed=1)
        db.session.commit()
        index_journal(db.session(), db.session.commit)
        books_clock_goes_on(db.session())
        db.session.commit()
        yield db.session()
        db.session.rollback()


def books_clock_goes_on(session: Session) -> None:
    book = Book(session)
    for number in range(8):
        book.transfer(SCHOOLS[number % 3], ISSUANCE, 60, key=f"since {number}", actor="person:1")
    back = book.journal(kind="transfer", newest_first=False, limit=1).transactions[0]
    if back.reversed_by is None:
        book.reverse(back.id, key="since: back", actor="person:2")
    book.hold(SCHOOLS[0], SCHOOLS[1], 90, key="since: hold", actor="command:x")


def test_every_criterion_finds_what_a_plain_filter_leaves(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = whole(session)
    assert len(book) > RECORDS // 2

    @settings(
        max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(criteria=criteria, narrow=st.sampled_from((0, 4, 2000)), size=st.integers(1, 40))
    def compare(criteria: Criteria, narrow: int, size: int) -> None:
        monkeypatch.setattr(sources, "NARROW", narrow)
        rows = [one for one in book if fits(criteria, one)]
        if criteria.start or criteria.end:
            rows.sort(key=lambda one: (one.effective, one.id))
        if criteria.newest_first:
            rows.reverse()
        found = JournalSearch(session, criteria)
        pages = list(found.pages(size))
        assert [hit.number for page in pages for hit in page] == [one.id for one in rows]
        assert all(len(page) == size for page in pages[:-1])
        moved = sum(minutes_of(one) for one in rows if one.entries)
        held = sum(minutes_of(one) for one in rows if one.action == "hold")
        assert found.totals() == Totals(len(rows), moved, held, exact=True)

    compare()


def test_totals_say_when_not_all_was_looked_at(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "NARROW", 0)
    for module in (search, sources):
        monkeypatch.setattr(module, "LOOKED_AT", 10)
    everything = JournalSearch(session, Criteria()).totals()
    assert (everything.exact, everything.records) == (False, 11 + 9)
    exact = JournalSearch(session, Criteria(kind="period")).totals()
    assert exact == Totals(0, 0, 0, exact=True)


def test_the_index_is_the_ledger_and_says_where_it_is_not(session: Session) -> None:
    assert list(compare_with_ledger(session)) == []
    index_journal(session, session.commit)
    assert session.get_one(JournalIndex, 1).rows == len(whole(session))
    assert list(compare_with_ledger(session)) == []
    one = whole(session)[10].id
    session.execute(
        sa.update(JournalRow).where(JournalRow.number == one).values(kind="something else")
    )
    assert list(compare_with_ledger(session)) == [
        f"No {one} is not in the index as it is in the ledger."
    ]
    session.rollback()
    session.execute(sa.delete(JournalAccount).where(JournalAccount.number == one))
    session.execute(sa.delete(JournalRow).where(JournalRow.number == one))
    assert len(list(compare_with_ledger(session))) == 3
    session.rollback()
    kept = session.scalars(sa.select(EntryCause)).first()
    assert kept is not None
    kept.is_given = not kept.is_given
    assert list(compare_with_ledger(session)) == [
        f"What entry {kept.version} of account {kept.account_id} was for is not kept as it was."
    ]
    kept.version += 1_000
    session.flush()
    assert len(list(compare_with_ledger(session))) == 2
    session.commit()
    assert reindex_journal(session, session.commit) == len(whole(session))
    assert list(compare_with_ledger(session)) == []


def test_an_index_of_another_book_is_made_anew(session: Session) -> None:
    index_journal(session, session.commit)
    session.execute(sa.update(JournalIndex).values(cursor="of another book"))
    session.commit()
    assert JournalSearch(session, Criteria()).is_behind
    assert index_journal(session, session.commit) == len(whole(session))
    assert list(compare_with_ledger(session)) == []
    assert not JournalSearch(session, Criteria()).is_behind


def test_more_than_is_looked_through_is_said(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NOT_INDEXED", 3)
    found = JournalSearch(session, Criteria())
    assert found.is_behind
    assert not found.totals().exact
    index_journal(session, session.commit)
    assert not JournalSearch(session, Criteria()).is_behind


def test_a_record_that_commits_late_comes_into_the_index(app: Skillbank) -> None:
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("on SQLite one transaction writes at a time")
        session = db.session()
        fill(session, 5)
        session.commit()
        index_journal(session, session.commit)
        with db.engine.connect() as slow:
            late = Book(slow).transfer(SCHOOLS[0], SCHOOLS[1], 5, key="late")
            quick = Book(session).transfer(SCHOOLS[2], SCHOOLS[3], 5, key="quick")
            session.commit()
            assert index_journal(session, session.commit) == 0
            newest = Criteria(kind="transfer", least=5, most=5)
            hits = JournalSearch(session, newest).page(None, 50).rows
            assert [hit.number for hit in hits] == [quick.id]
            session.commit()
            slow.commit()
        assert index_journal(session, session.commit) == 2
        hits = JournalSearch(session, newest).page(None, 50).rows
        assert [hit.number for hit in hits] == [quick.id, late.id]
        assert list(compare_with_ledger(session)) == []


def test_the_command_makes_the_index_anew_and_compares(app: Skillbank) -> None:
    with app.app_context():
        fill(db.session(), 10)
        db.session.commit()

    def run(*words: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["ledger", "reindex-journal", *words])
        return result.exit_code, result.output

    with app.app_context():
        count = len(whole(db.session()))
    assert run() == (0, f"The journal’s index has {count} records.\n")
    assert run("--check") == (0, "The journal’s index is as the ledger.\n")
    with app.app_context():
        db.session.execute(sa.update(JournalRow).values(kind="other"))
        db.session.commit()
    code, output = run("--check")
    assert code == 1
    assert f"differs from the ledger in {count} places" in output
    assert run()[0] == 0
    assert run("--check")[0] == 0


def test_one_person_on_both_sides_is_found_in_the_index_and_beyond_it(app: Skillbank) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        marked, usual = (brought_to(State.CONFIRMED, us, them, minutes=60) for _ in range(2))
        marked.same_person = True
    with app.app_context():
        session = db.session()
        for _ in range(2):
            found = JournalSearch(session, Criteria(same_person=True))
            hits = found.page(None, 10).rows
            assert [(hit.number, hit.same_person) for hit in hits] == [
                (marked.transaction_id, True)
            ]
            assert found.totals() == Totals(1, 60, 0, exact=True)
            everything = JournalSearch(session, Criteria()).page(None, 50).rows
            assert [hit.number for hit in everything if hit.same_person] == [marked.transaction_id]
            assert usual.transaction_id in [hit.number for hit in everything]
            session.rollback()
            index_journal(session, session.commit)
        assert list(compare_with_ledger(session)) == []
