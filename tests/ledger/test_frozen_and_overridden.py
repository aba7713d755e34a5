"""Accounts that are not open, and overrides: what plain SQL may do to them, and what is found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book, Override
from tests.ledger.conftest import NOW
from tests.ledger.keys import new_key
from tests.ledger.tampering import account, faults, header, lines, tamper, transaction
from tests.ledger.test_attacks import accepted, entry, refused, run, together
from tests.ledger.test_attacks import header as header_like_t

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"
NOT_OPEN = "only what is held already moves on an account that is not open"
FLOOR, CEILING = "balance below its floor", "balance above its ceiling"


def step(code: str, amount: int, **others: object) -> str:
    """The SQL that moves an account's balance row on by an amount and a version."""
    more = "".join(f", {column} = {value}" for column, value in others.items())
    return (
        f"UPDATE ledger_balance SET posted = posted + {amount}, version = version + 1{more}"
        f" WHERE account_id = {account(code)}"
    )


@pytest.fixture
def frozen(book: Book, connection: sa.Connection) -> Book:
    """School a and c frozen, with 30 minutes held from a for c, and 10 from c for b."""
    book.transfer(FUND, A, 100, key="t")
    book.transfer(FUND, C, 20, key="t2")
    book.hold(A, C, 30, key="h")
    book.hold(C, B, 10, key="h2")
    for code in (A, C):
        book.freeze(code, actor="Olu", memo="fraud", key=new_key())
    connection.commit()
    return book


def test_nothing_new_goes_out_of_or_into_a_frozen_account(
    frozen: Book, connection: sa.Connection
) -> None:
    for code, amount in ((A, -1), (A, 1), (C, -1), (C, 1)):
        refused(connection, step(code, amount), by=NOT_OPEN)
    # No more than is held leaves or comes; what is held for it is not what it may give.
    refused(connection, step(A, -31, held_out=0), by=NOT_OPEN)
    refused(connection, step(A, 30, held_out=0), by=NOT_OPEN)
    refused(connection, step(C, 31, held_in=0), by=NOT_OPEN)
    refused(connection, step(C, -11, held_out=0), by=NOT_OPEN)
    refused(connection, step(C, -30, held_in=0), by=NOT_OPEN)


def test_nothing_new_is_held_on_a_frozen_account(frozen: Book, connection: sa.Connection) -> None:
    for side in ("held_out", "held_in"):
        more = f"UPDATE ledger_balance SET {side} = {side} + 1 WHERE account_id = {account(A)}"
        refused(connection, more, by=NOT_OPEN)
    # Nor where what is held the other way would make up for it.
    other_way = {"held_out": "held_out + 5", "held_in": "held_in - 5"}
    refused(connection, step(C, 5, **other_way), by=NOT_OPEN)
    other_way = {"held_out": "held_out - 5", "held_in": "held_in + 5"}
    refused(connection, step(C, -5, **other_way), by=NOT_OPEN)


def test_freezing_or_unfreezing_moves_nothing_by_the_way(
    frozen: Book, connection: sa.Connection
) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    later = "recorded_at + 1" if on_sqlite else "recorded_at + interval '1us'"
    refused(connection, step(A, -5, status="'open'"), by=NOT_OPEN)
    refused(connection, step(A, -5, status="'open'", recorded_at=later), by=NOT_OPEN)
    refused(connection, step(B, 5, status="'frozen'"), by=NOT_OPEN)


def test_what_was_held_before_is_settled_and_voided(
    frozen: Book, connection: sa.Connection
) -> None:
    out, into = (frozen.holds(code)[0] for code in (A, B))
    frozen.settle(out.id, 10, key="s", final=False)
    frozen.settle(out.id, 20, key="s2")
    frozen.void(into.id, key="v")
    connection.commit()
    assert (frozen.account(A).posted, frozen.account(C).posted) == (70, 50)
    assert frozen.verify(thorough=True).sound


def test_a_closed_account_never_comes_back(book: Book, connection: sa.Connection) -> None:
    book.close_account(A, actor="Olu", memo="left", key=new_key())
    connection.commit()
    for status in ("open", "frozen"):
        refused(
            connection,
            f"UPDATE ledger_balance SET status = '{status}' WHERE account_id = {account(A)}",
            by="a closed account never comes back",
        )


@pytest.fixture(params=[FLOOR, CEILING])
def beyond(request: pytest.FixtureRequest, book: Book, connection: sa.Connection) -> str:
    """The limit that school c is 10 minutes beyond, by an override that named a person."""
    book.transfer(FUND, B, 60, key="t")
    if request.param == FLOOR:
        slip = book.transfer(FUND, C, 10, key="slip")
        book.transfer(C, B, 70, key="to the limit")
    else:
        slip = book.transfer(C, B, 10, key="slip")
        book.transfer(FUND, C, 130, key="to the limit")
    book.reverse(slip.id, key="r", override=Override("Ann", "a slip"))
    connection.commit()
    limit: str = request.param
    return limit


def test_after_an_override_the_limit_is_guarded_again(
    beyond: str, connection: sa.Connection
) -> None:
    further = -1 if beyond == FLOOR else 1
    side = "held_out" if beyond == FLOOR else "held_in"
    refused(connection, step(C, further), by=beyond)
    refused(
        connection,
        f"UPDATE ledger_balance SET {side} = {side} + 1 WHERE account_id = {account(C)}",
        by=beyond,
    )
    accepted(connection, step(C, -further))


