"""Bringing a book from one version of its tables to the next, by numbered scripts.

Guards are not versioned: they are taken off before the tables change, and put back as they are
today when the tables are of today's version. A book of another version is refused by every verb.
"""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa

from ledger.errors import WrongVersion
from ledger.schema.days import add_day_function
from ledger.schema.installing import install_guards, remove_guards, statements
from ledger.schema.tables import VERSION, metadata

CHECKED = "ledger.checked"
"""What `Connection.info` has when the connection and the book on it were found to be in order."""

MIGRATING = 0x5EA11E06E3  # the number of the lock that upgrades take on PostgreSQL
_TABLES = {
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    " AND tablename IN ('ledger_book', 'ledger_transaction')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'"
    " AND name IN ('ledger_book', 'ledger_transaction')",
}


def version_of(connection: sa.Connection) -> int:
    """Return the version of the book's tables; 0 if there is no book."""
    tables = connection.exec_driver_sql(_TABLES[connection.dialect.name]).scalars().all()
    if "ledger_book" in tables:
        query = "SELECT schema_version FROM ledger_book"
        return int(connection.exec_driver_sql(query).scalar_one())
    return 1 if "ledger_transaction" in tables else 0


def migrate(connection: sa.Connection, to: int = VERSION) -> None:
    """Bring the book to a version, from whatever it is of, in the caller's transaction.

    A book that is of that version or a later one stays what it is. Of today's version it gets
    its guards; of an earlier one it has none, and nothing can be written until it is brought on.

    Others that do the same meanwhile wait, and then find nothing to do.

    Raises:
        WrongVersion: the book is of a later version than this code.
    """
    connection.info.pop(CHECKED, None)
    if connection.dialect.name == "postgresql":  # on SQLite one transaction writes at a time
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
    version = version_of(connection)
    if version > VERSION:
        raise WrongVersion(version, VERSION)
    if version < to:
        remove_guards(connection)
    for number in range(version + 1, to + 1):
        _run_script(connection, number)
    if max(version, to) == VERSION:
        install_guards(connection)


def install(connection: sa.Connection) -> None:
    """Make a book of today's version in a database, or bring the one that is there to it.

    Raises:
        WrongVersion: the book is of a later version than this code.
    """
    migrate(connection)


def uninstall(connection: sa.Connection) -> None:
    """Remove the ledger, with everything in it: for undoing the migration that installed it."""
    connection.info.pop(CHECKED, None)
    remove_guards(connection)
    if connection.dialect.name == "postgresql":
        for table in metadata.tables.values():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name} CASCADE")
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for table in reversed(metadata.tables.values()):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")


def _run_script(connection: sa.Connection, number: int) -> None:
    dialect = connection.dialect.name
    folder = resources.files("ledger") / "schema" / "migrations"
    script = (folder / f"{number:04}_{dialect}.sql").read_text("utf-8")
    if dialect == "postgresql":
        connection.exec_driver_sql(script.replace("%", "%%"))
        return
    add_day_function(connection)
    # A table that is made anew is dropped in between, though rows of others refer to it.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for statement in statements(script):
        connection.exec_driver_sql(statement)
