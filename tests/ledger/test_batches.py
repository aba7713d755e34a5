"""Batches: in order, whole or at best effort, and replayed."""

from __future__ import annotations

from datetime import date

import pytest

import ledger
from ledger import Book, NewTransaction, Posting

A, B, C, FUND = "school:a", "school:b", "school:c", "network:fund"


def posting(source: str, target: str, minutes: int, key: str, **more: object) -> NewTransaction:
    lines = [Posting(source, -minutes), Posting(target, minutes)]
    return NewTransaction(postings=lines, key=key, **more)  # type: ignore[arg-type]


def test_a_batch_is_written_in_order_with_running_balances(book: Book) -> None:
    results = book.post_many(
        [
            posting(A, B, 10, "1"),
            NewTransaction(
                postings=[Posting(B, -6), Posting(C, 2), Posting(FUND, 4)], key="2", memo="x"
            ),
            posting(C, A, 1, "3", effective=date(2026, 1, 1)),
        ]
    )
    assert [[(e.account, e.version, e.balance) for e in r.entries] for r in results] == [
        [(A, 1, -10), (B, 1, 10)],
        [(B, 2, 4), (C, 1, 2), (FUND, 1, 4)],
        [(C, 2, 1), (A, 2, -9)],
    ]
    assert [book.transaction(r.id) for r in results] == results
    assert book.balance(A, effective=date(2026, 1, 1)) == 1
    assert book.balance(A) == -9


def test_an_atomic_batch_is_all_or_nothing_and_says_which_was_refused(book: Book) -> None:
    for wrong, cause in (
        (posting(A, B, 600, "2"), ledger.LimitExceeded),
        (posting(A, "school:z", 1, "2"), ledger.UnknownAccount),
        (NewTransaction(postings=[Posting(A, 1), Posting(B, 1)], key="2"), ledger.Unbalanced),
    ):
        with pytest.raises(ledger.BatchRefused) as refused:
            book.post_many([posting(A, B, 1, "1"), wrong, posting(A, B, 1, "3")])
        assert refused.value.index == 1
        assert isinstance(refused.value.cause, cause)
    assert book.head().entries == 0
    assert book.post_many([]) == []


def test_a_batch_at_best_effort_posts_what_it_can(book: Book) -> None:
    book.transfer(A, B, 1, key="old")
    results = book.post_many(
        [
            posting(A, C, 100, "1"),
            posting(A, C, 100, "2"),
            posting(A, B, 1, "old"),
            posting(A, B, 2, "old"),
            NewTransaction(postings=[Posting(A, 1), Posting(B, 1)], key="3"),
            posting(C, A, 100, "4"),
            posting(A, C, 100, "2"),
            posting(C, A, 100, "4"),
        ],
        atomic=False,
    )
    assert [type(r).__name__ for r in results] == [
        "Transaction",
        "LimitExceeded",
        "Transaction",
        "IdempotencyConflict",
        "Unbalanced",
        "Transaction",
        "Transaction",
        "Transaction",
    ]
    assert [getattr(r, "replayed", None) for r in results] == [
        False, None, True, None, None, False, False, True,
    ]  # fmt: skip
    assert book.balance(C) == 100


def test_a_batch_at_best_effort_says_what_was_wrong_even_if_all_was(book: Book) -> None:
    wrong = [NewTransaction(postings=[Posting(A, 1), Posting(B, 1)], key=key) for key in ("1", "2")]
    results = book.post_many(wrong, atomic=False)
    assert [type(result) for result in results] == [ledger.Unbalanced] * 2


def test_a_batch_that_was_posted_is_replayed_whole(book: Book) -> None:
    batch = [posting(A, B, 10, "1"), posting(B, A, 10, "2")]
    first = book.post_many(batch)
    again = book.post_many([*batch, posting(A, B, 1, "3")])
    assert [r.id for r in again[:2]] == [r.id for r in first]
    assert [r.replayed for r in again] == [True, True, False]