def test_an_override_is_a_transaction_that_names_a_person(
    beyond: str, connection: sa.Connection
) -> None:
    further = -1 if beyond == FLOOR else 1
    entries = [entry("x", "c", further, 1), entry("x", "b", -further, 2)]
    steps = [step(C, further, override_version="version + 1"), step(B, -further)]
    refused(connection, steps[0], by=beyond)
    run(connection, *together(connection, header_like_t("x"), *entries))
    with pytest.raises(sa.exc.IntegrityError, match=beyond):
        run(connection, *steps)
    connection.rollback()


def test_an_override_by_plain_sql_exempts_one_version_too(
    beyond: str, book: Book, connection: sa.Connection
) -> None:
    further = -1 if beyond == FLOOR else 1
    entries = [entry("x", "c", further, 1), entry("x", "b", -further, 2)]
    named = header_like_t("x", actor="'Ann'", reason="'a slip'")
    run(connection, *together(connection, named, *entries))
    refused(connection, step(C, further), by=beyond)  # it does not say so
    run(
        connection,
        step(C, further, override_version="version + 1"),
        step(B, -further),
    )
    assert book.account(C).posted == (-71 if beyond == FLOOR else 131)
    side = "held_out" if beyond == FLOOR else "held_in"
    refused(
        connection,
        f"UPDATE ledger_balance SET {side} = {side} + 1 WHERE account_id = {account(C)}",
        by=beyond,
    )


def test_a_version_called_overridden_for_which_nobody_is_named_is_found(story: sa.Engine) -> None:
    assert faults(story) == set()
    for value, code in (("version", A), ("1", C)):
        tamper(
            story,
            f"UPDATE ledger_balance SET override_version = {value}"
            f" WHERE account_id = {account(code)}",
        )
    assert faults(story) == {("drifted-balance", f"account {code}") for code in (A, C)}


def test_an_earlier_override_is_not_the_last(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection, clock=lambda: NOW)
        for number in range(2):
            moved = book.transfer(A, B, 1, key=f"m{number}")
            book.reverse(moved.id, key=f"o{number}", override=Override("Ann", "a slip"))
        book.transfer(A, B, 1, key="after")
        version = book.account(A).version
    assert faults(story) == set()
    tamper(
        story,
        f"UPDATE ledger_balance SET override_version = {version - 3}"
        f" WHERE account_id = {account(A)}",
    )
    assert faults(story) == {("drifted-balance", "account school:a")}


def test_what_came_on_an_account_that_was_not_open_is_found(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection, clock=lambda: NOW)
        book.freeze(B, actor="Olu", memo="fraud", key=new_key())
        version = book.account(B).version
    tamper(
        story,
        header("x", "late").replace("SELECT recorded_at", f"SELECT {later(story, 10)}"),
        *lines("x", (B, -5), (FUND, 5)),
        header("y", "late", "hold", "NULL").replace(
            "SELECT recorded_at", f"SELECT {later(story, 20)}"
        ),
        "INSERT INTO ledger_hold (id, source_id, target_id, minutes)"
        f" VALUES ({transaction('y')}, {account(FUND)}, {account(B)}, 5)",
        "INSERT INTO ledger_held (account_id, hold_id, side, minutes)"
        f" VALUES ({account(FUND)}, {transaction('y')}, 'out', 5),"
        f" ({account(B)}, {transaction('y')}, 'in', 5)",
        f"UPDATE ledger_balance SET held_out = held_out + 5 WHERE account_id = {account(FUND)}",
        f"UPDATE ledger_balance SET held_in = held_in + 5 WHERE account_id = {account(B)}",
        "UPDATE ledger_balance SET recorded_at = (SELECT recorded_at FROM ledger_transaction"
        f" WHERE key = 'y') WHERE account_id IN ({account(B)}, {account(FUND)})",
    )
    wrong = {
        ("account-not-open", f"account school:b, version {version + 1}"),
        ("account-not-open", "account school:b, hold y"),
    }
    assert faults(story) == wrong
    with story.begin() as connection:  # and so it is when the account has been unfrozen since
        book = Book(connection)
        book.unfreeze(B, actor="Olu", memo="cleared", key=new_key())
        book.transfer(B, A, 1, key="after")
        book.hold(A, B, 1, key="after: held")
    assert faults(story) == wrong


def later(engine: sa.Engine, seconds: int) -> str:
    """An instant so much later than when a row was recorded, as SQL of the database at hand."""
    if engine.dialect.name == "sqlite":
        return f"recorded_at + {seconds * 1_000_000}"
    return f"recorded_at + interval '{seconds} seconds'"


def test_settling_what_was_held_before_is_no_fault(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection, clock=lambda: NOW)
        for code in (A, B):
            book.freeze(code, actor="Olu", memo="fraud", key=new_key())
        book.settle(book.holds(A)[0].id, 5, key="x", final=False)
        book.unfreeze(A, actor="Olu", memo="cleared", key=new_key())
        book.transfer(A, FUND, 5, key="y")
    assert faults(story) == set()
