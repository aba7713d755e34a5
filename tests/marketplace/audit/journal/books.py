"""A book in which some of everything has happened, at all hours."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from ledger import AlreadyReversed, Book, LedgerError, Posting

ISSUANCE = "network:issuance"
SCHOOLS = ("school:100001", "school:100002", "school:100003", "school:100004")
ACTORS = (
    "person:1 at school:100001 as coordinator",
    "person:2 at school:100002 as finance, administrator",
    "person:2",
    "command:schools-import",
    "",
)
BEGINS = datetime(2026, 3, 23, 6, tzinfo=UTC)  # a Monday; the clocks change six days later
MINUTES = (15, 60, 60, 90, 100, 480)


def fill(session: Session, records: int, seed: int = 1) -> Book:
    """Do so many things, over some weeks; the dates and the hours are the book's."""
    rng = random.Random(seed)
    instant = BEGINS
    book = Book(session, clock=lambda: instant)
    opened = Book(session, clock=lambda: BEGINS - timedelta(days=200))
    for code in (ISSUANCE, *SCHOOLS):
        opened.open_account(code, floor=None, key=f"open {code} {seed}", actor=rng.choice(ACTORS))
    posted: list[int] = []
    holds: list[int] = []
    for number in range(records):
        instant += timedelta(minutes=rng.choice((0, 20, 300, 900)))
        source, target, third = rng.sample((ISSUANCE, *SCHOOLS), 3)
        minutes, actor, key = rng.choice(MINUTES), rng.choice(ACTORS), f"{seed}:{number}"
        back = instant.date() - timedelta(days=rng.choice((0, 0, 0, 3, 9)))
        with suppress(AlreadyReversed, LedgerError):
            match rng.choice(
                ("transfer", "grant", "hold", "hold", "end", "reverse", "many", "freeze")
            ):
                case "transfer":
                    one = book.transfer(
                        source, target, minutes, key=key, actor=actor, effective=back
                    )
                    posted.append(one.id)
                case "grant":
                    posted.append(
                        book.grant(target, minutes, source=source, key=key, actor=actor).id
                    )
                case "hold":
                    hold = book.hold(source, target, minutes, key=key, actor=actor, kind="exchange")
                    holds.append(hold.id)
                case "end" if holds:
                    hold_id = holds.pop(rng.randrange(len(holds)))
                    match rng.choice(("settle", "void", "extend")):
                        case "settle":
                            part = book.settle(
                                hold_id, 10, key=key, actor=actor, kind="exchange", effective=back
                            )
                            posted.append(part.id)
                        case "void":
                            book.void(hold_id, key=key, actor=actor)
                        case "extend":
                            book.extend(hold_id, instant + timedelta(days=9), key=key, actor=actor)
                case "reverse" if posted:
                    book.reverse(rng.choice(posted), key=key, actor=actor)
                case "many":
                    parts = [
                        Posting(source, -minutes),
                        Posting(target, 5),
                        Posting(third, minutes - 5),
                    ]
                    posted.append(book.post(parts, key=key, actor=actor).id)
                case "freeze":
                    book.freeze(target, key=key, actor=actor or "nobody", memo="why")
                    book.unfreeze(target, key=f"{key}u", actor=actor or "nobody", memo="why")
    return book
