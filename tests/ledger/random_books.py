"""Books in which everything that can happen has happened, from a seed."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ledger import AlreadyReversed, Book, Line, Transaction

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


def fill(connection: sa.Connection, seed: int, steps: int = 60) -> Book:
    """Open accounts and do ``steps`` things to them, over some weeks."""
    dice = random.Random(seed)
    instant = datetime(2026, 3, 20, 9, tzinfo=UTC)
    book = Book(connection, clock=lambda: instant)
    for code in CODES:
        book.open_account(code, floor=None, name=dice.choice(TEXTS).replace("\n", " "))
    posted: list[Transaction] = []
    for step in range(steps):
        instant += timedelta(hours=dice.randrange(30))
        source, target, third = dice.sample(CODES, 3)
        minutes = dice.randrange(1, 1000)
        texts = {"memo": dice.choice(TEXTS), "actor": dice.choice(TEXTS)}
        texts |= {"key": f"k:{step} {dice.choice(TEXTS)}", "reference": dice.choice(TEXTS)}
        effective = instant.date() - timedelta(days=dice.randrange(12))
        match dice.randrange(6):
            case 0:
                hold = book.hold(source, target, minutes, key=f"hold:{step}")
                part = dice.randrange(1, minutes + 1)
                final = dice.random() < 0.5
                posted.append(book.settle(hold.id, part, final=final, effective=effective, **texts))
                if not final and part < minutes:
                    book.void(hold.id, key=f"void:{step}")
            case 1:
                book.hold(source, target, minutes, key=f"hold:{step}")
            case 2 if posted:
                with suppress(AlreadyReversed):
                    book.reverse(dice.choice(posted).id, **texts)
            case 3:
                lines = [Line(source, -3 * minutes), Line(target, minutes), Line(third, minutes)]
                lines += [Line(target, 2 * minutes), Line(third, -minutes)]
                posted.append(book.post(lines, kind="allocation", effective=effective, **texts))
            case _:
                late = effective if dice.random() < 0.4 else None
                posted.append(book.transfer(source, target, minutes, effective=late, **texts))
    return book
