"""The database's guard of the history of exchanges: a step is never changed or deleted.

Only its text may be removed, which the job ``retention`` does when it is over its time.
"""

from __future__ import annotations

import sqlalchemy as sa

TABLE = "exchange_event"
FIXED = [
    "id",
    "exchange_id",
    "step",
    "version",
    "person_id",
    "school_urn",
    "at",
    "minutes",
    "on_date",
    "roles",
]
"""The columns that nothing may change."""


def statements(dialect: str) -> list[str]:
    """Return the statements that guard the table; the migration says the same."""
    new, old = (", ".join(f"{row}.{column}" for column in FIXED) for row in ("NEW", "OLD"))
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the history of exchanges is never changed'); END"
        return [
            f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE}"
            f" WHEN NEW.text <> '' OR ({new}) IS NOT ({old}) {refuse}",
            f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}",
        ]
    return [
        f"CREATE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the history of exchanges is never changed'; END $$",
        f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW"
        f" WHEN (NEW.text <> '' OR ({new}) IS DISTINCT FROM ({old}))"
        f" EXECUTE FUNCTION {TABLE}_guard()",
        f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW"
        f" EXECUTE FUNCTION {TABLE}_guard()",
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}"
        f" EXECUTE FUNCTION {TABLE}_guard()",
    ]


def guard(table: sa.Table) -> None:
    """Make the guard whenever the table is made."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            ddl = sa.DDL(statement)  # type: ignore[no-untyped-call]
            sa.event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
