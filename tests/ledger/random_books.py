"""Books in which anything may have happened, drawn by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from ledger import AlreadyReversed, Book, Posting, Transaction
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

CODES = ("network:issuance", "school:100000", "school:a", "school:A", "school", "x_y.z-1:p:q", "a:")
TEXTS = (
    "",
    "Phonics; with “quotes”, 'others' and \"these\"",
    "two\nlines\r\nand a\ttab",
    "back\\slash \\n | pipe ; semicolon: tag:value, more",
    "date:2001-01-01 [2001-02-03] date: 2001-01-01",
    "=1+1",
    '","',
    "(12) * ! 2026-01-01 open",
    "Ελληνικά 漢字 🙂 \u2028 \u00a0 \x7f\x01 end",
    "  spaces around  ",
)
BEGINS = datetime(2026, 3, 20, 9, tzinfo=UTC)  # the clocks change nine days later


@dataclass(frozen=True)
class Step:
    """Something that is done; what does not concern it counts for nothing."""

    what: str
    hours: int
    codes: Sequence[str]
    minutes: int
    part: int
    final: bool
    back: int | None
    memo: str
    actor: str
    reference: str
    key: str


texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
steps = st.builds(
    Step,
    what=st.sampled_from(["transfer", "transfer", "settle", "hold", "reverse", "post"]),
    hours=st.integers(0, 30),
    codes=st.permutations(CODES),
    minutes=st.integers(1, 999),
    part=st.integers(1, 999),
    final=st.booleans(),
    back=st.one_of(st.none(), st.integers(0, 12)),
    memo=texts,
    actor=texts,
    reference=texts,
    key=texts,
)
histories = st.lists(steps, min_size=1, max_size=30)


def on_books(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with so many histories; it takes each as ``history``."""

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        checks = list(HealthCheck)
        limits = settings(
            max_examples=examples, deadline=None, derandomize=True, suppress_health_check=checks
        )
        return limits(given(history=histories)(test))

    return wrap


def fill(connection: sa.Connection, history: Sequence[Step]) -> Book:
    """Open accounts and do these things to them, over some weeks, in a book that was empty."""
    connection.rollback()
    instant = BEGINS
    past, book = in_the_past(connection), Book(connection, clock=lambda: instant)
    for place, code in enumerate(CODES):
        name = TEXTS[(place + len(history)) % len(TEXTS)].replace("\n", " ")
        past.open_account(code, floor=None, name=name, key=new_key())
    posted: list[Transaction] = []
    for number, step in enumerate(history):
        instant += timedelta(hours=step.hours)
        source, target, third = step.codes[:3]
        minutes = step.minutes
        effective = None
        if step.back is not None:
            effective = instant.date() - timedelta(days=step.back)
        texts: dict[str, Any] = {
            "key": f"k:{number} {step.key}",
            "memo": step.memo,
            "actor": step.actor,
            "reference": step.reference,
        }
        match step.what:
            case "settle":
                hold = book.hold(source, target, minutes, key=f"hold:{number}")
                part = min(step.part, minutes)
                settled = book.settle(hold.id, part, final=step.final, effective=effective, **texts)
                posted.append(settled)
                if not step.final and part < minutes:
                    book.void(hold.id, key=f"void:{number}")
            case "hold":
                book.hold(source, target, minutes, key=f"hold:{number}")
            case "reverse" if posted:
                with suppress(AlreadyReversed):
                    book.reverse(posted[step.part % len(posted)].id, **texts)
            case "post":
                lines = [
                    Posting(source, -3 * minutes),
                    Posting(target, minutes),
                    Posting(third, minutes),
                ]
                lines += [Posting(target, 2 * minutes), Posting(third, -minutes)]
                posted.append(book.post(lines, kind="allocation", effective=effective, **texts))
            case _:
                posted.append(book.transfer(source, target, minutes, effective=effective, **texts))
    return book
