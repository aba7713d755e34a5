"""The tables of the book.

Balances are signed minutes; the sum over all accounts is zero at every commit. `CHANGING` names
the tables that are ever updated; everything else is only added to, and triggers refuse to have it
otherwise. What the columns mean:

- `ledger_book` is one row: which version the tables are of, how many periods are closed, and the
  server that the last seal was made on. Whoever posts into the past locks it, and so does a close.
- `ledger_account_event` is what a transaction made of an account: its status, name and limits from
  then on. `ledger_account.name` is the name as it is now.
- `ledger_balance` is the narrow, hot row of an account, apart from its identity, and no
  foreign key points to it, so that writing entries never locks it twice.
- `ledger_transaction.entry_count` closes a transaction: each entry repeats it, and so many there
  are, which sum to zero. On PostgreSQL one statement writes a transaction with all its entries, and
  triggers count and sum them when it ends. SQLite writes a row at a time: there the entry whose
  line equals the count must exist at commit (a deferred foreign key), and when it is written a
  trigger counts and sums. A record that moves nothing (a hold, a void, what is
  done to an account or a period) has no count. That an
  entry's account and transaction exist is for triggers to check as well: what they look up is
  never deleted, so nothing need be locked as for a foreign key.
- `ledger_hold_part` tells a hold's story: each settlement, voiding or extension adds a part,
  numbered without gaps, so a hold cannot be resolved twice.
- `ledger_held` is the working set: one row for each side of a hold that still counts.
- `ledger_backdated` has, for entries whose effective date is not the day they were recorded, plus
  the amount on the effective day and minus it on the recorded day; the balance by effective
  date is the balance by recorded day plus the sum of what is noted up to that day.
- `ledger_pair` has what an account has given and taken from another, from its entries up to the
  version in `ledger_pair_watermark`; see `ledger.queries.pair_totals`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger.schema.columns import BigInt, CurrentXid, Day, Instant, SmallInt

VERSION = 3
"""The version of the tables below; `ledger.schema.migrate` brings a book to it."""

MOVING = ("post", "settle", "reverse")
"""The actions whose transactions have entries."""
ON_HOLDS = ("hold", "void", "extend")
ON_ACCOUNTS = ("open", "limits", "freeze", "unfreeze", "close", "rename")
"""The actions that leave an account's event."""
ON_PERIODS = ("close_period",)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ON_SQLITE = {"only": "sqlite"}  # on PostgreSQL, a trigger sees to it; its guards say why


def _check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name, info=ON_SQLITE)


def _table(name: str, *parts: Any, **options: Any) -> sa.Table:
    return sa.Table(name, metadata, *parts, sqlite_strict=True, **options)


