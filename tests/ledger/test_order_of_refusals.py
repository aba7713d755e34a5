"""Of several things that are wrong with one call, which is said first: the same on both engines.

Each call breaks every rule at once. Its faults are then mended one by one, in the order of the
handbook, and each time the next one is what is said; in the end the call is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import (
    AccountExists,
    AccountInUse,
    AccountNotOpen,
    AlreadyReversed,
    AlreadySettled,
    BeforeOpening,
    Book,
    ClockAhead,
    ExceedsHold,
    HoldExpired,
    IdempotencyConflict,
    InvalidAmount,
    InvalidDate,
    InvalidShare,
    InvalidText,
    LedgerError,
    Levy,
    LimitExceeded,
    NewTransaction,
    NotReversible,
    Override,
    PeriodClosed,
    Posting,
    Unbalanced,
    UnknownAccount,
    UnknownHold,
    UnknownTransaction,
)
from tests.ledger.conftest import in_the_past
from tests.ledger.tampering import account, tamper
from tests.ledger.test_clock import instant

Mended = tuple[type[LedgerError], str, dict[str, Any]]
"""What is said, a part of its sentence, and what is changed so that it is not said any more."""

CLOSED_THROUGH = date(2024, 6, 30)
IN_THE_PERIOD = date(2024, 6, 1)
SINCE = date(2024, 7, 15)
OPENED_LATER = datetime(2024, 9, 1, tzinfo=UTC)


def in_days(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


@pytest.fixture
def numbers(engine: sa.Engine) -> dict[str, int]:
    """A committed book with an account for each fault, and numbers of records by their keys."""
    with engine.begin() as connection:
        first = in_the_past(connection)
        first.open_account("a", floor=-100, key="open:a")
        first.open_account("b", floor=None, ceiling=500, key="open:b")
        for code in ("c", "frozen", "ahead", "empty"):
            first.open_account(code, floor=None, key=f"open:{code}")
        first.open_account("full", floor=None, ceiling=0, key="open:full")
        Book(connection, clock=lambda: OPENED_LATER).open_account(
            "late", floor=None, key="open:late"
        )
        book = Book(connection)
        made = {
            "reversed": first.transfer("c", "b", 1, key="reversed"),
            "expired": first.hold(
                "c", "b", 10, key="expired", expires_at=datetime(2024, 2, 1, tzinfo=UTC)
            ),
            "used": book.transfer("c", "b", 1, key="used"),
            "large": book.transfer("c", "b", 400, key="large"),
            "with frozen": book.transfer("c", "frozen", 1, key="with frozen"),
            "with ahead": book.transfer("c", "ahead", 1, key="with ahead"),
            "settled": book.hold("c", "b", 10, key="settled"),
            "open": book.hold("c", "late", 10, key="open"),
        }
        book.reverse(made["reversed"].id, key="the reversal")
        book.settle(made["settled"].id, key="the settlement")
        book.transfer("b", "c", 402, key="back")
        book.freeze("frozen", key="freeze", actor="Olu", memo="test")
    with engine.begin() as connection:
        Book(connection).close_period(CLOSED_THROUGH, key="close", actor="Olu")
    late = instant(engine, datetime.now(UTC) + timedelta(days=300))
    tamper(
        engine,
        f"UPDATE ledger_balance SET recorded_at = {late} WHERE account_id = {account('ahead')}",
    )
    return {key: record.id for key, record in made.items()}


def mend(call: Callable[..., object], arguments: dict[str, Any], steps: Iterable[Mended]) -> None:
    """Call again and again, each time with one fault less, and then with none."""
    for error, words, change in steps:
        with pytest.raises(LedgerError, match=words) as refusal:
            call(**arguments)
        assert type(refusal.value) is error, str(refusal.value)
        arguments = arguments | change
    call(**arguments)


def postings(*pairs: tuple[str, str, int]) -> list[Posting]:
    """The postings of several transfers: source, target and minutes of each."""
    return [
        posting
        for source, target, minutes in pairs
        for posting in (Posting(source, -minutes), Posting(target, minutes))
    ]


MOVED = [("a", "b", 999), ("late", "c", 1)]
TOO_MUCH = [*MOVED, ("ahead", "c", 1), ("frozen", "c", 1), ("nobody", "c", 1)]

POSTING: list[Mended] = [
    (InvalidAmount, "“1.5”", {"postings": [Posting("a", 1)]}),
    (Unbalanced, "at least two", {"postings": postings(*TOO_MUCH)}),
    (InvalidText, "as the key", {"key": "used"}),
    (IdempotencyConflict, "used", {"key": "new"}),
    (UnknownAccount, "nobody", {"postings": postings(*TOO_MUCH[:-1])}),
    (AccountNotOpen, "frozen", {"postings": postings(*TOO_MUCH[:-2])}),
    (ClockAhead, "“ahead”", {"postings": postings(*MOVED)}),
    (InvalidDate, "in the future", {"effective": IN_THE_PERIOD}),
    (PeriodClosed, "30 June 2024", {"effective": SINCE}),
    (BeforeOpening, "“late”", {"effective": None}),
    (LimitExceeded, "“a” can give 100", {"postings": postings(("c", "b", 999), MOVED[1])}),
    (LimitExceeded, "“b” can take", {"postings": postings(("a", "b", 9), MOVED[1])}),
]


def test_of_a_posting(numbers: dict[str, int], connection: sa.Connection) -> None:
    wrong = {"postings": [Posting("a", 1.5)], "key": "", "effective": in_days(3)}
    mend(Book(connection).post, wrong, POSTING)


def test_of_a_posting_in_a_batch(numbers: dict[str, int], connection: sa.Connection) -> None:
    """A batch says of each what it would say of it alone."""

    def post(**fields: Any) -> None:
        [result] = Book(connection).post_many([NewTransaction(**fields)], atomic=False)
        if isinstance(result, LedgerError):
            raise result

    wrong = {"postings": [Posting("a", 1.5)], "key": "", "effective": in_days(3)}
    mend(post, wrong, POSTING)


# A transfer and a hold have two accounts, so each fault of an account takes the place of the last.
HOLD: list[Mended] = [
    (InvalidAmount, "“0”", {"minutes": 999}),
    (InvalidDate, "time zone", {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}),
    (InvalidText, "as the key", {"key": "used"}),
    (InvalidText, "as the target", {"target": "nobody"}),
    (IdempotencyConflict, "used", {"key": "new"}),
    (UnknownAccount, "nobody", {"target": "frozen"}),
    (AccountNotOpen, "frozen", {"target": "ahead"}),
    (ClockAhead, "“ahead”", {"target": "late"}),
    (InvalidDate, "cannot expire in the past", {"expires_at": None}),
    (InvalidDate, "in the future", {"effective": IN_THE_PERIOD}),
    (PeriodClosed, "30 June 2024", {"effective": SINCE}),
    (BeforeOpening, "“late”", {"effective": None, "target": "b"}),
    (LimitExceeded, "“a” can give 100", {"source": "c"}),
    (LimitExceeded, "“b” can take", {"minutes": 9}),
]


def test_of_a_hold(numbers: dict[str, int], connection: sa.Connection) -> None:
    wrong = {
        "source": "a", "target": "a", "minutes": 0, "key": "", "effective": in_days(3),
        "expires_at": datetime(2020, 1, 1),  # noqa: DTZ001 - without a time zone, on purpose
    }  # fmt: skip
    mend(Book(connection).hold, wrong, HOLD)


def test_of_a_settlement(numbers: dict[str, int], connection: sa.Connection) -> None:
    def levy(to: str, share: Fraction = Fraction(1, 2)) -> dict[str, Any]:
        return {"levy": Levy(share, to)}

    held = {"hold_id": numbers["open"]}
    steps: list[Mended] = [
        (InvalidAmount, "“0”", {"minutes": 11}),
        (InvalidShare, "“2”", levy("nobody")),
        (InvalidText, "as the key", {"key": "used"}),
        (IdempotencyConflict, "used", {"key": "new"}),
        (UnknownHold, "999999", {"hold_id": numbers["settled"]}),
        (UnknownAccount, "nobody", levy("b")),
        (InvalidText, "levy goes to", levy("ahead")),
        (ClockAhead, "“ahead”", levy("frozen")),
        (AlreadySettled, "settled", {"hold_id": numbers["expired"]}),
        (HoldExpired, "expired", held),
        (ExceedsHold, "10 minutes left", {"minutes": 10}),
        (InvalidDate, "in the future", {"effective": IN_THE_PERIOD}),
        (PeriodClosed, "30 June 2024", {"effective": SINCE}),
        (BeforeOpening, "“late”", {"effective": None}),
        (AccountNotOpen, "frozen", levy("full")),
        (LimitExceeded, "“full” can take 0", levy("empty")),
    ]
    wrong = {
        "hold_id": 999_999, "minutes": 0, "key": "", "effective": in_days(3),
        **levy("nobody", Fraction(2)),
    }  # fmt: skip
    mend(Book(connection).settle, wrong, steps)


def test_of_a_reversal(numbers: dict[str, int], connection: sa.Connection) -> None:
    def original(key: str) -> dict[str, Any]:
        return {"transaction_id": numbers[key]}

    steps: list[Mended] = [
        (InvalidText, "as the reason", {"override": None}),
        (InvalidText, "as the key", {"key": "used"}),
        (UnknownTransaction, "999999", original("open")),
        (NotReversible, "cannot be reversed", original("with frozen")),
        (IdempotencyConflict, "used", {"key": "new"}),
        (AccountNotOpen, "frozen", original("with ahead")),
        (ClockAhead, "“ahead”", original("reversed")),
        (PeriodClosed, "30 June 2024", {"on_original_day": False}),
        (AlreadyReversed, "already reversed", original("large")),
    ]
    wrong = {
        "transaction_id": 999_999, "key": "", "on_original_day": True,
        "override": Override("Olu", " "),
    }  # fmt: skip
    mend(Book(connection).reverse, wrong, steps)


def test_of_a_reversal_that_a_limit_forbids(
    numbers: dict[str, int], connection: sa.Connection
) -> None:
    """That it was reversed already goes before what a limit says."""
    book = Book(connection)
    book.set_limits("b", floor=0, ceiling=None, key="no debts", actor="Olu", memo="test")
    steps: list[Mended] = [
        (AlreadyReversed, "already", {"transaction_id": numbers["large"]}),
        (LimitExceeded, "“b” can give", {"override": Override("Olu", "a slip")}),
    ]
    mend(book.reverse, {"transaction_id": numbers["reversed"], "key": "new"}, steps)


def test_of_opening_an_account(numbers: dict[str, int], connection: sa.Connection) -> None:
    steps: list[Mended] = [
        (InvalidText, "as the account code", {"code": "a"}),
        (InvalidAmount, "“1.5”", {"floor": 0}),
        (InvalidText, "as the name", {"name": "Ash"}),
        (InvalidText, "as the key", {"key": "used"}),
        (IdempotencyConflict, "used", {"key": "new"}),
        (AccountExists, "“a”", {"code": "d"}),
    ]
    wrong = {"code": "a b", "floor": 1.5, "name": "A\nsh", "key": ""}
    mend(Book(connection).open_account, wrong, steps)


def test_of_closing_an_account(numbers: dict[str, int], connection: sa.Connection) -> None:
    steps: list[Mended] = [
        (InvalidText, "as the key", {"key": "used"}),
        (InvalidText, "as the actor", {"actor": "Olu"}),
        (InvalidText, "as the memo", {"memo": "left"}),
        (IdempotencyConflict, "used", {"key": "new"}),
        (UnknownAccount, "nobody", {"code": "frozen"}),
        (AccountNotOpen, "frozen", {"code": "late"}),
        (AccountInUse, "open holds", {"code": "empty"}),
    ]
    mend(
        Book(connection).close_account,
        {"code": "nobody", "key": "", "actor": " ", "memo": " "},
        steps,
    )
