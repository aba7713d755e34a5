"""The database: the base class of every table, and the one place that commits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from flask import Flask, current_app, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy.orm import DeclarativeBase, registry

from ledger.schema import is_one_of as is_one_of  # features, which may not reach the ledger, use it

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

RIGHTS = "rights"
"""In a table's ``info``: what the production role may do with it, if that is not everything."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware instant, stored as UTC on both databases; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times and hand the database UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Return a stored instant with its zone: SQLite keeps UTC without one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table of the marketplace."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UtcDateTime},
    )


View = TypeVar("View", bound=Callable[..., Any])


def writes_on_get(view: View) -> View:
    """Let a view write although it is opened by GET.

    For the answer of a sign-in elsewhere only: that protocol comes back by GET, and what it may
    do is bound to the browser by a state.
    """
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def request_only_reads() -> bool:
    """Say whether this request may write nothing."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE_METHODS and not getattr(view, "writes_on_get", False)


class RequestSession(Session):
    """A session that reads without the write lock while a request only looks.

    On SQLite every transaction that may write begins IMMEDIATE, so that a read which later
    writes can never fail half way; a GET never writes, so it need not queue for that lock. On
    PostgreSQL the same request runs READ ONLY, so a GET that tries to write is an error.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> sa.Engine | sa.Connection:
        """Choose the reading or the writing face of the engine."""
        bind = super().get_bind(*args, **kwargs)
        if isinstance(bind, sa.Engine) and has_request_context() and request_only_reads():
            # Always the same face: each further one would take a connection of its own.
            faces: dict[sa.Engine, sa.Engine] = self.info.setdefault("reading faces", {})
            if bind not in faces:
                faces[bind] = bind.execution_options(read_only=True, postgresql_readonly=True)
            return faces[bind]
        return bind


def append_only(model: type[Base], name: str, instant: str, *, days: int) -> None:
    """Let the database refuse updates of ``model``, and deletes of rows younger than ``days``.

    ``instant`` is the column with a row's age, ``name`` what the refusal calls the table. The
    migration that makes the table says the same (see ``append_only_statements``).
    """
    table = model.__table__
    assert isinstance(table, sa.Table)
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_statements(dialect, table.name, name, instant, days):
            ddl = sa.DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            ddl = ddl.execute_if(dialect=dialect)
            sa.event.listen(table, "after_create", ddl)


def append_only_statements(
    dialect: str, table: str, name: str, instant: str, days: int
) -> list[str]:
    """Return the statements that make ``table`` append-only."""
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        limit = f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-{days} days')"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            f" WHEN OLD.{instant} >= {limit} {refuse}",
        ]
    return [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{name} is append-only'; END $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW"
        f" WHEN (OLD.{instant} >= now() - interval '{days} days')"
        f" EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" EXECUTE FUNCTION {table}_append_only()",
    ]


db = SQLAlchemy(model_class=Base, session_options={"class_": RequestSession})


def render_in_migration(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own types into a migration as the types they are stored as.

    A migration must still run when the code it was made from has changed or gone.
    """
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def is_ours(_item: object, name: str | None, kind: str, *_more: object) -> bool:
    """Say whether migrations manage this object: the ledger installs its own tables."""
    return not (kind == "table" and (name or "").startswith("ledger_"))


def init_app(app: Flask, *, migrations: Path) -> None:
    """Connect ``app`` with its database and the folder of its migrations."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(migrations))


migrate = Migrate(
    compare_type=True,
    render_as_batch=True,
    render_item=render_in_migration,
    include_object=is_ours,
)