def _texts(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


book = _table(
    "ledger_book",
    sa.Column("id", BigInt, primary_key=True, autoincrement=False),
    sa.Column("schema_version", BigInt, nullable=False),
    sa.Column("closings", BigInt, nullable=False),
    sa.Column("server", sa.Text, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

account = _table(
    "ledger_account",
    sa.Column("id", BigInt, sa.Identity(always=True), primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
)

balance = _table(
    "ledger_balance",
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("floor", BigInt),
    sa.Column("ceiling", BigInt),
    sa.Column("soft_floor", BigInt),
    sa.Column("soft_ceiling", BigInt),
    sa.Column("posted", BigInt, nullable=False),
    sa.Column("held_out", BigInt, nullable=False),
    sa.Column("held_in", BigInt, nullable=False),
    sa.Column("version", BigInt, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("override_version", BigInt),
    _check("status IN ('open', 'frozen', 'closed')", name="status"),
    _check("held_out >= 0 AND held_in >= 0", name="held"),
    _check("floor <= ceiling", name="limits"),
    _check("soft_floor <= soft_ceiling", name="soft_limits"),
    _check("status <> 'closed' OR (posted = 0 AND held_out = 0 AND held_in = 0)", name="closed"),
    # Names no column that a posting changes, so that the row's updates stay within its page.
    sa.Index(
        "ix_ledger_balance_soft_limits",
        "account_id",
        postgresql_where=sa.text("(soft_floor IS NOT NULL) OR (soft_ceiling IS NOT NULL)"),
        sqlite_where=sa.text("(soft_floor IS NOT NULL) OR (soft_ceiling IS NOT NULL)"),
    ),
    sa.Index(
        "ix_ledger_balance_frozen",
        "account_id",
        postgresql_where=sa.text("status = 'frozen'"),
        sqlite_where=sa.text("status = 'frozen'"),
    ),
    postgresql_with={"fillfactor": 50},
)

transaction = _table(
    "ledger_transaction",
    sa.Column("id", BigInt, sa.Identity(always=True), primary_key=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("reverses_id", BigInt, sa.ForeignKey("ledger_transaction.id")),
    sa.Column("xid", BigInt, nullable=False, server_default=CurrentXid()),
    sa.Column("effective", Day, nullable=False),
    sa.Column("entry_count", SmallInt),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("memo", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("override_actor", sa.Text),
    sa.Column("override_reason", sa.Text),
    _check(f"action IN ({_texts(MOVING + ON_HOLDS + ON_ACCOUNTS + ON_PERIODS)})", name="action"),
    _check(
        f"CASE WHEN action IN ({_texts(MOVING)})"
        " THEN entry_count IS NOT NULL AND entry_count BETWEEN 2 AND 10000"
        " ELSE entry_count IS NULL END",
        name="entry_count",
    ),
    _check("(action = 'reverse') = (reverses_id IS NOT NULL)", name="reverses"),
    _check(
        "(override_actor IS NULL) = (override_reason IS NULL)"
        " AND override_actor <> '' AND override_reason <> ''",
        name="override",
    ),
    sa.ForeignKeyConstraint(
        ["id", "entry_count"],
        ["ledger_entry.transaction_id", "ledger_entry.line"],
        name="fk_ledger_transaction_last_line",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
        info=ON_SQLITE,
    ),
    sa.Index("ix_ledger_transaction_effective", "effective", "id"),
    sa.Index("ix_ledger_transaction_xid", "xid", info={"only": "postgresql"}),
    sa.Index(
        "ix_ledger_transaction_kind",
        "kind",
        "id",
        postgresql_where=sa.text("kind <> 'transfer'"),
        sqlite_where=sa.text("kind <> 'transfer'"),
    ),
    sa.Index(
        "ix_ledger_transaction_reference",
        "reference",
        "id",
        postgresql_where=sa.text("reference <> ''"),
        sqlite_where=sa.text("reference <> ''"),
    ),
    sa.Index(
        "uq_ledger_transaction_reverses_id",
        "reverses_id",
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
    ),
)

entry = _table(
    "ledger_entry",
    sa.Column("account_id", BigInt, nullable=False),
    sa.Column("version", BigInt, nullable=False),
    sa.Column("transaction_id", BigInt, nullable=False),
    sa.Column("amount", BigInt, nullable=False),
    sa.Column("balance", BigInt, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("line", SmallInt, nullable=False),
    sa.Column("entry_count", SmallInt, nullable=False),
    sa.PrimaryKeyConstraint("account_id", "version"),
    sa.UniqueConstraint("transaction_id", "line"),
    _check("line BETWEEN 1 AND entry_count", name="line"),
    _check("amount <> 0", name="amount"),
)

account_event = _table(
    "ledger_account_event",
    sa.Column(
        "transaction_id",
        BigInt,
        sa.ForeignKey(transaction.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("floor", BigInt),
    sa.Column("ceiling", BigInt),
    sa.Column("soft_floor", BigInt),
    sa.Column("soft_ceiling", BigInt),
    sa.Column("version", BigInt, nullable=False),
    sa.Index("ix_ledger_account_event_account_id", "account_id", "transaction_id"),
)

hold = _table(
    "ledger_hold",
    sa.Column("id", BigInt, sa.ForeignKey(transaction.c.id), primary_key=True, autoincrement=False),
    sa.Column("source_id", BigInt, sa.ForeignKey(account.c.id), nullable=False, index=True),
    sa.Column("target_id", BigInt, sa.ForeignKey(account.c.id), nullable=False, index=True),
    sa.Column("minutes", BigInt, nullable=False),
    sa.Column("expires_at", Instant),
    sa.CheckConstraint("minutes > 0", name="minutes"),
    sa.CheckConstraint("source_id <> target_id", name="two_accounts"),
)

hold_part = _table(
    "ledger_hold_part",
    sa.Column("hold_id", BigInt, sa.ForeignKey(hold.c.id), nullable=False),
    sa.Column("part", SmallInt, nullable=False),
    sa.Column(
        "transaction_id", BigInt, sa.ForeignKey(transaction.c.id), nullable=False, unique=True
    ),
    sa.Column("settled", BigInt, nullable=False),
    sa.Column("remaining", BigInt, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("expires_at", Instant),
    sa.PrimaryKeyConstraint("hold_id", "part"),
    sa.CheckConstraint("part >= 1 AND settled >= 0 AND remaining >= 0", name="counts"),
    sa.CheckConstraint("state IN ('open', 'settled', 'voided')", name="state"),
    sa.CheckConstraint("(state = 'open') = (remaining > 0)", name="remaining"),
)

held = _table(
    "ledger_held",
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("hold_id", BigInt, sa.ForeignKey(hold.c.id), nullable=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("minutes", BigInt, nullable=False),
    sa.Column("expires_at", Instant),
    sa.PrimaryKeyConstraint("account_id", "hold_id"),
    sa.CheckConstraint("side IN ('out', 'in')", name="side"),
    sa.CheckConstraint("minutes > 0", name="minutes"),
    sa.Index(
        "ix_ledger_held_due",
        "expires_at",
        postgresql_where=sa.text("expires_at IS NOT NULL"),
        sqlite_where=sa.text("expires_at IS NOT NULL"),
    ),
)

backdated = _table(
    "ledger_backdated",
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("day", Day, nullable=False),
    sa.Column("amount", BigInt, nullable=False),
    sa.PrimaryKeyConstraint("account_id", "day"),
)

pair = _table(
    "ledger_pair",
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("other_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("given", BigInt, nullable=False),
    sa.Column("taken", BigInt, nullable=False),
    sa.PrimaryKeyConstraint("account_id", "other_id"),
)

pair_watermark = _table(
    "ledger_pair_watermark",
    sa.Column(
        "account_id", BigInt, sa.ForeignKey(account.c.id), primary_key=True, autoincrement=False
    ),
    sa.Column("version", BigInt, nullable=False),
)

period = _table(
    "ledger_period",
    sa.Column("ends_on", Day, primary_key=True),
    sa.Column("closed_at", Instant, nullable=False),
    sa.Column(
        "transaction_id", BigInt, sa.ForeignKey(transaction.c.id), nullable=False, unique=True
    ),
)

checkpoint = _table(
    "ledger_checkpoint",
    sa.Column("account_id", BigInt, sa.ForeignKey(account.c.id), nullable=False),
    sa.Column("ends_on", Day, sa.ForeignKey(period.c.ends_on), nullable=False),
    sa.Column("balance", BigInt, nullable=False),
    sa.PrimaryKeyConstraint("ends_on", "account_id"),
)

seal = _table(
    "ledger_seal",
    sa.Column("number", BigInt, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.LargeBinary, nullable=False),
    sa.Column("size", BigInt, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("horizon", BigInt, nullable=False),
    sa.Column("sealed_at", Instant, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
    sa.CheckConstraint("number >= 1 AND size >= 0", name="counts"),
)

seal_leaf = _table(
    "ledger_seal_leaf",
    sa.Column("transaction_id", BigInt, primary_key=True, autoincrement=False),
    sa.Column("seal_number", BigInt, sa.ForeignKey(seal.c.number), nullable=False),
    sa.Column("position", BigInt, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("seal_number", "position"),
)


# The tables whose rows change, and how; the rows of all others are only ever added.
CHANGING = {
    book.name: ("UPDATE (closings, server)",),
    account.name: ("UPDATE (name)",),
    balance.name: ("UPDATE",),
    backdated.name: ("UPDATE",),
    held.name: ("UPDATE", "DELETE"),
    pair.name: ("UPDATE",),
    pair_watermark.name: ("UPDATE",),
}
