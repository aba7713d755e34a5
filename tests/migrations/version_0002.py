"""A database that the version before made, as files: what it was, and what is read from it.

``data/version_0002`` has a small demo (``demo load --schools 12 --listings 24 --exchanges 40
--seed 7`` at revision 0002), with two seals, a hold that is open, one that is settled in part and
one that has expired, a closed period, a late entry, a transfer that was reversed and the proof of
that transfer. Of the schools that do not take part a few were left. SQLite's file is what
``iterdump`` writes, PostgreSQL's what ``pg_dump --inserts`` does.
"""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

DATA = Path(__file__).parent / "data" / "version_0002"
SEALS = {
    "sqlite": [
        "ce42c14df8a88158a6dbaed810dad56429d167f16ad1bfd290cf8da2141a18b2",
        "9de6bceaeb2faa5052592e8c40f66510de087f97602daabd39b5af43134bb4f6",
    ],
    "postgresql": [
        "44bda687acf884a7ccce6156dce17641ec2c8f95b1195f035a380ccea6728c56",
        "7db5344cf9571e6dbb66de81a531f225b8d175f3eae119e5c93c8047e92b3ae8",
    ],
}
"""What ``ledger seal`` printed then."""
GIVER, RECEIVER = "school:148092", "school:120173"
"""The accounts of the transfer that was reversed."""
HOLDER = "school:143631"
"""The account that one hold is for, which is open, and one is from, which has expired."""

WORDING = re.compile(r"""[\s"()\[\]]|::(text|character varying)""")

Row = dict[str, Any]

RENAMED = {
    "listing": {"once": "idempotency_key"},
    "message": {"once": "idempotency_key", "urn": "school_urn"},
    "exchange": {"once": "idempotency_key"},
    "exchange_event": {"urn": "school_urn"},
}
OF_LEDGER_VERSIONS = {
    "ledger_account_event",
    "ledger_backdated",
    "ledger_book",
    "ledger_checkpoint",
    "ledger_pair_mark",
    "ledger_pair_watermark",
    "ledger_period",
    "ledger_shift",
    "ledger_transaction",
}
"""What the ledger's own versions changed: ``tests/ledger/test_upgrading.py`` looks at them."""
COUNTED_TABLES = {"school_activity", "listing_term"}
"""Tables whose rows follow from the others: the upgrade fills the one and drops the other."""
# What the new columns hold, or how that follows from an old row.
ADDED_COLUMNS: dict[str, Row] = {
    "trust": {"code": None},
    "person": {"listed_at": None, "without_role_since": None, "erased_at": None},
    "exchange": {"sent_back_minutes": None},
    "school": {
        "first_week_dismissed_at": None,
        "paused_at": None,
        "pause_reason": None,
        "left_at": None,
        "continued_by_urn": None,
    },
}
ADDED_TABLES = {
    "health_check",
    "known_device",
    "one_time_link",
    "outbox_delivery",
    "outbox_event",
    "scheduled_job",
    "security_event",
    "sign_in",
    "throttle",
}
ADDED_TABLES |= {"identity"}
ADDED_TABLES |= {"own_word"}
ADDED_TABLES |= {"topic_change"}
ADDED_TABLES |= {"email", "failing_address"}
ADDED_TABLES |= {"invitation", "trust_grant"}
ADDED_COLUMNS |= {
    "listing": {
        "public": False,
        "audience_group_id": None,
        "audience_second_group_id": None,
        "audience_miles": None,
        "audience_only": 0,
        "audience_alike": False,
    }
}
ADDED_TABLES |= {"support_access"}
ADDED_COLUMNS |= {"exchange_event": {"roles": None}}
ADDED_TABLES |= {"journal_row", "journal_account", "journal_index"}
ADDED_TABLES |= {"authenticator", "passkey", "recovery_code", "used_challenge"}
ADDED_TABLES |= {"school_word"}
ADDED_TABLES |= {"claim", "school_word"}
ADDED_TABLES |= {"notification", "notification_digest", "notification_preference", "quiet_hours"}
ADDED_TABLES |= {"reminder"}
ADDED_TABLES |= {"trial_balance_day"}
ADDED_TABLES |= {"export_run"}
ADDED_TABLES |= {"verification_run", "period_closing"}
ADDED_TABLES |= {"network_month", "network_figures", "unusual_entry"}
ADDED_TABLES |= {"listing_match", "saved_search", "search_alert", "alerted_listing"}
ADDED_TABLES |= {"successor_candidate", "succession", "network_action"}
ADDED_TABLES |= {"dispute"}
ADDED_TABLES |= {"school_group", "group_member", "confidential_ask"}
ADDED_TABLES |= {"expertise", "expertise_label", "within_trust_rule"}
ADDED_TABLES |= {"profile_part", "track_record", "photograph", "photograph_file"}
ADDED_TABLES |= {"evidence"}
ADDED_TABLES |= {"review", "review_step", "review_report"}
ADDED_TABLES |= {"adjustment", "adjustment_event"}
ADDED_TABLES |= {"correction", "settlement_permit", "same_person_rule"}
ADDED_TABLES |= {"listing_details", "listing_half_term", "listing_person", "listing_draft"}
ADDED_TABLES |= {"tariff", "tariff_rate", "usual_hours"}
ADDED_TABLES |= {"calendar_entry", "term_answer", "listing_report", "moderation_step"}
ADDED_COLUMNS["exchange"] |= {
    "same_person": False,
    "free_trust_id": None,
    "standing_transaction_id": lambda row: row["transaction_id"],
    "standing_minutes": lambda row: row["transaction_id"] and row["delivered_minutes"],
}


