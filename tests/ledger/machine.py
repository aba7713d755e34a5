"""Two books side by side, the real one and the model, and the verbs that are done on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import sqlalchemy as sa
from hypothesis.stateful import RuleBasedStateMachine, rule

import ledger
from ledger import Book, Levy, NewTransaction, Override, Posting
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key
from tests.ledger.model import Model

CODES = ["a", "b", "c", "fund"]
START = datetime(2026, 3, 27, 20, tzinfo=UTC)  # the clocks change two days later

codes = st.sampled_from(CODES)
minutes = st.integers(1, 90)
keys = st.one_of(st.none(), st.integers(0, 1000))
days_back = st.one_of(st.none(), st.none(), st.integers(-1, 5))
shares = st.fractions(0, 1, max_denominator=20).filter(lambda share: share < 1)
lines = st.lists(st.tuples(codes, st.integers(-60, 60).filter(bool)), min_size=1, max_size=4)


@contextmanager
def fresh_book(engine: sa.Engine, clock: Callable[[], datetime]) -> Iterator[Book]:
    """An empty book in a transaction that is rolled back."""
    with engine.connect() as connection:
        yield Book(connection, clock=clock)
        connection.rollback()


class SideBySide(RuleBasedStateMachine):
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
            in_the_past(self.book.connection).open_account(
                code, floor=floor, ceiling=ceiling, key=new_key()
            )

    def teardown(self) -> None:
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
            if isinstance(expected, ledger.BatchRefused | ledger.GroupRefused):
                assert found.index == expected.index
                self.same(expected.cause, found.cause)
            elif isinstance(expected, ledger.LimitExceeded):
                assert vars(found) == vars(expected)
            elif isinstance(
                expected, ledger.AccountNotOpen | ledger.UnknownAccount | ledger.NotInGroup
            ):
                assert found.code == expected.code
        else:
            assert not isinstance(found, ledger.LedgerError), (expected, repr(found))
            if isinstance(expected, list):
                assert len(found) == len(expected)
                for one, other in zip(expected, found, strict=True):
                    self.same(one, other)
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
        both = [Posting(giver, -minutes), Posting(taker, minutes)]

        def ask() -> Any:
            if giver == taker:  # which is not a transfer, but may be posted
                return self.book.post(both, key=key, effective=day)
            return self.book.transfer(giver, taker, minutes, key=key, effective=day)

        self.verb(lambda: self.model.post(both, key, day), ask, key)

    def balanced(self, legs: list[tuple[str, int]]) -> list[Posting]:
        total = sum(amount for _, amount in legs)
        legs = [*legs, ("fund", -total)] if total else [*legs, ("a", 1), ("fund", -1)]
        return [Posting(code, amount) for code, amount in legs]

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
        postings: list[tuple[list[Posting], str, date | None]] = []
        for legs, back, again in batch:
            if again and postings:
                postings.append(postings[-1])
            else:
                postings.append((self.balanced(legs), self.key(), self.day(back)))
        self.both(
            lambda: self.model.post_many(postings, atomic),
            lambda: self.book.post_many(
                [NewTransaction(postings=ls, key=key, effective=day) for ls, key, day in postings],
                atomic=atomic,
            ),
        )

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

    @rule(
        data=st.data(),
        minutes=st.one_of(st.none(), minutes),
        final=st.booleans(),
        levy=st.one_of(st.none(), st.builds(Levy, shares, codes)),
    )
    def settle(
        self, data: st.DataObject, minutes: int | None, final: bool, levy: Levy | None
    ) -> None:
        if (number := self.some_hold(data)) is None:
            return
        key = self.key()
        self.verb(
            lambda: self.model.resolve("settle", number, key, minutes, final, levy=levy),
            lambda: self.book.settle(self.ids[number], minutes, key=key, final=final, levy=levy),
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

    def some_transaction(self, data: st.DataObject) -> int | None:
        known = sorted(number for number in self.model.done if number in self.ids)
        return data.draw(st.sampled_from(known)) if known else None

    @rule(data=st.data(), override=st.booleans())
    def reverse(self, data: st.DataObject, override: bool) -> None:
        if (number := self.some_transaction(data)) is None:
            return
        key = self.key()
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
        both = [Posting(giver, -91), Posting(taker, 91)]
        self.both(
            lambda: self.model.post(both, key),
            lambda: self.book.post(both, key=key),
        )

    @rule(
        code=codes,
        floor=st.integers(-150, 0),
        ceiling=st.one_of(st.none(), st.integers(0, 150)),
        soft=st.dictionaries(
            st.sampled_from(["soft_floor", "soft_ceiling"]),
            st.one_of(st.none(), st.integers(-80, 80)),
        ),
    )
    def set_limits(
        self, code: str, floor: int, ceiling: int | None, soft: dict[str, int | None]
    ) -> None:
        limits: dict[str, Any] = {"floor": floor, "ceiling": ceiling, **soft}
        self.both(
            lambda: self.model.set_limits(code, floor, ceiling, soft),
            lambda: self.book.set_limits(code, actor="Olu", memo="policy", **limits, key=new_key()),
        )

    @rule(code=codes, freeze=st.booleans())
    def freeze(self, code: str, freeze: bool) -> None:
        if freeze:
            self.both(
                lambda: self.model.set_status(code, "open", "frozen"),
                lambda: self.book.freeze(code, actor="Olu", memo="inactive", key=new_key()),
            )
        else:
            self.both(
                lambda: self.model.set_status(code, "frozen", "open"),
                lambda: self.book.unfreeze(code, actor="Olu", memo="back", key=new_key()),
            )

    @rule(hours=st.sampled_from([0, 1, 5, 30]))
    def time_passes(self, hours: int) -> None:
        self.time += timedelta(hours=hours, milliseconds=1)

    @rule()
    def sweep(self) -> None:
        self.book.expire_holds()
