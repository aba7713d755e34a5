"""Random histories on the book and on the reference model: every answer must be the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import ledger
from ledger import Book, Line, Override, Posting, schema
from ledger.verifying.survey import Doubts
from ledger.verifying.verification import suspected
from tests.ledger.conftest import connect
from tests.ledger.model import Model

CODES = ["a", "b", "c", "fund"]
START = datetime(2026, 3, 27, 20, tzinfo=UTC)  # the clocks change two days later
EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "25"))
STEPS = int(os.environ.get("LEDGER_STEPS", "40"))

codes = st.sampled_from(CODES)
minutes = st.integers(1, 90)
keys = st.one_of(st.none(), st.integers(0, 1000))
days_back = st.one_of(st.none(), st.none(), st.integers(-1, 5))
lines = st.lists(st.tuples(codes, st.integers(-60, 60).filter(bool)), min_size=1, max_size=4)


@contextmanager
def fresh_book(engine: sa.Engine, clock: Callable[[], datetime]) -> Iterator[Book]:
    """An empty book in a transaction that is rolled back."""
    with engine.connect() as connection:
        yield Book(connection, clock=clock)
        connection.rollback()


class BookAgainstModel(RuleBasedStateMachine):
    """Everything is done twice, and must come to the same."""

    engine: sa.Engine

    def __init__(self) -> None:
        super().__init__()
        self.time = START
        self._context = fresh_book(self.engine, lambda: self.time)
        self.book = self._context.__enter__()
        self.model = Model(lambda: self.time)
        self.number = 0
        self.replays: list[tuple[str, Callable[[], int], Callable[[], Any]]] = []
        self.ids: dict[int, int] = {}
        for code in CODES:
            floor, ceiling = (None, None) if code == "fund" else (-120, 150)
            self.model.open_account(code, floor, ceiling)
            self.book.open_account(code, floor=floor, ceiling=ceiling)

    def teardown(self) -> None:
        try:
            assert self.book.verify().faults == ()
            for check in suspected(Doubts({})):  # as if the first sums had proved nothing
                assert list(check(self.book.connection)) == []
        finally:
            self._context.__exit__(None, None, None)

    def key(self) -> str:
        self.number += 1
        return f"key:{self.number}"

    def both(self, model: Callable[[], Any], book: Callable[[], Any]) -> tuple[Any, Any]:
        """Run it on both; the same result, or the same refusal."""
        expected: Any
        try:
            expected = model()
        except ledger.LedgerError as error:
            expected = error
        try:
            found: Any = book()
        except ledger.LedgerError as error:
            found = error
        self.same(expected, found)
        return expected, found

    def same(self, expected: Any, found: Any) -> None:
        if isinstance(expected, ledger.LedgerError):
            assert type(found) is type(expected), (expected, found)
            if isinstance(expected, ledger.BatchRefused):
                assert found.index == expected.index
                self.same(expected.cause, found.cause)
            elif isinstance(expected, ledger.LimitExceeded):
                assert vars(found) == vars(expected)
            elif isinstance(expected, ledger.AccountNotOpen | ledger.UnknownAccount):
                assert found.code == expected.code
        else:
            assert not isinstance(found, ledger.LedgerError), (expected, repr(found))
            if isinstance(expected, int):
                assert self.ids.setdefault(expected, found.id) == found.id

    def day(self, back: int | None) -> date | None:
        if back is None:
            return None
        return (self.time - timedelta(days=back)).date()

    def verb(self, model: Callable[[], int], book: Callable[[], Any], key: str) -> None:
        self.both(model, book)
        self.replays.append((key, model, book))

    @rule(giver=codes, taker=codes, minutes=minutes, back=days_back)
    def transfer(self, giver: str, taker: str, minutes: int, back: int | None) -> None:
        key, day = self.key(), self.day(back)
        both = [Line(giver, -minutes), Line(taker, minutes)]
        self.verb(
            lambda: self.model.post(both, key, day),
            lambda: self.book.transfer(giver, taker, minutes, key=key, effective=day),
            key,
        )

    def balanced(self, legs: list[tuple[str, int]]) -> list[Line]:
        total = sum(amount for _, amount in legs)
        legs = [*legs, ("fund", -total)] if total else [*legs, ("a", 1), ("fund", -1)]
        return [Line(code, amount) for code, amount in legs]

    @rule(legs=lines, back=days_back)
    def post(self, legs: list[tuple[str, int]], back: int | None) -> None:
        key, day, posting = self.key(), self.day(back), self.balanced(legs)
        self.verb(
            lambda: self.model.post(posting, key, day),
            lambda: self.book.post(posting, key=key, effective=day),
            key,
        )

    @rule(
        batch=st.lists(st.tuples(lines, days_back, st.booleans()), min_size=1, max_size=6),
        atomic=st.booleans(),
    )
    def post_many(self, batch: list[Any], atomic: bool) -> None:
        postings: list[tuple[list[Line], str, date | None]] = []
        for legs, back, again in batch:
            if again and postings:
                postings.append(postings[-1])
            else:
                postings.append((self.balanced(legs), self.key(), self.day(back)))
        expected, found = self.both(
            lambda: self.model.post_many(postings, atomic),
            lambda: self.book.post_many(
                [Posting(lines=ls, key=key, effective=day) for ls, key, day in postings],
                atomic=atomic,
            ),
        )
        if isinstance(expected, list):
            assert len(found) == len(expected)
            for one, other in zip(expected, found, strict=True):
                self.same(one, other)

    @rule(giver=codes, taker=codes, minutes=minutes, hours=st.sampled_from([None, None, 0, 1, 30]))
    def hold(self, giver: str, taker: str, minutes: int, hours: int | None) -> None:
        if giver == taker:
            return
        key = self.key()
        expires_at = None if hours is None else self.time + timedelta(hours=hours)
        self.verb(
            lambda: self.model.hold(giver, taker, minutes, key, expires_at),
            lambda: self.book.hold(giver, taker, minutes, key=key, expires_at=expires_at),
            key,
        )

    def some_hold(self, data: st.DataObject) -> int | None:
        held = sorted(self.model.holds)
        return data.draw(st.sampled_from(held)) if held else None

    @rule(data=st.data(), minutes=st.one_of(st.none(), minutes), final=st.booleans())
    def settle(self, data: st.DataObject, minutes: int | None, final: bool) -> None:
        if (number := self.some_hold(data)) is None:
            return
        key = self.key()
        self.verb(
            lambda: self.model.resolve("settle", number, key, minutes, final),
            lambda: self.book.settle(self.ids[number], minutes, key=key, final=final),
            key,
        )

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if (number := self.some_hold(data)) is None:
            return
        key = self.key()
        self.both(
            lambda: self.model.resolve("void", number, key) and None,
            lambda: self.book.void(self.ids[number], key=key),
        )

    @rule(data=st.data(), hours=st.sampled_from([None, 0, 2, 30]))
    def extend(self, data: st.DataObject, hours: int | None) -> None:
        if (number := self.some_hold(data)) is None:
            return
        key = self.key()
        until = None if hours is None else self.time + timedelta(hours=hours)
        self.both(
            lambda: self.model.resolve("extend", number, key, expires_at=until) and None,
            lambda: self.book.extend(self.ids[number], until, key=key),
        )

    @rule(data=st.data(), override=st.booleans())
    def reverse(self, data: st.DataObject, override: bool) -> None:
        known = sorted(number for number in self.model.done if number in self.ids)
        if not known:
            return
        number, key = data.draw(st.sampled_from(known)), self.key()
        allowed = Override("Olu", "mistake") if override else None
        self.verb(
            lambda: self.model.reverse(number, key, override),
            lambda: self.book.reverse(self.ids[number], key=key, override=allowed),
            key,
        )

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        if not self.replays:
            return
        _, model, book = data.draw(st.sampled_from(self.replays))
        self.both(model, book)

    @rule(data=st.data(), giver=codes, taker=codes)
    def use_a_key_for_something_else(self, data: st.DataObject, giver: str, taker: str) -> None:
        if not self.replays:
            return
        key = data.draw(st.sampled_from(self.replays))[0]
        both = [Line(giver, -91), Line(taker, 91)]
        self.both(
            lambda: self.model.post(both, key),
            lambda: self.book.post(both, key=key),
        )

    @rule(code=codes, floor=st.integers(-150, 0), ceiling=st.one_of(st.none(), st.integers(0, 150)))
    def set_limits(self, code: str, floor: int, ceiling: int | None) -> None:
        self.model.set_limits(code, floor, ceiling)
        self.book.set_limits(code, floor=floor, ceiling=ceiling, actor="Olu", reason="policy")

    @rule(code=codes, freeze=st.booleans())
    def freeze(self, code: str, freeze: bool) -> None:
        if freeze:
            self.both(
                lambda: self.model.set_status(code, "open", "frozen"),
                lambda: self.book.freeze(code, actor="Olu", reason="inactive"),
            )
        else:
            self.both(
                lambda: self.model.set_status(code, "frozen", "open"),
                lambda: self.book.unfreeze(code, actor="Olu", reason="back"),
            )

    @rule(hours=st.sampled_from([0, 1, 5, 30]))
    def time_passes(self, hours: int) -> None:
        self.time += timedelta(hours=hours, microseconds=100)

    @rule()
    def sweep(self) -> None:
        self.book.sweep()

    @invariant()
    def accounts_are_the_same(self) -> None:
        accounts = self.book.balances()
        for code, expected in self.model.accounts.items():
            found = accounts[code]
            assert (found.posted, found.version) == (expected.posted, len(expected.entries))
            assert found.held_out == self.model.held(code, "source", self.time)
            assert found.held_in == self.model.held(code, "target", self.time)
            assert (found.status, found.floor, found.ceiling) == (
                expected.status,
                expected.floor,
                expected.ceiling,
            )
        assert sum(account.posted for account in accounts.values()) == 0

    @rule(code=codes, back=st.integers(0, 6))
    def past_balances_are_the_same(self, code: str, back: int) -> None:
        day = (self.time - timedelta(days=back)).date()
        assert self.book.balance(code, effective=day) == self.model.effective(code, day)
        instant = self.time - timedelta(days=back)
        assert self.book.balance(code, recorded=instant) == self.model.recorded(code, instant)
        table = self.book.trial_balance(effective=day)
        assert {row.code: row.credit - row.debit for row in table.rows} == {
            each: self.model.effective(each, day) for each in CODES
        }

    @rule(code=codes, limit=st.integers(1, 5))
    def statements_are_the_same(self, code: str, limit: int) -> None:
        found: list[int] = []
        after = None
        while True:
            page = self.book.statement(code, after=after, limit=limit)
            found += [line.amount for line in page.lines]
            if (after := page.next) is None:
                break
        assert found == [amount for amount, _, _ in self.model.accounts[code].entries]

    @rule()
    def holds_are_the_same(self) -> None:
        for number, hold in self.model.holds.items():
            found = self.book.hold_by_id(self.ids[number])
            state = hold.state
            if state == "open" and not hold.open_at(self.time):
                state = "expired"
            assert (found.state, found.settled) == (state, hold.settled)


def test_random_histories_come_to_the_same_as_on_the_model(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        schema.install(connection)

    class Machine(BookAgainstModel):
        pass

    Machine.engine = engine
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="LEDGER_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    engine.dispose()


pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
