"""Every kind of tampering with the book, by raw SQL, is found and named, by its row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from ledger import Book, Levy
from tests.ledger.conftest import NOW
from tests.ledger.tampering import account, faults, header, lines, part, report, tamper, transaction

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def earlier(engine: sa.Engine, microseconds: int) -> str:
    """An instant before, as SQL of the database at hand."""
    if engine.dialect.name == "sqlite":
        return f"recorded_at - {microseconds}"
    return f"recorded_at - interval '{microseconds} microseconds'"


def at(engine: sa.Engine, instant: datetime) -> str:
    """An instant as SQL of the database at hand."""
    if engine.dialect.name == "sqlite":
        return str(int(instant.timestamp()) * 1_000_000)
    return f"'{instant.isoformat()}'"


ENTRY_A1 = f"account_id = {account(A)} AND version = 1"

CASES: dict[str, tuple[list[str], set[tuple[str, str]]]] = {
    "a balance after an entry": (
        [f"UPDATE ledger_entry SET balance = balance + 5 WHERE {ENTRY_A1}"],
        {("altered-entry", "account school:a, version 1")},
    ),
    "the amounts of a transaction": (
        [f"UPDATE ledger_entry SET amount = 2 * amount WHERE transaction_id = {transaction('t2')}"],
        {
            ("altered-entry", "account school:a, version 2"),
            ("altered-entry", "account school:b, version 2"),
        },
    ),
    "one amount, with everything after it": (
        [
            "UPDATE ledger_entry SET balance = balance + 1"
            f" WHERE account_id = {account(A)} AND version >= 2",
            "UPDATE ledger_entry SET amount = amount + 1"
            f" WHERE account_id = {account(A)} AND version = 2",
            f"UPDATE ledger_balance SET posted = posted + 1 WHERE account_id = {account(A)}",
        ],
        {("unbalanced-transaction", "transaction t2"), ("nonzero-book", "the book")},
    ),
    "a line taken out": (
        [
            f"DELETE FROM ledger_entry WHERE account_id = {account(C)}",
            f"UPDATE ledger_balance SET posted = 0, version = 0 WHERE account_id = {account(C)}",
        ],
        {
            ("incomplete-transaction", "transaction late"),
            ("unbalanced-transaction", "transaction late"),
            ("nonzero-book", "the book"),
        },
    ),
    "a header taken out": (
        ["DELETE FROM ledger_transaction WHERE key = 'late'"],
        {("incomplete-transaction", "transaction 18")},
    ),
    "a header without lines": (
        [header("x", "t1")],
        {("incomplete-transaction", "transaction x")},
    ),
    "a count of lines": (
        [f"UPDATE ledger_entry SET entry_count = 3 WHERE transaction_id = {transaction('t2')}"],
        {("incomplete-transaction", "transaction t2")},
    ),
    "the day of a transaction": (
        ["UPDATE ledger_transaction SET effective = '2025-03-02' WHERE key = 't1'"],
        {
            ("drifted-backdated", f"account {code}, day 2025-03-{day}")
            for code in (A, B)
            for day in ("02", "10")
        },
    ),
    "a day in the future": (
        ["UPDATE ledger_transaction SET effective = '2999-01-01' WHERE key = 'v3'"],
        {("altered-transaction", "transaction v3")},
    ),
    "what a reversal reverses": (
        [f"UPDATE ledger_transaction SET reverses_id = {transaction('t2')} WHERE key = 'r'"],
        {("altered-transaction", "transaction r")},
    ),
    "what a settlement settled": (
        [
            "UPDATE ledger_hold_part SET settled = 12, remaining = 18"
            f" WHERE hold_id = {transaction('h1')}",
            f"UPDATE ledger_held SET minutes = 18 WHERE hold_id = {transaction('h1')}",
            f"UPDATE ledger_balance SET held_out = 18 WHERE account_id = {account(A)}",
            f"UPDATE ledger_balance SET held_in = 18 WHERE account_id = {account(B)}",
        ],
        {("altered-transaction", "transaction s1")},
    ),
    "a transaction cut out whole": (
        [
            f"DELETE FROM ledger_entry WHERE transaction_id = {transaction('t2')}",
            "DELETE FROM ledger_transaction WHERE key = 't2'",
        ],
        {
            ("missing-version", "account school:a, version 3"),
            ("missing-version", "account school:b, version 3"),
        },
    ),
    "the last transaction cut off": (
        [
            f"DELETE FROM ledger_entry WHERE transaction_id = {transaction('late')}",
            "DELETE FROM ledger_transaction WHERE key = 'late'",
        ],
        {("missing-version", "account school:c"), ("missing-version", "account network:fund")},
    ),
    "a balance row": (
        [f"UPDATE ledger_balance SET posted = posted + 5 WHERE account_id = {account(B)}"],
        {("drifted-balance", "account school:b"), ("nonzero-book", "the book")},
    ),
    "a balance row taken out": (
        [f"DELETE FROM ledger_balance WHERE account_id = {account(B)}"],
        {("drifted-balance", "account school:b"), ("nonzero-book", "the book")},
    ),
    "a limit": (
        [f"UPDATE ledger_balance SET floor = -9999 WHERE account_id = {account(C)}"],
        {("drifted-account", "account school:c")},
    ),
    "what is held on an account": (
        [f"UPDATE ledger_balance SET held_out = 0 WHERE account_id = {account(A)}"],
        {("drifted-held", "account school:a")},
    ),
    "what is kept as held": (
        [
            f"UPDATE ledger_held SET minutes = 19 WHERE account_id = {account(A)}",
            f"UPDATE ledger_balance SET held_out = 19 WHERE account_id = {account(A)}",
        ],
        {("drifted-held", "account school:a, hold h1")},
    ),
    "a hold no longer kept as held": (
        [
            f"DELETE FROM ledger_held WHERE account_id = {account(A)}",
            f"UPDATE ledger_balance SET held_out = 0 WHERE account_id = {account(A)}",
        ],
        {("drifted-held", "account school:a, hold h1")},
    ),
    "a part of a hold": (
        [f"UPDATE ledger_hold_part SET part = 2 WHERE hold_id = {transaction('h2')}"],
        {("altered-hold", "hold h2, part 2")},
    ),
    "a part of a voided hold": (
        [f"UPDATE ledger_hold_part SET part = 2 WHERE hold_id = {transaction('h3')}"],
        {("altered-hold", "hold h3, part 2")},
    ),
    "a void without its part": (
        [f"DELETE FROM ledger_hold_part WHERE hold_id = {transaction('h3')}"],
        {
            ("altered-hold", "transaction v3"),
            ("drifted-held", "account school:b, hold h3"),
            ("drifted-held", "account network:fund, hold h3"),
        },
    ),
    "more settled than held": (
        [f"UPDATE ledger_hold SET minutes = 25 WHERE id = {transaction('h2')}"],
        {("hold-overdrawn", "hold h2, part 1")},
    ),
    "settled after its end": (
        [
            header("x", "late", "settle"),
            *lines("x", (A, -30), (B, 30)),
            part(2, "h2", "x", 60, 0, "settled"),
        ],
        {("double-settle", "hold h2, part 2")},
    ),
    "settled after it was voided": (
        [
            header("x", "late", "settle"),
            *lines("x", (B, -15), (FUND, 15)),
            part(2, "h3", "x", 15, 0, "settled"),
        ],
        {("double-settle", "hold h3, part 2")},
    ),
    "settled by no part of the hold": (
        [header("x", "late", "settle"), *lines("x", (A, -30), (B, 30))],
        {("double-settle", "transaction x")},
    ),
    "settled between other accounts": (
        [
            header("x", "late", "settle"),
            *lines("x", (FUND, -20), (C, 20)),
            part(2, "h1", "x", 30, 0, "settled"),
            f"DELETE FROM ledger_held WHERE hold_id = {transaction('h1')}",
            "UPDATE ledger_balance SET held_out = 0, held_in = 0"
            f" WHERE account_id IN ({account(A)}, {account(B)})",
        ],
        {
            ("altered-transaction", "transaction x"),
            ("drifted-balance", "account school:a"),  # whose hold it ended, says no balance row
            ("drifted-balance", "account school:b"),
        },
    ),
    "what was done with a hold": (
        ["UPDATE ledger_transaction SET action = 'extend' WHERE key = 'v3'"],
        {("altered-hold", "hold h3, part 1")},
    ),
    "reversed twice": (
        [
            "DROP INDEX uq_ledger_transaction_reverses_id",
            header("x", "late", "reverse", 2, transaction("t1")),
            *lines("x", (A, 60), (B, -60)),
        ],
        {
            ("double-reversal", "transaction x"),
            (
                "guard-missing",
                "constraint uq_ledger_transaction_reverses_id on ledger_transaction",
            ),
        },
    ),
    "a reversal reversed": (
        [
            header("x", "late", "reverse", 2, transaction("r")),
            *lines("x", (A, -60), (B, 60)),
        ],
        {("double-reversal", "transaction x")},
    ),
    "beyond a floor": (
        [header("x", "late"), *lines("x", (C, -160), (B, 160))],
        {("limit-exceeded", "account school:c, transaction x")},
    ),
    "beyond a ceiling": (
        [header("x", "late"), *lines("x", (B, -40), (C, 40))],
        {("limit-exceeded", "account school:c, transaction x")},
    ),
    "a hold beyond a floor": (
        [
            header("x", "late", "hold", "NULL"),
            "INSERT INTO ledger_hold (id, source_id, target_id, minutes)"
            f" VALUES ({transaction('x')}, {account(C)}, {account(FUND)}, 151)",
            "INSERT INTO ledger_held (account_id, hold_id, side, minutes)"
            f" VALUES ({account(C)}, {transaction('x')}, 'out', 151),"
            f" ({account(FUND)}, {transaction('x')}, 'in', 151)",
            f"UPDATE ledger_balance SET held_out = held_out + 151 WHERE account_id = {account(C)}",
            f"UPDATE ledger_balance SET held_in = held_in + 151 WHERE account_id = {account(FUND)}",
        ],
        {("limit-exceeded", "account school:c, transaction x")},
    ),
    "the note of a backdated day": (
        ["UPDATE ledger_backdated SET amount = 6 WHERE day = '2025-03-01' AND amount > 0"],
        {("drifted-backdated", "account network:fund, day 2025-03-01")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_tampering_is_found_and_named(story: sa.Engine, case: str) -> None:
    statements, expected = CASES[case]
    tamper(story, *statements)
    assert faults(story) == expected


def test_what_is_wrongly_held_is_said_beside_what_the_holds_say(story: sa.Engine) -> None:
    tamper(
        story,
        f"UPDATE ledger_balance SET held_out = 7, held_in = 8 WHERE account_id = {account(C)}",
        f"DELETE FROM ledger_held WHERE account_id = {account(C)}",
    )
    assert {fault.message for fault in report(story).faults if fault.kind == "drifted-held"} == {
        "the balance row says 7 held out and 8 held in, the holds 0 and 0"
    }


def test_a_transaction_moved_in_time_is_found(story: sa.Engine) -> None:
    tamper(
        story,
        f"UPDATE ledger_transaction SET recorded_at = {earlier(story, 1)} WHERE key = 't2'",
    )
    assert faults(story) == {("altered-transaction", "transaction t2")}


def test_time_going_backwards_is_found(story: sa.Engine) -> None:
    before = earlier(story, 3)
    tamper(
        story,
        f"UPDATE ledger_transaction SET recorded_at = {before} WHERE key = 'r'",
        f"UPDATE ledger_entry SET recorded_at = {before} WHERE transaction_id = {transaction('r')}",
    )
    assert faults(story) == {
        ("time-backwards", "account school:a, version 3"),
        ("time-backwards", "account school:b, version 3"),
    }


def test_a_hold_settled_after_it_expired_is_found(story: sa.Engine) -> None:
    tamper(
        story,
        f"UPDATE ledger_hold SET expires_at = {at(story, NOW)} WHERE id = {transaction('h2')}",
        f"UPDATE ledger_hold_part SET expires_at = {at(story, NOW)}"
        f" WHERE hold_id = {transaction('h2')}",
    )
    assert faults(story) == {("double-settle", "hold h2, part 1")}


def test_the_rest_of_a_hold_settled_after_it_expired_is_found(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection)
        book.settle(book.hold_by_key("h1").id, key="rest")
    ended = at(story, NOW + timedelta(days=1))
    tamper(
        story,
        f"UPDATE ledger_hold SET expires_at = {ended} WHERE id = {transaction('h1')}",
        f"UPDATE ledger_hold_part SET expires_at = {ended} WHERE hold_id = {transaction('h1')}",
    )
    assert faults(story) == {("double-settle", "hold h1, part 2")}


def test_holds_that_are_beyond_a_floor_only_together_are_found(story: sa.Engine) -> None:
    with story.begin() as connection:
        for key in ("h5", "h6", "h7"):
            Book(connection).hold(C, FUND, 50, key=key)  # 90 − 150 is the floor
    assert faults(story) == set()
    more = "SET minutes = minutes + 1"
    tamper(
        story,
        f"UPDATE ledger_hold {more} WHERE id = {transaction('h7')}",
        f"UPDATE ledger_held {more} WHERE hold_id = {transaction('h7')}",
        f"UPDATE ledger_balance SET held_out = held_out + 1 WHERE account_id = {account(C)}",
        f"UPDATE ledger_balance SET held_in = held_in + 1 WHERE account_id = {account(FUND)}",
    )
    assert faults(story) == {("limit-exceeded", "account school:c, transaction h7")}


def test_a_levy_that_gives_instead_of_taking_is_found(story: sa.Engine) -> None:
    with story.begin() as connection:
        book = Book(connection)
        levy = Levy(Fraction(1, 2), FUND)
        book.settle(book.hold(A, B, 30, key="h5").id, key="s5", levy=levy)
    for code, more in ((B, 20), (FUND, -20)):
        tamper(
            story,
            f"UPDATE ledger_entry SET amount = amount + {more}, balance = balance + {more}"
            f" WHERE transaction_id = {transaction('s5')} AND account_id = {account(code)}",
            f"UPDATE ledger_balance SET posted = posted + {more}"
            f" WHERE account_id = {account(code)}",
        )
    assert faults(story) == {("altered-transaction", "transaction s5")}


def test_what_came_into_a_closed_period_is_found(story: sa.Engine) -> None:
    closed = at(story, datetime(2025, 3, 6, tzinfo=UTC))
    tamper(
        story, f"INSERT INTO ledger_period VALUES ('2025-03-05', {closed}, {transaction('late')})"
    )
    assert faults(story) == {
        ("closed-period", "transaction back"),
        ("altered-period", "the book"),
        ("altered-period", "period to 2025-03-05"),
        # The period was slipped in, so nothing was written down at its close.
        *(
            ("drifted-checkpoint", f"checkpoint 2025-03-05, account {code}")
            for code in ("network:fund", "school:b")
        ),
    }


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("attack", "subject"),
    [
        (
            "CREATE OR REPLACE TRIGGER ledger_born BEFORE INSERT ON ledger_balance FOR EACH ROW"
            " WHEN (NEW.posted <> 0 AND NEW.held_out <> 0)"
            " EXECUTE FUNCTION ledger_refuse('a_balance_begins_at_zero');"
            "ALTER TABLE ledger_balance ENABLE ALWAYS TRIGGER ledger_born",
            "trigger ledger_born on ledger_balance",
        ),
        (
            "CREATE OR REPLACE TRIGGER ledger_immutable BEFORE DELETE ON ledger_entry FOR EACH ROW"
            " EXECUTE FUNCTION ledger_refuse('recorded_rows_are_never_changed');"
            "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_immutable",
            "trigger ledger_immutable on ledger_entry",
        ),
        (
            "CREATE OR REPLACE TRIGGER ledger_immutable BEFORE UPDATE OR DELETE ON ledger_entry"
            " FOR EACH ROW WHEN (OLD.amount > 0)"
            " EXECUTE FUNCTION ledger_refuse('recorded_rows_are_never_changed');"
            "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_immutable",
            "trigger ledger_immutable on ledger_entry",
        ),
        (
            "CREATE SCHEMA other; CREATE FUNCTION other.ledger_refuse() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger_balance FOR EACH ROW"
            " EXECUTE FUNCTION other.ledger_refuse('a_balance_is_never_deleted');"
            "ALTER TABLE ledger_balance ENABLE ALWAYS TRIGGER ledger_kept",
            "trigger ledger_kept on ledger_balance",
        ),
        (
            "ALTER FUNCTION ledger_refuse() SET session_replication_role = 'replica'",
            "function ledger_refuse",
        ),
        (
            "ALTER TABLE ledger_hold DROP CONSTRAINT ck_ledger_hold_minutes,"
            " ADD CONSTRAINT ck_ledger_hold_minutes CHECK (minutes > -1)",
            "constraint ck_ledger_hold_minutes on ledger_hold",
        ),
        (
            "ALTER TABLE ledger_hold DROP CONSTRAINT fk_ledger_hold_id,"
            " ADD CONSTRAINT fk_ledger_hold_id FOREIGN KEY (id) REFERENCES ledger_account (id)"
            " NOT VALID",
            "constraint fk_ledger_hold_id on ledger_hold",
        ),
        (
            "DROP INDEX uq_ledger_transaction_reverses_id;"
            "CREATE UNIQUE INDEX uq_ledger_transaction_reverses_id ON ledger_transaction"
            " (reverses_id) WHERE reverses_id < 0",
            "constraint uq_ledger_transaction_reverses_id on ledger_transaction",
        ),
        (
            "ALTER TABLE ledger_entry ALTER COLUMN recorded_at DROP NOT NULL",
            "constraint not null of recorded_at on ledger_entry",
        ),
    ],
)
def test_a_guard_that_is_there_in_another_form_is_found(
    story: sa.Engine, attack: str, subject: str
) -> None:
    if story.dialect.name != "postgresql":
        pytest.skip("the form of what PostgreSQL has")
    with story.begin() as connection:
        connection.exec_driver_sql(attack)
    found = [(fault.kind, fault.subject) for fault in report(story).faults]
    assert found == [("guard-missing", subject)]


def test_guards_that_are_gone_or_off_are_found(story: sa.Engine) -> None:
    if story.dialect.name == "sqlite":
        attacks = {
            "DROP TRIGGER ledger_entry_no_update": {"trigger ledger_entry_no_update"},
            "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry"
            " BEGIN SELECT 1; END": {"trigger ledger_entry_no_update"},
            "DROP INDEX uq_ledger_transaction_reverses_id": {
                "trigger ledger_entry_no_update",
                "constraint uq_ledger_transaction_reverses_id on ledger_transaction",
            },
            "CREATE UNIQUE INDEX uq_ledger_transaction_reverses_id"
            " ON ledger_transaction (reverses_id) WHERE reverses_id < 0": {
                "trigger ledger_entry_no_update",
                "constraint uq_ledger_transaction_reverses_id on ledger_transaction",
            },
        }
    else:
        attacks = {
            "ALTER TABLE ledger_hold DISABLE TRIGGER ledger_immutable": {
                "trigger ledger_immutable on ledger_hold"
            },
            "ALTER TABLE ledger_hold ENABLE TRIGGER ledger_immutable": {
                "trigger ledger_immutable on ledger_hold"
            },
            "DROP TRIGGER ledger_moves ON ledger_balance": {
                "trigger ledger_immutable on ledger_hold",
                "trigger ledger_moves on ledger_balance",
            },
            "ALTER TABLE ledger_held DISABLE TRIGGER ALL": {
                "trigger ledger_immutable on ledger_hold",
                "trigger ledger_moves on ledger_balance",
                "constraint fk_ledger_held_account_id on ledger_held",
                "constraint fk_ledger_held_hold_id on ledger_held",
            },
            "ALTER TABLE ledger_held DROP CONSTRAINT ck_ledger_held_minutes": {
                "trigger ledger_immutable on ledger_hold",
                "trigger ledger_moves on ledger_balance",
                "constraint fk_ledger_held_account_id on ledger_held",
                "constraint fk_ledger_held_hold_id on ledger_held",
                "constraint ck_ledger_held_minutes on ledger_held",
            },
            "CREATE OR REPLACE FUNCTION ledger_check_lines() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'": {
                "trigger ledger_immutable on ledger_hold",
                "trigger ledger_moves on ledger_balance",
                "constraint fk_ledger_held_account_id on ledger_held",
                "constraint fk_ledger_held_hold_id on ledger_held",
                "constraint ck_ledger_held_minutes on ledger_held",
                "function ledger_check_lines",
            },
        }
    for attack, expected in attacks.items():
        with story.begin() as connection:
            connection.exec_driver_sql(attack)
        found = report(story).faults
        assert {fault.kind for fault in found} == {"guard-missing"}
        assert {fault.subject for fault in found} == expected
