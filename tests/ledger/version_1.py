"""A book that version 1 of the schema made, as files: what is in it, and what is read from it.

The ledger of that version made it on both engines, with clocks from 5 January to 5 November 2026;
numbers of rows, balances and instants are the same, transaction numbers of PostgreSQL and so the
hashes of seals are not. SQLite's file is what ``iterdump`` writes, PostgreSQL's what ``pg_dump
--inserts`` does, without psql's own commands. A thorough `Book.verify` found nothing. In the book:

- accounts with every kind of limit and none, with quotes, backslashes, several scripts and emoji
  in their names; three beyond their soft limits, one outside a ceiling that was lowered, one that
  has never moved, two with the largest amount there is;
- postings of 2, 3, 4 and 40 lines, a batch, a group, postings dated back to open days, one of them
  before its account was opened, one at 23:30 on 30 June that is effective on 1 July in London, a
  transfer of an account to itself, keys that look like the ledger's own (`LOOKALIKES`);
- holds in every state (`HOLDS`): open for ever and for long, settled in parts, with a levy and with
  a rest, voided whole and in part, extended, expired and taken off, expired and still in the
  working set (``expired``), and settled and voided on an account that is frozen;
- reversals within the limits and beyond them: “Dogwood” still is below its floor by an override,
  “Elm” and “Ash” have moved on since;
- limits changed, an account that is frozen, one that was, one closed with minutes (a closure), one
  that was frozen and owed (a write-off), one that never moved (`CHANGES`);
- an import of opening balances and of a journal, which opened two accounts; demurrage
  for October; pairs of the market summarised, with entries before and after; two closed periods;
- five seals, the fourth of nothing (``after_restore``), and six transactions after the last.

What was asked of the book, to be asked again, is in `tests.ledger.version_1_requests`.
"""

from __future__ import annotations

import gzip
import sqlite3
from datetime import date
from pathlib import Path
from typing import NamedTuple

import psycopg
import sqlalchemy as sa

DATA = Path(__file__).parent / "data" / "version_1"

SEALS = {
    "sqlite": [
        "d2efe0e4b6183b5ad01b6af18ebd07f81f8c5a628b1410fdadb07ce67be6feae",
        "9ae07c0ae853a2b8d9ef1a8713674104b6197a5b1e9bd5c2217e0ebd8f22495a",
        "d1033e2e557abd9cc5f24d9565e451a99810c31bd4b6f9cec4c965f96b240c26",
        "ca9e9e2795bd67632e870042bb84a05c185ebfa319c3c1881341e51b73b68855",
        "ff0973472b9491dc47b8868a1f7f96472114568ec922ceb0562096486e572900",
    ],
    "postgresql": [
        "7c108ab5174c2052ef7abe83b79f2eff1409d76a624f4b1238c08033c987bf1a",
        "ade931a2268aa2c0af57a8ee8e84c7514e0b27afd5c8a688a09f95b8f85f70df",
        "a83d860f8d7e4b9a435de6b9a8186bf0191e4747646e3bbb6df8ebf3073cbff9",
        "13ff94e6d9760e67f4daa4477583a338e176f728791a35a84b700d1c62c063c0",
        "f7c1e228bcaea00b217fd6a09f4410b95a55c0c2584e71a00fa66a64b2393c67",
    ],
}
"""The hashes of the seals, oldest first."""
SEALED = (15, 37, 127, 0, 10)
"""How many transactions each seal covers, in the order of their numbers."""
UNSEALED = (
    "after the seal: transfer",
    "after the seal: post",
    "after the seal: hold",
    "after the seal: settle",
    "after the seal: reverse",
    "after the seal: elm",
)
"""The keys of the transactions after the last seal."""
PROVED = "levied: done"
"""The key of the settlement that the proofs are of; the second seal covers it."""
LOOKALIKES = ("demurrage:2026-11:school:ash", "close:school:dogwood:3")
"""Keys of two transfers: the ledger's own for a charge and a closing to come would be the same."""

