"""Grants, demurrage and closures: every minute comes from an account and goes to one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

import ledger
from ledger import Book, Charge
from ledger.clock import day_of
from tests.ledger.conftest import NOW
from tests.ledger.keys import new_key

A, B, C, FUND, ISSUANCE = "school:a", "school:b", "school:c", "network:fund", "network:issuance"
TENTH = Fraction(1, 10)
OLU = {"actor": "Olu", "memo": "left"}


@pytest.fixture
def granted(book: Book) -> Book:
    """Schools with 200, 105 and 100 minutes out of the issuance; a fund with none."""
    book.open_account(ISSUANCE, floor=None, key=new_key())
    for code, minutes in ((A, 200), (B, 105), (C, 100)):
        book.grant(code, minutes, source=ISSUANCE, key=f"grant:{code}", actor="Olu")
    return book


def due(book: Book, period: str = "2026-11", **rule: Any) -> list[Charge]:
    return book.demurrage_due(period, **{"above": 100, "share": TENTH, "to": FUND} | rule)


def run(book: Book, period: str = "2026-11", **rule: Any) -> dict[str, int]:
    rule = {"above": 100, "share": TENTH, "to": FUND, "actor": "Olu"} | rule
    return {t.entries[0].account: t.entries[1].amount for t in book.demurrage(period, **rule)}


def test_a_grant_comes_from_its_source(granted: Book) -> None:
    assert granted.balance(ISSUANCE) == -405
    grant = granted.grant(A, 200, source=ISSUANCE, key=f"grant:{A}", actor="Olu")
    assert (grant.replayed, grant.kind, grant.actor) == (True, "grant", "Olu")
    assert granted.balance(A) == 200
    with pytest.raises(ledger.LimitExceeded):
        granted.grant(C, 21, source=ISSUANCE, key="more")


def test_who_was_not_there_yet_is_not_charged(granted: Book) -> None:
    yesterday = day_of(datetime.now(UTC)) - timedelta(days=1)
    granted.open_account("school:new", floor=0, key=new_key())
    granted.transfer(A, "school:new", 90, key="welcome")
    rule: dict[str, Any] = {"above": 0, "share": TENTH, "to": FUND, "prefix": "school:"}
    today = {charge.account for charge in granted.demurrage_due("2026-10", **rule)}
    before = {
        charge.account for charge in granted.demurrage_due("2026-10", **rule, effective=yesterday)
    }
    assert today - before == {"school:new"}
    charged = granted.demurrage("2026-10", **rule, effective=yesterday, actor="Olu")
    assert {entry.account for one in charged for entry in one.entries} == before | {FUND}


def test_demurrage_is_previewed_then_charged_once_a_period(granted: Book) -> None:
    assert due(granted) == [Charge(A, 200, 100, 10)]  # a tenth of b's five minutes is none
    assert granted.balance(FUND) == 0
    assert run(granted) == {A: 10}
    assert [granted.balance(code) for code in (A, B, C, FUND)] == [190, 105, 100, 10]
    assert (due(granted), run(granted), run(granted, share=TENTH * 5, above=0)) == (
        [],
        {},
        {B: 52, C: 50},
    )
    assert run(granted, "2026-12") == {A: 9}
    (charge,) = granted.journal(reference="demurrage:2026-12").transactions
    assert (charge.kind, charge.actor, charge.key) == (
        "demurrage", "Olu", f"ledger:demurrage:2026-12:{A}"
    )  # fmt: skip


def test_demurrage_never_takes_what_is_held_or_needed(granted: Book) -> None:
    hold = granted.hold(A, FUND, 60, key="h")
    assert due(granted) == [Charge(A, 200, 40, 4)]
    granted.hold(B, FUND, 5, key="h2")
    assert run(granted, share=Fraction(99, 100)) == {A: 39}
    granted.settle(hold.id, key="s")
    assert granted.balance(A) == 101
    granted.set_limits(B, floor=90, ceiling=None, actor="Olu", memo="policy", key=new_key())
    assert due(granted, above=50, share=Fraction(1, 2))[0] == Charge(B, 105, 10, 5)


def test_demurrage_spares_frozen_accounts_its_own_taker_and_other_prefixes(granted: Book) -> None:
    granted.freeze(A, actor="Olu", memo="inactive", key=new_key())
    granted.transfer(ISSUANCE, FUND, 500, key="f")
    assert [charge.account for charge in due(granted, above=10)] == [B, C]
    assert [charge.account for charge in due(granted, above=10, prefix="network:")] == []
    assert run(granted, above=10, prefix="school:c", to=B) == {C: 9}
    assert [charge.account for charge in due(granted, above=10, to=C)] == [FUND, B]


def test_expired_holds_are_free_to_be_charged(connection: sa.Connection) -> None:
    time = datetime(2026, 3, 2, 9, tzinfo=UTC)
    book = Book(connection, clock=lambda: time)
    for code in (A, FUND, ISSUANCE):
        book.open_account(code, floor=None, key=new_key())
    book.grant(A, 200, source=ISSUANCE, key="g")
    book.hold(A, FUND, 60, key="h", expires_at=time + timedelta(hours=1))
    time += timedelta(hours=2)
    assert due(book) == [Charge(A, 200, 100, 10)]
    assert run(book) == {A: 10}


def test_a_demurrage_that_the_fund_cannot_take_moves_nothing(granted: Book) -> None:
    granted.set_limits(FUND, floor=None, ceiling=20, actor="Olu", memo="small", key=new_key())
    with pytest.raises(ledger.BatchRefused):
        run(granted, above=0)
    assert [granted.balance(code) for code in (A, B, C, FUND)] == [200, 105, 100, 0]


def test_a_rule_that_makes_no_sense_is_refused(granted: Book) -> None:
    for wrong, error in (
        ({"share": Fraction(1)}, ledger.InvalidShare),
        ({"above": -1}, ledger.InvalidAmount),
        ({"above": 1.5}, ledger.InvalidAmount),
        ({"to": "network:none"}, ledger.UnknownAccount),
        ({"period": "2026:11"}, ledger.InvalidText),
        ({"period": ""}, ledger.InvalidText),
    ):
        for attempt in (due, run):
            with pytest.raises(error):
                attempt(granted, **wrong)  # type: ignore[operator]
    with pytest.raises(ledger.GroupRefused), granted.group(A, FUND):
        run(granted)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    balances=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    above=st.integers(0, 10**6),
    share=st.fractions(0, 1, max_denominator=1000).filter(lambda f: f < 1),
)
def test_demurrage_keeps_the_sum_and_what_is_allowed(
    connection: sa.Connection, balances: list[int], above: int, share: Fraction
) -> None:
    book = Book(connection)
    for code in (FUND, ISSUANCE):
        book.open_account(code, floor=None, key=new_key())
    for number, minutes in enumerate(balances):
        book.open_account(f"s:{number}", floor=0, key=new_key())
        book.grant(f"s:{number}", minutes, source=ISSUANCE, key=f"g:{number}")
    charges = {charge.account: charge.minutes for charge in due(book, above=above, share=share)}
    assert run(book, above=above, share=share) == charges
    for number, minutes in enumerate(balances):
        left = book.balance(f"s:{number}")
        assert min(minutes, above) <= left <= minutes
        assert 0 <= max(minutes - above, 0) * share - (minutes - left) < 1
    assert book.balance(FUND) == sum(charges.values())
    assert run(book, above=above, share=share) == {}
    connection.rollback()


def test_two_runs_at_once_charge_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        book = Book(connection)
        for code in (A, FUND, ISSUANCE):
            book.open_account(code, floor=None, key=new_key())
        book.grant(A, 200, source=ISSUANCE, key="g")

    def work(_: int) -> dict[str, int]:
        with engine.begin() as connection:
            return run(Book(connection))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert sorted(results, key=len) == [{}, {}, {}, {A: 10}]


def test_a_closed_account_leaves_its_rest_and_its_debt_to_a_visible_one(book: Book) -> None:
    book.transfer(A, B, 30, key="1")
    assert book.close_account(A, rest_to=FUND, **OLU, key=new_key()).posted == 0
    assert book.close_account(B, rest_to=FUND, **OLU, key=new_key()).posted == 0
    rest, debt = book.journal(account=FUND).transactions
    assert [(e.account, e.amount) for e in debt.entries] == [(A, 30), (FUND, -30)]
    assert [(e.account, e.amount) for e in rest.entries] == [(B, -30), (FUND, 30)]
    assert [(t.kind, t.actor, t.memo) for t in (debt, rest)] == [
        ("write-off", "Olu", "left"),
        ("closure", "Olu", "left"),
    ]


def test_a_hold_that_expires_while_its_account_is_closed_is_in_the_way_or_gone(
    connection: sa.Connection,
) -> None:
    """Each look at the clock is a second after the one before."""

    def close(seconds: int) -> str:
        ticking = count()
        early = Book(connection, clock=lambda: NOW - timedelta(days=1))
        for code in (A, B):
            early.open_account(code, floor=None, key=new_key())
        early.hold(A, B, 5, key="h", expires_at=NOW + timedelta(seconds=seconds - 0.5))
        book = Book(connection, clock=lambda: NOW + timedelta(seconds=next(ticking)))
        try:
            return book.close_account(A, **OLU, key=new_key()).status
        except ledger.AccountInUse:
            return "in use"

    outcomes = []
    for seconds in range(16):
        with connection.begin_nested() as savepoint:
            outcomes.append(close(seconds))
            savepoint.rollback()
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"closed", "in use"}


def test_a_frozen_account_is_closed_only_when_that_is_said(
    book: Book, connection: sa.Connection
) -> None:
    book.transfer(A, B, 30, key="1")
    book.transfer(C, FUND, 60, key="2")  # c can give no more
    book.freeze(A, actor="Olu", memo="inactive", key=new_key())
    with pytest.raises(ledger.AccountNotOpen):
        book.close_account(A, rest_to=FUND, **OLU, key=new_key())
    with pytest.raises(ledger.LimitExceeded):
        book.close_account(A, rest_to=C, even_frozen=True, **OLU, key=new_key())
    assert (book.account(A).status, book.balance(A)) == ("frozen", -30)
    assert (
        book.close_account(A, rest_to=FUND, even_frozen=True, **OLU, key=new_key()).status
        == "closed"
    )
    assert [one.action for one in book.history(A)] == ["open", "freeze", "unfreeze", "close"]
    with pytest.raises(ledger.AccountNotOpen):
        book.close_account(A, rest_to=FUND, even_frozen=True, **OLU, key=new_key())
    with pytest.raises(ledger.InvalidText):
        book.close_account(B, rest_to=B, **OLU, key=new_key())
