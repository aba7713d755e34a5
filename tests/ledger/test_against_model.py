"""Random histories on the book and on the reference model: every answer must be the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from ledger import Posting, schema
from ledger.operations import bilateral
from ledger.verification.run import suspected
from ledger.verification.screening import Suspects
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key
from tests.ledger.machine import CODES, SideBySide, codes, minutes, shares

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "50"))
STEPS = int(os.environ.get("LEDGER_STEPS", "40"))

Step = tuple[list[str], Callable[[], int], Callable[[], Any]]


class BookAgainstModel(SideBySide):
    """Everything is done twice, and must come to the same."""

    def teardown(self) -> None:
        try:
            assert self.book.verify().faults == ()
            for check in suspected(Suspects({})):  # as if the first sums had proved nothing
                assert list(check(self.book.connection)) == []
        finally:
            super().teardown()

    @rule(
        data=st.data(),
        named=st.one_of(st.just(set(CODES)), st.sets(codes, min_size=1)),
        kinds=st.lists(st.sampled_from(["transfer", "hold", "settle", "reverse"]), max_size=4),
    )
    def group(self, data: st.DataObject, named: set[str], kinds: list[str]) -> None:
        steps = [step for kind in kinds if (step := self.step(kind, data)) is not None]

        def book() -> list[Any]:
            with self.book.group(*named):
                return [step() for _, _, step in steps]

        self.both(
            lambda: self.model.group(named, [(touched, step) for touched, step, _ in steps]), book
        )

    def step(self, kind: str, data: st.DataObject) -> Step | None:
        """One step of a group: the accounts it touches, and how it is done on both."""
        key, moved = self.key(), data.draw(minutes)
        if kind in ("transfer", "hold"):
            giver, taker = data.draw(st.permutations(CODES))[:2]
            legs = [Posting(giver, -moved), Posting(taker, moved)]
            if kind == "transfer":
                return (
                    [giver, taker],
                    lambda: self.model.post(legs, key),
                    lambda: self.book.transfer(giver, taker, moved, key=key),
                )
            return (
                [giver, taker],
                lambda: self.model.hold(giver, taker, moved, key, None),
                lambda: self.book.hold(giver, taker, moved, key=key),
            )
        if kind == "settle":
            if (number := self.some_hold(data)) is None:
                return None
            hold = self.model.holds[number]
            return (
                sorted((hold.source, hold.target), key=CODES.index),
                lambda: self.model.resolve("settle", number, key),
                lambda: self.book.settle(self.ids[number], key=key),
            )
        if (number := self.some_transaction(data)) is None:
            return None
        original = self.model.done[number]
        touched = [] if original.reverses else [code for code, _ in original.lines]
        return (
            touched,
            lambda: self.model.reverse(number, key, False),
            lambda: self.book.reverse(self.ids[number], key=key),
        )

    @rule(period=st.sampled_from("12"), above=st.sampled_from([0, 10]), share=shares, to=codes)
    def demurrage(self, period: str, above: int, share: Fraction, to: str) -> None:
        charges = self.book.demurrage_due(period, above=above, share=share, to=to)
        _, found = self.both(
            lambda: self.model.demurrage(period, above, share, to),
            lambda: self.book.demurrage(period, above=above, share=share, to=to, actor="Olu"),
        )
        if isinstance(found, list):
            moved = [(t.entries[0].account, t.entries[1].amount) for t in found]
            assert moved == [(charge.account, charge.minutes) for charge in charges]

    @rule(limit=st.integers(1, 20))
    def summarise(self, limit: int) -> None:
        self.book.summarise(limit)

    @rule(a=codes, b=codes)
    def positions_are_the_same(self, a: str, b: str) -> None:
        if a != b:
            found = self.book.bilateral(a, b)
            assert (found.given, found.taken) == (self.model.given(a, b), self.model.given(b, a))

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
            assert (found.soft_floor, found.soft_ceiling, found.beyond) == (
                expected.soft_floor,
                expected.soft_ceiling,
                expected.beyond,
            )
        assert [account.code for account in self.book.beyond_soft_limits()] == [
            code for code in sorted(accounts) if self.model.accounts[code].beyond
        ]
        assert sum(account.posted for account in accounts.values()) == 0

    @rule(code=codes, back=st.integers(0, 6))
    def past_balances_are_the_same(self, code: str, back: int) -> None:
        day = (self.time - timedelta(days=back)).date()
        assert self.book.balance(code, effective=day) == self.model.effective(code, day)
        # What is done at one moment is recorded some microseconds apart, and a refusal may take
        # one of them (it releases expired holds), which the model does not follow.
        instant = self.time - timedelta(days=back) + timedelta(microseconds=500)
        assert self.book.balance(code, recorded=instant) == self.model.recorded(code, instant)
        table = self.book.trial_balance(effective=day)
        assert {row.code: row.credit - row.debit for row in table.rows} == {
            each: self.model.effective(each, day) for each in self.model.accounts
        }
        table = self.book.trial_balance(recorded=instant)
        assert {row.code: row.credit - row.debit for row in table.rows} == {
            each: self.model.recorded(each, instant) for each in self.model.accounts
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


class AtTheEdge(BookAgainstModel):
    """The fund owes nearly as much as any account can, to one that is out of play."""

    def __init__(self) -> None:
        super().__init__()
        legs = [Posting("fund", -(2**40)), Posting("vast", 2**40)]
        self.model.open_account("vast", None, None)
        self.book.open_account("vast", floor=None, key=new_key())
        self.post_both(legs)
        self.post_both([Posting("vast", -100), Posting("fund", 100)])
        self.model.set_status("vast", "open", "frozen")
        self.book.freeze("vast", actor="Olu", memo="out of play", key=new_key())

    def post_both(self, legs: list[Posting]) -> None:
        key = self.key()
        self.both(lambda: self.model.post(legs, key), lambda: self.book.post(legs, key=key))


@pytest.mark.parametrize(
    ("machine", "examples"), [(BookAgainstModel, EXAMPLES), (AtTheEdge, EXAMPLES // 3)]
)
def test_random_histories_come_to_the_same_as_on_the_model(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    machine: type[BookAgainstModel],
    examples: int,
) -> None:
    monkeypatch.setattr(bilateral, "TAIL", 0)
    engine = connect(database_url)
    with engine.begin() as connection:
        schema.install(connection)
    monkeypatch.setattr(machine, "engine", engine, raising=False)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="LEDGER_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    engine.dispose()


pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