ROWS = {
    "ledger_account": 22,
    "ledger_account_event": 33,
    "ledger_balance": 22,
    "ledger_checkpoint": 41,
    "ledger_entry": 546,
    "ledger_held": 16,
    "ledger_hold": 15,
    "ledger_hold_part": 13,
    "ledger_pair": 7,
    "ledger_pair_mark": 1,
    "ledger_period": 2,
    "ledger_seal": 5,
    "ledger_seal_leaf": 189,
    "ledger_shift": 61,
    "ledger_transaction": 195,
}
"""How many rows each table has."""


class Standing(NamedTuple):
    """An account: as it stands, and its balances at the ends of the closed periods."""

    status: str
    posted: int
    held_out: int
    held_in: int
    version: int
    at_end_of_january: int
    at_end_of_june: int


STANDINGS = {
    "legacy:oak": Standing("open", -14, 0, 0, 3, -14, -14),
    "legacy:pine": Standing("open", 18, 0, 0, 2, 18, 18),
    "market:hub": Standing("open", 272, 0, 0, 224, 0, 253),
    "network:fund": Standing("open", -63, 0, 0, 8, 0, -77),
    "network:issuance": Standing("open", -2390, 0, 0, 6, -1890, -2390),
    "school:ash": Standing("open", 402, 90, 40, 67, 376, 417),
    "school:beech": Standing("open", 489, 20, 176, 61, 645, 509),
    "school:cedar": Standing("open", 46, 0, 20, 22, 30, 46),
    "school:dogwood": Standing("open", -150, 0, 0, 3, 50, -150),
    "school:elm": Standing("open", 74, 0, 0, 27, 0, 58),
    "school:fir": Standing("frozen", 30, 40, 0, 2, 0, 30),
    "school:gorse": Standing("open", 75, 54, 0, 25, 80, 76),
    "school:hazel": Standing("closed", 0, 0, 0, 2, 75, 0),
    "school:ivy": Standing("closed", 0, 0, 0, 2, -100, 0),
    "school:juniper": Standing("closed", 0, 0, 0, 0, 0, 0),
    "school:larch": Standing("open", 549, 0, 0, 50, 0, 554),
    "school:maple": Standing("open", 676, 40, 0, 37, 750, 690),
    "school:nettle": Standing("open", -60, 0, 0, 1, -60, -60),
    "school:quince": Standing("open", 46, 11, 19, 2, 40, 40),
    "school:rowan": Standing("open", 0, 0, 0, 0, 0, 0),
    "vault:east": Standing("open", -1099511627776, 0, 0, 1, -1099511627776, -1099511627776),
    "vault:west": Standing("open", 1099511627776, 0, 0, 1, 1099511627776, 1099511627776),
}
"""Without what has expired: the row of ``school:quince`` still has its 15 minutes held in."""
PERIODS = {date(2026, 1, 31): "Olu", date(2026, 6, 30): "Zoë Ångström"}
"""The last days of the closed periods, and who closed them."""
BEYOND = ("school:larch", "school:maple", "school:nettle")
"""The accounts beyond their soft limits."""
NAMES = {
    "market:hub": "Market – marché, 市場 🛒",
    "school:ash": 'St John\'s "Ash" School',
    "school:beech": "Ysgol Ffawydden Llŷn",
    "school:gorse": "Gorse (\\ backslash)",
    "school:maple": "Maple 🍁",
}
"""The names that a careless upgrade would spoil."""

