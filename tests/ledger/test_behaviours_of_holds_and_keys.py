"""Holds, and keys that are used again, as the tests of other ledgers ask for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Hold, Levy, NewTransaction, Posting
from tests.ledger.behaviours import (
    BANK,
    START,
    A,
    B,
    Behaviour,
    C,
    Clock,
    Table,
    close,
    freeze,
    fund,
    limit,
    open_account,
    prepare,
    unfreeze,
)

TABLE = Table()
TODAY = START.date()
TOMORROW = START + timedelta(days=1)


def pair(minutes: int) -> list[Posting]:
    return [Posting(A, -minutes), Posting(B, minutes)]


@TABLE.same("TigerBeetle: exists_with_different_timeout")
def a_hold_with_another_time_is_another_request(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="k", expires_at=TOMORROW)
    for expires_at in (None, TOMORROW + timedelta(microseconds=1)):
        with pytest.raises(ledger.IdempotencyConflict) as refused:
            book.hold(A, B, 10, key="k", expires_at=expires_at)
        assert refused.value.transaction_id == hold.id
    assert book.hold(A, B, 10, key="k", expires_at=TOMORROW).replayed
    assert book.account(A).held_out == 10


@TABLE.differs("TigerBeetle: a pending transfer may be posted with amount 0")
def a_hold_is_voided_and_not_settled_with_nothing(book: Book, clock: Clock) -> None:
    """There is one verb for each outcome, so that a count gone wrong voids nothing by itself."""
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="h")
    for final in (True, False):
        with pytest.raises(ledger.InvalidAmount):
            book.settle(hold.id, 0, key="k", final=final)
    assert book.hold_by_id(hold.id) == hold
    assert book.void(hold.id, key="k").state == "voided"


@TABLE.same("TigerBeetle: pending_transfer_already_posted, _already_voided, _expired")
def a_hold_ends_once(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hours = {"settled": None, "voided": None, "expired": START + timedelta(hours=1)}
    holds = {
        end: book.hold(A, B, 10, key=end, expires_at=expires_at)
        for end, expires_at in hours.items()
    }
    book.settle(holds["settled"].id, 4, key="s")
    book.void(holds["voided"].id, key="v")
    clock.advance(hours=1)
    errors = {
        "settled": ledger.AlreadySettled,
        "voided": ledger.AlreadyVoided,
        "expired": ledger.HoldExpired,
    }
    for end, hold in holds.items():
        for attempt in (
            lambda hold: book.settle(hold.id, key="k"),
            lambda hold: book.settle(hold.id, 1, key="k", final=False),
            lambda hold: book.void(hold.id, key="k"),
            lambda hold: book.extend(hold.id, TOMORROW, key="k"),
            lambda hold: book.extend(hold.id, None, key="k"),
        ):
            with pytest.raises(errors[end]) as refused:
                attempt(hold)
            assert refused.value.hold_id == hold.id
        assert book.hold_by_id(hold.id).state == end
    account = book.account(A)
    assert (account.posted, account.held_out) == (56, 0)


@TABLE.same("TigerBeetle: exceeds_pending_transfer_amount")
def more_than_was_held_is_not_settled(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="h")
    for final in (True, False):
        with pytest.raises(ledger.ExceedsHold) as refused:
            book.settle(hold.id, 11, key="k", final=final)
        assert (refused.value.remaining, refused.value.needed) == (10, 11)
    assert book.hold_by_id(hold.id) == hold


@TABLE.same("TigerBeetle: pending_transfer_not_pending, pending_transfer_not_found")
def what_is_no_hold_is_not_resolved(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="h")
    book.extend(hold.id, TOMORROW, key="e")
    book.settle(hold.id, 4, key="s", final=False)
    book.void(hold.id, key="v")
    numbers = [book.transaction_by_key(key).id for key in ("e", "s", "v", f"fund:{A}")]
    for number in (*numbers, book.head().last + 1):
        for attempt in (
            lambda number: book.settle(number, key="k"),
            lambda number: book.void(number, key="k"),
            lambda number: book.extend(number, TOMORROW, key="k"),
            lambda number: book.hold_by_id(number),
        ):
            with pytest.raises(ledger.UnknownHold) as refused:
                attempt(number)
            assert refused.value.hold_id == number


@TABLE.differs("TigerBeetle: the full amount said or left out is the same request")
def all_of_it_said_and_left_out_are_two_requests(book: Book, clock: Clock) -> None:
    """A key stands for what was said, which one can compare without knowing the book.

    What “all of it” is depends on what was settled before; a client repeats its own words.
    """
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="h")
    settled = book.settle(hold.id, key="s")
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.settle(hold.id, 10, key="s")
    assert refused.value.transaction_id == settled.id
    assert book.settle(hold.id, key="s").replayed


@TABLE.same("TigerBeetle: create/lookup expired transfers")
def holds_expire_one_after_the_other(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    for number in (1, 2, 3):
        expires_at = START + timedelta(hours=number)
        book.hold(A, B, 10 * number, key=str(number), expires_at=expires_at)
    for available, held in ((0, 3), (10, 2), (30, 1), (60, 0)):
        assert book.account(A).available == available
        assert len(book.holds(A)) == len(book.holds(B)) == held
        with pytest.raises(ledger.LimitExceeded):
            book.transfer(A, C, available + 1, key="too much")
        clock.advance(hours=1)
    assert {hold.state for hold in book.holds(A, open_only=False)} == {"expired"}
    book.transfer(A, C, 60, key="all")


@TABLE.differs("TigerBeetle: a pending transfer of a closed account may not be posted")
def a_hold_of_a_frozen_account_can_be_settled(book: Book, clock: Clock) -> None:
    """Freezing stops what is new: a hold is a promise that was given while the account was open.

    Where money already held must not move either, the hold is voided.
    """
    fund(book, A, 60)
    settled, voided = (book.hold(A, B, 10, key=key) for key in ("settled", "voided"))
    for code in (A, B):
        freeze(book, code)
    book.settle(settled.id, key="s")
    book.void(voided.id, key="v")
    assert (book.balance(A), book.account(A).held_out) == (50, 0)


@TABLE.same("TigerBeetle: a pending transfer of a closed account expires")
def a_hold_of_a_frozen_account_expires(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 60, key="h", expires_at=START + timedelta(hours=1))
    freeze(book, A)
    clock.advance(hours=1)
    assert (book.hold_by_id(hold.id).state, book.account(A).available) == ("expired", 60)
    assert book.expire_holds() == 2
    unfreeze(book, A)
    book.transfer(A, B, 60, key="k")


@TABLE.same("Twisp, Modern Treasury: reversing what was posted leaves the hold resolved")
def a_reversed_settlement_leaves_its_hold_ended(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 20, key="h")
    settled = book.settle(hold.id, 15, key="s")
    book.reverse(settled.id, key="r")
    account, after = book.account(A), book.hold_by_id(hold.id)
    assert (account.posted, account.held_out, book.balance(B)) == (60, 0, 0)
    assert (after.state, after.settled, after.remaining) == ("settled", 15, 0)
    with pytest.raises(ledger.AlreadySettled):
        book.settle(hold.id, key="again")


@TABLE.same("TigerBeetle: exists_with_different_debit_account_id, _amount, _user_data, _code …")
def a_key_with_any_other_content_is_a_conflict(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    fund(book, B, 60)
    yesterday = TODAY - timedelta(days=1)
    same: dict[str, Any] = {
        "source": A,
        "target": B,
        "minutes": 10,
        "kind": "lesson",
        "memo": "Maths",
        "effective": TODAY,
        "actor": "Ann",
        "reference": "exchange:1",
    }
    posted = book.transfer(**same, key="k")
    for field, value, named in (
        ("source", BANK, "lines"),
        ("target", C, "lines"),
        ("minutes", 11, "lines"),
        ("kind", "visit", "kind"),
        ("memo", "", "memo"),
        ("effective", yesterday, "effective"),
        ("actor", "Olu", "actor"),
        ("reference", "exchange:2", "reference"),
    ):
        with pytest.raises(ledger.IdempotencyConflict) as refused:
            book.transfer(**same | {field: value}, key="k")
        assert (refused.value.key, refused.value.transaction_id) == ("k", posted.id)
        assert list(refused.value.differences) == [named]
    assert book.transfer(**same, key="k").replayed
    assert book.balance(B) == 70


def each_verb(book: Book) -> dict[str, Callable[[], Any]]:
    """Every verb that a key stands for, as a request that may be repeated; in order."""
    expires_at = START + timedelta(hours=5)

    def number(key: str) -> int:
        return book.transaction_by_key(key).id

    return {
        "transfer": lambda: book.transfer(A, B, 1, key="transfer"),
        "post": lambda: book.post([Posting(A, -3), Posting(B, 1), Posting(C, 2)], key="post"),
        "grant": lambda: book.grant(A, 5, source=BANK, key="grant"),
        "hold": lambda: book.hold(A, B, 20, key="hold", expires_at=expires_at),
        "extend": lambda: book.extend(number("hold"), TOMORROW, key="extend"),
        "settle": lambda: book.settle(number("hold"), 5, key="settle", final=False),
        "levied": lambda: book.settle(
            number("hold"), 10, key="levied", final=False, levy=Levy(Fraction(1, 5), C)
        ),
        "void": lambda: book.void(number("hold"), key="void"),
        "reverse": lambda: book.reverse(number("transfer"), key="reverse"),
        "batch": lambda: book.post_many([NewTransaction(postings=pair(2), key="batch")])[0],
    }


@TABLE.same("Formance: api_idempotency_test, api_idempotency_hit_header_test")
def every_verb_does_a_repeated_request_once_and_says_so(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    verbs = each_verb(book)
    first = {name: verb() for name, verb in verbs.items()}
    before = book.head(), book.balances(), book.holds(A, open_only=False)
    assert not any(answer.replayed for answer in first.values())
    for name, verb in verbs.items():
        again = verb()
        assert again.replayed, name
        assert again.id == first[name].id
        if not isinstance(again, Hold):  # which is answered as it stands now
            assert again.entries == first[name].entries
    assert (book.head(), book.balances(), book.holds(A, open_only=False)) == before


@TABLE.same("TigerBeetle: create_transfers, idempotence is checked first")
def a_repeated_key_goes_before_every_refusal(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    verbs = each_verb(book)
    first = {name: verb().id for name, verb in verbs.items()}
    limit(book, A, 0, 0)
    for code in (A, B, C):
        close(book, code)
    with pytest.raises(ledger.AccountNotOpen):
        book.transfer(A, B, 1, key="new")
    clock.advance(days=9)
    for name, verb in verbs.items():
        again = verb()
        assert (again.id, again.replayed) == (first[name], True), name


@TABLE.same("Formance: bulk with one idempotency key twice")
def one_key_twice_in_a_batch_stands_for_one(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    first = NewTransaction(postings=pair(10), key="k")
    once, again = book.post_many([first, first])
    assert isinstance(once, ledger.Transaction)
    assert isinstance(again, ledger.Transaction)
    assert (once.id, once.replayed, again.replayed) == (again.id, False, True)
    other = [NewTransaction(postings=pair(minutes), key="j") for minutes in (1, 2)]
    with pytest.raises(ledger.BatchRefused) as refused:
        book.post_many([first, *other])
    cause = refused.value.cause
    assert refused.value.index == 2
    assert isinstance(cause, ledger.IdempotencyConflict)
    assert (cause.key, cause.transaction_id) == ("j", None)  # the first “j” was undone as well
    assert cause.differences == {"lines": (tuple(pair(1)), tuple(pair(2)))}
    with pytest.raises(ledger.BatchRefused) as refused:
        book.post_many([first, NewTransaction(postings=pair(3), key="k")])
    assert isinstance(refused.value.cause, ledger.IdempotencyConflict)
    assert refused.value.cause.transaction_id == once.id  # which the book has
    assert book.balance(B) == 10


@TABLE.same("TigerBeetle: id_must_not_be_zero, id_must_not_be_int_max; Formance: invalid keys")
def a_key_is_not_empty_and_not_endless(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    hold = book.hold(A, B, 10, key="x" * 200)
    posted = book.transfer(A, B, 1, key="t")
    for key in ("", "x" * 201):
        for attempt in (
            lambda key: book.transfer(A, B, 1, key=key),
            lambda key: book.post(pair(1), key=key),
            lambda key: book.grant(A, 1, source=BANK, key=key),
            lambda key: book.hold(A, B, 1, key=key),
            lambda key: book.settle(hold.id, key=key),
            lambda key: book.void(hold.id, key=key),
            lambda key: book.extend(hold.id, None, key=key),
            lambda key: book.reverse(posted.id, key=key),
        ):
            with pytest.raises(ledger.InvalidText) as refused:
                attempt(key)
            assert (refused.value.field, refused.value.value) == ("key", key)
        with pytest.raises(ledger.BatchRefused, match="the key"):
            book.post_many([NewTransaction(postings=pair(1), key=key)])
    assert book.hold_by_key("x" * 200) == hold


@TABLE.differs("TigerBeetle: id_already_failed")
def a_key_that_was_refused_may_succeed_later(book: Book, clock: Clock) -> None:
    """A refusal writes nothing, so that it can neither be lost nor stand in the way.

    A client that saw a refusal asks by the key whether another attempt has succeeded since.
    """
    open_account(book, "school:late")
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, "school:late", 10, key="k")
    fund(book, A, 10)
    posted = book.transfer(A, "school:late", 10, key="k")
    assert not posted.replayed
    assert book.transaction_by_key("k") == posted


@pytest.mark.parametrize("behaviour", list(TABLE), ids=str)
def test_behaviour(behaviour: Behaviour, connection: sa.Connection) -> None:
    clock = Clock()
    book = Book(connection, clock=clock)
    prepare(book)
    behaviour.run(book, clock)
    assert book.verify().faults == ()
