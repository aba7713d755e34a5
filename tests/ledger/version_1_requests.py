"""Requests that were made of the book of version 1, to be made of it again after an upgrade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction

from ledger import Book, Hold, Levy, NewTransaction, Override, Posting, Transaction
from tests.ledger.version_1 import number_of

LONG_AFTER = datetime(2099, 12, 31, tzinfo=UTC)
MEMO = "Zwölf Stühle 🪑\n\tund “ein” Tisch; 50 % off\r\n'quoted', \"twice\", back\\slash, =SUM(A1)"
MIXED_UP = Override("Zoë Ångström", "The wrong “Dogwood”: it's on record\n— see the e-mail 📧.")

JOURNAL = '''transaction,effective,kind,key,memo,actor,reference,account,amount
1,2025-11-03,transfer,,"Paper book, page 1
second line 📒",Mrs O'Hara,page:1,legacy:oak,-30
1,2025-11-03,transfer,,"Paper book, page 1
second line 📒",Mrs O'Hara,page:1,legacy:pine,30
2,2025-12-17,swap,paper-own-key,,,page:2,legacy:pine,-12
2,2025-12-17,swap,paper-own-key,,,page:2,legacy:oak,7
2,2025-12-17,swap,paper-own-key,,,page:2,school:ash,5
3,2026-01-12,transfer,,"He said ""yes""",,page:2,school:ash,-9
3,2026-01-12,transfer,,"He said ""yes""",,page:2,legacy:oak,9
'''
"""Imported under the name ``paper-book``."""


def weekly() -> list[NewTransaction]:
    """The batch that was posted: 120 transactions between the market and six schools in turn."""
    schools = ("ash", "beech", "cedar", "elm", "gorse", "larch")
    postings = []
    for number in range(120):
        school, minutes = f"school:{schools[number % 6]}", 5 + number % 7
        giver, taker = (school, "market:hub") if number // 6 % 2 else ("market:hub", school)
        postings.append(
            NewTransaction(
                postings=[Posting(giver, -minutes), Posting(taker, minutes)],
                key=f"weekly:{number}",
                reference=f"week:{number // 6}",
            )
        )
    return postings


def fair(number: int) -> list[Posting]:
    """The 40 lines of a fair, at which four schools in turn give to the market at 20 stalls."""
    schools = ("ash", "beech", "larch", "maple")
    lines = []
    for stall in range(20):
        minutes = 1 + (stall + number) % 4
        lines += [Posting(f"school:{schools[stall % 4]}", -minutes), Posting("market:hub", minutes)]
    return lines


Repeat = Callable[[Book, str], Transaction | Hold]

REPEATS: dict[str, Repeat] = {
    "joining": lambda book, key: book.post(
        [
            Posting("network:issuance", -1800),
            Posting("school:ash", 600),
            Posting("school:beech", 600),
            Posting("school:maple", 600),
        ],
        key=key,
        kind="grant",
        memo=MEMO,
        effective=date(2026, 1, 5),
        actor="Olúwaṣeun 👩🏾‍🏫",
        reference="board:2025-12",
    ),
    "🔑 “key” with 'quotes'\nand a line": lambda book, key: book.transfer(
        "school:ash", "school:beech", 45, key=key, kind="Übung"
    ),
    "granted": lambda book, key: book.grant(
        "school:larch", 500, source="network:issuance", key=key, actor="Olu"
    ),
    "fair:3": lambda book, key: book.post(fair(3), key=key, kind="fair"),
    # Then a transfer; the same content, now that a transfer is between two accounts.
    "to itself": lambda book, key: book.post(
        [Posting("school:ash", -10), Posting("school:ash", 10)], key=key
    ),
    "before it was opened": lambda book, key: book.transfer(
        "school:beech", "school:elm", 25, key=key, effective=date(2026, 2, 10)
    ),
    "open": lambda book, key: book.hold(
        "school:ash", "school:beech", 90, key=key, memo="Visit", reference="exchange:1"
    ),
    "open until long after": lambda book, key: book.hold(
        "school:beech", "school:cedar", 20, key=key, expires_at=LONG_AFTER
    ),
    "expired": lambda book, key: book.hold(
        "school:nettle",
        "school:quince",
        15,
        key=key,
        expires_at=datetime(2026, 10, 20, 12, tzinfo=UTC),
    ),
    "in parts: 1": lambda book, key: book.settle(
        number_of(book.connection, "in parts"), 20, key=key, final=False
    ),
    "levied: done": lambda book, key: book.settle(
        number_of(book.connection, "levied"),
        95,
        key=key,
        levy=Levy(Fraction(1, 20), "network:fund"),
        memo="Five in a hundred",
    ),
    "voided: void": lambda book, key: book.void(
        number_of(book.connection, "voided"), key=key, memo="Nobody came 😴"
    ),
    "extended: later": lambda book, key: book.extend(
        number_of(book.connection, "extended"), LONG_AFTER, key=key, actor="Ben"
    ),
    "wrong school: undone": lambda book, key: book.reverse(
        number_of(book.connection, "wrong school"), key=key, override=MIXED_UP
    ),
}
"""Requests that were made, by their keys: made again, each has to be replayed."""
