"""Postings, batches, groups and reversals, as the tests of other ledgers ask for them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting
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
    fund,
    limit,
    open_account,
    prepare,
)

TABLE = Table()
TODAY = START.date()


def balances(book: Book) -> list[int]:
    return [book.balance(code) for code in (A, B, C)]


@TABLE.same("pgledger: TestAddAccount")
def a_new_account_has_nothing(book: Book, clock: Clock) -> None:
    account = open_account(book, "school:new")
    assert (account.posted, account.held_out, account.held_in, account.version) == (0, 0, 0, 0)
    assert (account.status, account.available, account.room) == ("open", 0, None)
    assert book.account("school:new") == account
    assert book.statement("school:new").lines == ()
    assert book.journal(account="school:new").transactions == ()


@TABLE.same("pgledger: TestAccountsThatCannotBeNegative")
def an_account_with_a_floor_of_zero_gives_only_what_it_has(book: Book, clock: Clock) -> None:
    fund(book, A, 10)
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 11, key="k")
    assert (refused.value.code, refused.value.available) == (A, 10)
    book.transfer(A, B, 10, key="k")
    assert balances(book) == [0, 10, 0]


@TABLE.same("pgledger: TestAccountsThatCannotBePositive")
def an_account_with_a_ceiling_of_zero_takes_only_what_it_owes(book: Book, clock: Clock) -> None:
    open_account(book, "loan", floor=None, ceiling=0)
    book.transfer("loan", A, 10, key="1")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, "loan", 11, key="2")
    assert (refused.value.code, refused.value.limit) == (A, "floor")
    fund(book, A, 5)
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, "loan", 11, key="2")
    assert (refused.value.code, refused.value.limit, refused.value.available) == (
        "loan",
        "ceiling",
        10,
    )
    book.transfer(A, "loan", 10, key="2")
    assert book.balance("loan") == 0


@TABLE.same("pgledger: TestCreateMultipleTransfers")
def a_circle_is_posted_at_once_by_accounts_that_have_nothing(book: Book, clock: Clock) -> None:
    legs = [(A, B), (B, C), (C, A)]
    circle = [
        posting for giver, taker in legs for posting in (Posting(giver, -5), Posting(taker, 5))
    ]
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 5, key="alone")
    posted = book.post(circle, key="k")
    assert [entry.balance for entry in posted.entries] == [-5, 5, 0, 5, 0, 0]
    assert balances(book) == [0, 0, 0]


@TABLE.same("pgledger: examples/lock-account.sql")
def an_account_may_be_let_come_back_to_zero_only(book: Book, clock: Clock) -> None:
    fund(book, A, 30)
    limit(book, A, 0, 0)
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(BANK, A, 1, key="1")
    assert refused.value.limit == "ceiling"
    book.transfer(A, B, 20, key="2")
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.transfer(A, B, 11, key="3")
    assert refused.value.limit == "floor"
    book.transfer(A, B, 10, key="4")
    assert book.account(A).posted == 0


@TABLE.same("pgledger: TestIdsAreMonotonic")
def numbers_grow(book: Book, clock: Clock) -> None:
    ids = [fund(book, A, 30).id, book.hold(A, B, 5, key="h").id]
    pair = [Posting(A, -1), Posting(B, 1)]
    ids += [
        one.id  # type: ignore[union-attr]
        for one in book.post_many([NewTransaction(postings=pair, key=str(n)) for n in range(3)])
    ]
    ids.append(book.settle(ids[1], key="s").id)
    assert ids == sorted(set(ids))
    assert book.head().last == ids[-1]


@TABLE.differs("TigerBeetle: create_transfers, an amount of 0")
def a_transfer_of_nothing_is_refused(book: Book, clock: Clock) -> None:
    """An entry of no minutes says nothing, and only makes statements longer.

    Elsewhere it closes a chain or notes that something was tried; a memo can do that here.
    """
    fund(book, A, 10)
    with pytest.raises(ledger.InvalidAmount):
        book.transfer(A, B, 0, key="k")
    assert book.head().entries == 2


@TABLE.same("TigerBeetle: closing accounts; Beancount: validation, a closed account")
def a_closed_account_neither_takes_nor_gives(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    fund(book, B, 60)
    close(book, A)
    before = book.head()
    for attempt in (
        lambda: book.transfer(A, B, 1, key="k"),
        lambda: book.transfer(B, A, 1, key="k"),
        lambda: book.hold(A, B, 1, key="k"),
        lambda: book.hold(B, A, 1, key="k"),
        lambda: book.grant(A, 1, source=BANK, key="k"),
        lambda: book.post([Posting(B, -2), Posting(A, 1), Posting(C, 1)], key="k"),
        lambda: book.transfer(B, A, 1, key="k", effective=TODAY - timedelta(days=9)),
    ):
        with pytest.raises(ledger.AccountNotOpen) as refused:
            attempt()
        assert (refused.value.code, refused.value.status) == (A, "closed")
    pair = [Posting(B, -1), Posting(A, 1)]
    with pytest.raises(ledger.BatchRefused, match="closed"):
        book.post_many([NewTransaction(postings=pair, key="k")])
    assert book.head() == before
    assert book.account(A).posted == 0


@TABLE.same("TigerBeetle: recipe multi-debit-credit-transfers; hordak: three legs")
def many_give_and_one_takes_or_none_gives(book: Book, clock: Clock) -> None:
    fund(book, A, 20)
    fund(book, B, 5)
    gifts = [Posting(A, -10), Posting(B, -10), Posting(BANK, -10), Posting(C, 30)]
    with pytest.raises(ledger.LimitExceeded) as refused:
        book.post(gifts, key="k")
    assert (refused.value.code, refused.value.available) == (B, 5)
    assert balances(book) == [20, 5, 0]
    book.transfer(BANK, B, 5, key="more")
    book.post(gifts, key="k")
    assert balances(book) == [10, 0, 30]


@TABLE.same("TigerBeetle: failed linked chains are undone, pending transfers too")
def what_a_failed_chain_took_is_free_again(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    with pytest.raises(ledger.GroupRefused), book.group(A, B, C):  # noqa: PT012 -- as a whole
        book.transfer(A, B, 20, key="1")
        book.hold(A, C, 40, key="2")
        book.transfer(A, C, 1, key="3")
    account = book.account(A)
    assert (account.posted, account.held_out, account.available) == (60, 0, 60)
    assert book.holds(A, open_only=False) == []
    book.transfer(A, B, 60, key="1")  # all of it, and under a key of the chain
    assert balances(book) == [0, 60, 0]


@TABLE.same("TigerBeetle: recipe balance-conditional-transfers; Modern Treasury: balance lock")
def a_transfer_may_depend_on_a_balance(book: Book, clock: Clock) -> None:
    class TooPoorError(Exception):
        pass

    def give_if_rich(key: str) -> None:
        with book.group(A, B):  # locks both, so that what is read stays so
            if book.balance(A) < 50:
                raise TooPoorError
            book.transfer(A, B, 20, key=key)

    fund(book, A, 60)
    give_if_rich("1")
    with pytest.raises(TooPoorError):
        give_if_rich("2")
    assert balances(book) == [40, 20, 0]


@TABLE.same("Formance: revert of a transaction through an empty passthrough account")
def what_went_through_an_empty_account_is_reversed(book: Book, clock: Clock) -> None:
    fund(book, A, 60)
    through = [Posting(A, -60), Posting(B, 60), Posting(B, -60), Posting(C, 60)]
    posted = book.post(through, key="1")
    assert balances(book) == [0, 0, 60]
    book.reverse(posted.id, key="2")
    assert balances(book) == [60, 0, 0]


@TABLE.same("Formance: two reverts under one idempotency key")
def one_key_does_not_reverse_two(book: Book, clock: Clock) -> None:
    first, second = fund(book, A, 60), fund(book, B, 60)
    book.reverse(first.id, key="r")
    with pytest.raises(ledger.IdempotencyConflict) as refused:
        book.reverse(second.id, key="r")
    assert refused.value.differences == {"reverses": (first.id, second.id)}
    assert balances(book) == [0, 60, 0]


@TABLE.same("Formance: revert with metadata; medici: void with a reason")
def a_reversal_has_words_of_its_own(book: Book, clock: Clock) -> None:
    posted = book.transfer(
        BANK, A, 60, key="1", kind="gift", memo="Choir", actor="Ann", reference="exchange:1"
    )
    plain = book.reverse(posted.id, key="2")
    assert (plain.kind, plain.memo, plain.actor, plain.reference) == ("reversal", "", "", "")
    other = book.reverse(
        fund(book, A, 60).id, key="3", memo="Never sung", actor="Olu", reference="exchange:2"
    )
    assert (other.memo, other.actor, other.reference) == ("Never sung", "Olu", "exchange:2")
    assert book.transaction(other.id) == other
    assert book.transaction(posted.id).memo == "Choir"


@TABLE.same("Formance: NO_POSTINGS; hordak: a transaction without legs; medici: INVALID_JOURNAL")
def what_does_not_sum_to_zero_is_no_transaction(book: Book, clock: Clock) -> None:
    before = book.head()
    for postings, total, count in (
        ([], 0, 0),
        ([Posting(BANK, -5)], -5, 1),
        ([Posting(A, 5), Posting(B, 5)], 10, 2),
        ([Posting(BANK, -5), Posting(A, 6)], 1, 2),
        ([Posting(BANK, -5), Posting(A, 2), Posting(B, 2)], -1, 3),
    ):
        with pytest.raises(ledger.Unbalanced) as refused:
            book.post(postings, key="k")
        assert (refused.value.total, refused.value.lines) == (total, count)
        assert str(refused.value) == (
            "A transaction needs at least two postings."
            if count < 2
            else f"The postings sum to {total}, not to zero."
        )
    assert book.head() == before


@TABLE.same("Modern Treasury: effective_at in the past")
def what_is_dated_back_keeps_to_the_limits_of_today(book: Book, clock: Clock) -> None:
    past = TODAY - timedelta(days=30)
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, B, 10, key="1", effective=past)
    fund(book, A, 10)
    book.transfer(A, B, 10, key="1", effective=past)  # before there was anything to give
    assert book.balance(A, effective=past) == -10
    assert (book.balance(A, effective=TODAY), book.balance(A)) == (0, 0)


@TABLE.same("hordak: test_cash_advance_loan_with_repayments, test_pay_rent_via_invoice")
def a_loan_is_paid_back_in_parts(book: Book, clock: Clock) -> None:
    book.transfer(BANK, A, 90, key="loan", effective=date(2025, 1, 15))
    for month, day in ((1, date(2025, 2, 15)), (2, date(2025, 3, 1))):
        book.transfer(A, BANK, 30, key=f"part:{month}", effective=day)
    with pytest.raises(ledger.LimitExceeded):
        book.transfer(A, BANK, 31, key="part:3")
    book.transfer(A, BANK, 30, key="part:3")
    assert [
        book.balance(BANK, effective=day)
        for day in (
            date(2025, 1, 14),
            date(2025, 1, 31),
            date(2025, 2, 28),
            date(2025, 3, 9),
            TODAY,
        )
    ] == [0, -90, -60, -30, 0]
    assert book.turnover(A) == (A, 90, 90)


@pytest.mark.parametrize("behaviour", list(TABLE), ids=str)
def test_behaviour(behaviour: Behaviour, connection: sa.Connection) -> None:
    clock = Clock()
    book = Book(connection, clock=clock)
    prepare(book)
    behaviour.run(book, clock)
    assert book.verify().faults == ()