MADE_OF_OTHERS = {"entry_cause"}
"""Tables that an upgrade fills from others."""


def load(url: str) -> None:
    """Make the old database in the empty one at ``url``."""
    address = sa.make_url(url)
    dump = gzip.decompress((DATA / f"{engine_of(url)}.sql.gz").read_bytes()).decode()
    if address.get_backend_name() == "sqlite":
        file = sqlite3.connect(str(address.database))
        file.executescript(dump)
        file.close()
        return
    uri = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(uri) as connection:
        connection.execute(dump.encode())


def engine_of(url: str) -> str:
    """The name of the engine of the database at ``url``."""
    return sa.make_url(url).get_backend_name()


def old_proof(url: str) -> str:
    """The proof of the transfer, as it was written before the upgrade."""
    return (DATA / f"{engine_of(url)}.proof.json").read_text(encoding="utf-8")


def rows(engine: sa.Engine) -> dict[str, list[Row]]:
    """Every row of every table that nothing derives, in the order of its values."""
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        tables -= {"alembic_version"} | OF_LEDGER_VERSIONS | COUNTED_TABLES
        return {
            table: sorted(
                (
                    dict(row)
                    for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
                ),
                key=lambda row: [repr(row[column]) for column in sorted(row)],
            )
            for table in sorted(tables)
        }


def definitions(engine: sa.Engine) -> set[tuple[str, ...]]:
    """Every table, column, index, constraint and trigger, as the database itself describes it.

    Without white space, quotes, brackets, types of texts and the order of constraints: a table
    that was built anew or loaded from a dump says the same in other words.
    """
    statement = (
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
        " WHERE name <> 'sqlite_sequence'"
        if engine.dialect.name == "sqlite"
        else "SELECT 'column', table_name, column_name, data_type || is_nullable"
        " FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public'"
        " UNION ALL SELECT 'constraint', conrelid::regclass::text, conname,"
        " pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)"
        " FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return {
            (*names, *sorted(re.split(r",|(?=STRICT)", WORDING.sub("", definition))))
            for *names, definition in connection.exec_driver_sql(statement)
        }


def as_today(old: dict[str, list[Row]]) -> dict[str, Counter[str]]:
    """What the old rows have to be after the upgrade."""
    today = {
        table: [
            {RENAMED.get(table, {}).get(column, column): row[column] for column in row}
            | {
                column: value(row) if callable(value) else value
                for column, value in ADDED_COLUMNS.get(table, {}).items()
            }
            for row in table_rows
        ]
        for table, table_rows in old.items()
    }
    for exchange in today["exchange"]:
        exchange["topic"] = _first_topic(old, exchange)
    for listing in today["listing"]:
        days = _days_given(old, listing)
        listing |= {"times_given": len(days), "last_given_on": max(days, default=None)}
    return comparable(today | {table: [] for table in ADDED_TABLES})


def _first_topic(old: dict[str, list[Row]], exchange: Row) -> str | None:
    """The first topic of the listing that an exchange came of."""
    listings = {row["id"]: row["listing_id"] for row in old["enquiry"]}
    listing_id = listings[exchange["enquiry_id"]]
    topics = (row["topic"] for row in old["listing_topic"] if row["listing_id"] == listing_id)
    return min(topics, default=None)


def _days_given(old: dict[str, list[Row]], listing: Row) -> list[object]:
    """The days on which an offer was given: those of its confirmed exchanges."""
    enquiries = {row["id"] for row in old["enquiry"] if row["listing_id"] == listing["id"]}
    return [
        row["delivered_on"] or row["on_date"]
        for row in old["exchange"]
        if listing["kind"] == "offer"
        and row["enquiry_id"] in enquiries
        and row["provider_urn"] == listing["school_urn"]
        and row["state"] == "confirmed"
    ]


def comparable(tables: dict[str, list[Row]]) -> dict[str, Counter[str]]:
    """The rows of each table that is not made of others, whatever the order of rows and columns."""
    return {
        table: Counter(
            # SQLite has 0 and 1 where PostgreSQL has false and true.
            repr(sorted((name, int(v) if isinstance(v, bool) else v) for name, v in row.items()))
            for row in table_rows
        )
        for table, table_rows in tables.items()
        if table not in MADE_OF_OTHERS
    }