CHANGES = (
    ("school:fir", "freeze", "Olu", "Two “Firs” claim it:\nsee letter №7"),
    ("school:gorse", "freeze", "Olu", "Asked for by its head"),
    ("school:gorse", "unfreeze", "Zoë", "It was a mistake 😌"),
    ("school:larch", "limits", "Olu", "Has enough"),
    ("school:nettle", "limits", "Olu", "A soft limit besides"),
    ("school:quince", "limits", "Olu", "May owe a little\n\n– the board"),
    ("school:hazel", "close", "Olu", "Hazel has merged with “Ash”"),
    ("school:ivy", "freeze", "Olu", "Closes in June"),
    ("school:ivy", "unfreeze", "Olu", "Ivy is no more; its debt is forgiven 🙏"),
    ("school:ivy", "close", "Olu", "Ivy is no more; its debt is forgiven 🙏"),
    ("school:juniper", "close", "Zoë", "Never began"),
)
"""What became of accounts after they were opened: account, action, actor and reason, in order."""

HOLDS = {
    "open": ("school:ash", "school:beech", "open", 90, 0),
    "frozen with it open": ("school:fir", "school:ash", "open", 40, 0),
    "levied": ("school:ash", "school:larch", "settled", 100, 95),
    "voided": ("school:larch", "school:ash", "voided", 50, 0),
    "part, then voided": ("school:larch", "school:ash", "voided", 55, 15),
    "group: 2": ("school:ash", "school:beech", "settled", 12, 12),
    "open until long after": ("school:beech", "school:cedar", "open", 20, 0),
    "settled while frozen": ("school:beech", "school:fir", "settled", 30, 30),
    "in parts": ("school:maple", "school:beech", "open", 60, 20),
    "extended for ever": ("school:gorse", "school:beech", "open", 35, 0),
    "after the seal: hold": ("school:quince", "school:beech", "open", 11, 0),
    "expired and swept": ("school:maple", "school:cedar", "expired", 10, 0),
    "voided while frozen": ("school:fir", "school:gorse", "voided", 10, 0),
    "extended": ("school:gorse", "school:quince", "open", 25, 6),
    "expired": ("school:nettle", "school:quince", "expired", 15, 0),
}
"""The holds by their keys: source, target, state, minutes, settled."""

BILATERAL = {
    ("market:hub", "school:ash"): (74, 138),
    ("market:hub", "school:beech"): (82, 153),
    ("market:hub", "school:cedar"): (78, 82),
    ("market:hub", "school:maple"): (0, 70),
    ("school:ash", "school:beech"): (75, 40),
    ("school:ash", "network:fund"): (8, 0),
    ("school:ash", "school:dogwood"): (0, 0),
}
"""What the first has given the second, and taken."""
SUMMARISED = {"market:hub": 220}
"""The versions up to which pairs are summarised."""
CHARGED = {"school:beech": 3, "school:larch": 5, "school:maple": 6}
"""The demurrage for ``2026-10``, by account."""


def load(url: str) -> None:
    """Make the old book in the empty database at ``url``.

    A PostgreSQL server's transaction numbers go on after those in the book, as they do where a
    book is upgraded on the server that made it.
    """
    address = sa.make_url(url)
    dump = gzip.decompress((DATA / f"{engine_of(url)}.sql.gz").read_bytes()).decode()
    if address.get_backend_name() == "sqlite":
        file = sqlite3.connect(str(address.database))
        file.executescript(dump)
        file.close()
        return
    uri = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(dump.encode())
        connection.execute(
            "DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint"
            " <= (SELECT max(xid) FROM public.ledger_transaction) LOOP COMMIT; END LOOP; END $$"
        )


def old_proof(url: str) -> str:
    """The proof of `PROVED`, as version 1 wrote it."""
    return (DATA / f"{engine_of(url)}.proof.json").read_text(encoding="utf-8")


def engine_of(url: str) -> str:
    """The name of the engine of the database at ``url``."""
    return sa.make_url(url).get_backend_name()


def number_of(connection: sa.Connection, key: str) -> int:
    """The number of the transaction or hold that was recorded under ``key``."""
    return connection.execute(
        sa.text("SELECT id FROM ledger_transaction WHERE key = :key"), {"key": key}
    ).scalar_one()
