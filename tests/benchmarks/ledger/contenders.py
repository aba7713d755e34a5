"""Who is compared: each makes its accounts, and gives a function that does one transfer."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ledger import Book, schema, sqlite

ROOM = -(10**12)

Transfer = Callable[[int, int], None]
"""One transfer of one minute between two accounts, by their numbers, with its own commit."""


class Contender(Protocol):
    """One way to keep a ledger."""

    name: str

    def prepare(self, url: str, accounts: int) -> None:
        """Make the tables and so many accounts in an empty database."""

    def connect(self, url: str, worker: int) -> Transfer:
        """A connection of one process, as the function that does one transfer."""


class Ours:
    """Our public API: a key, limits, holds counted, immutable entries with running balances."""

    name = "ledger"

    def prepare(self, url: str, accounts: int) -> None:
        engine = engine_for(url)
        with engine.begin() as connection:
            schema.install(connection)
            now = datetime.now(UTC)
            connection.execute(
                sa.insert(schema.account),
                [{"code": f"a:{n}", "name": "", "opened_at": now} for n in range(accounts)],
            )
            numbers = connection.scalars(sa.select(schema.account.c.id)).all()
            zero = dict.fromkeys(("posted", "held_out", "held_in", "version"), 0)
            connection.execute(
                sa.insert(schema.balance),
                [
                    {"account_id": n, "status": "open", "floor": ROOM, "recorded_at": now, **zero}
                    for n in numbers
                ],
            )
        engine.dispose()

    def connect(self, url: str, worker: int) -> Transfer:
        engine = engine_for(url)
        connection = engine.connect()
        book = Book(connection)
        keys = itertools.count()

        def transfer(source: int, target: int) -> None:
            book.transfer(f"a:{source}", f"a:{target}", 1, key=f"{worker}:{next(keys)}")
            connection.commit()

        return transfer


class Bare:
    """The ceiling: a PL/pgSQL function that does the least a transfer needs."""

    name = "bare function"

    def prepare(self, url: str, accounts: int) -> None:
        with psycopg.connect(plain(url), autocommit=True) as connection:
            connection.execute(_BARE)
            connection.execute(
                "INSERT INTO bare_account SELECT n, 0 FROM generate_series(0, %s - 1) n",
                (accounts,),
            )

    def connect(self, url: str, worker: int) -> Transfer:
        connection = psycopg.connect(plain(url), autocommit=False)

        def transfer(source: int, target: int) -> None:
            connection.execute("SELECT bare_transfer(%s, %s, 1)", (source, target))
            connection.commit()

        return transfer


_BARE = """
CREATE TABLE bare_account (
  id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance > -1000000000000)
) WITH (fillfactor = 50);
CREATE TABLE bare_transfer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL,
  target bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL
);
CREATE FUNCTION bare_transfer(p_source bigint, p_target bigint, p_amount bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint;
BEGIN
  PERFORM 1 FROM bare_account WHERE id IN (p_source, p_target) ORDER BY id FOR NO KEY UPDATE;
  UPDATE bare_account SET balance = balance - p_amount WHERE id = p_source;
  UPDATE bare_account SET balance = balance + p_amount WHERE id = p_target;
  INSERT INTO bare_transfer (source, target, amount, at)
  VALUES (p_source, p_target, p_amount, clock_timestamp()) RETURNING id INTO v_id;
  RETURN v_id;
END $$;
"""


class _Base(DeclarativeBase):
    pass


class OrmAccount(_Base):
    """An account of the plain ORM ledger."""

    __tablename__ = "orm_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


class OrmTransaction(_Base):
    """A transaction of the plain ORM ledger."""

    __tablename__ = "orm_transaction"
    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[list[OrmEntry]] = sa.orm.relationship()


class OrmEntry(_Base):
    """An entry of the plain ORM ledger."""

    __tablename__ = "orm_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(sa.ForeignKey("orm_transaction.id"), index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("orm_account.id"), index=True)
    amount: Mapped[int]


class PlainOrm:
    """What most applications would write: objects, and SELECT … FOR UPDATE."""

    name = "plain ORM"

    def prepare(self, url: str, accounts: int) -> None:
        engine = engine_for(url)
        _Base.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(
                sa.insert(OrmAccount), [{"id": n, "balance": 0} for n in range(accounts)]
            )
        engine.dispose()

    def connect(self, url: str, worker: int) -> Transfer:
        engine = engine_for(url)

        def transfer(source: int, target: int) -> None:
            with Session(engine) as session, session.begin():
                rows = session.scalars(
                    sa.select(OrmAccount)
                    .where(OrmAccount.id.in_([source, target]))
                    .order_by(OrmAccount.id)
                    .with_for_update()
                ).all()
                by_id = {row.id: row for row in rows}
                by_id[source].balance -= 1
                by_id[target].balance += 1
                session.add(
                    OrmTransaction(
                        entries=[
                            OrmEntry(account_id=source, amount=-1),
                            OrmEntry(account_id=target, amount=1),
                        ]
                    )
                )

        return transfer


class Hordak:
    """django-hordak 2, the established double-entry ledger in Python."""

    name = "django-hordak"

    def prepare(self, url: str, accounts: int) -> None:
        _django(url)
        from django.core.management import call_command
        from hordak.models import Account

        call_command("migrate", verbosity=0)
        Account.objects.bulk_create(
            Account(
                name=f"a:{n}", code=None, type="AS", currencies=["GBP"], full_code=None,
                lft=1, rght=2, tree_id=n + 1, level=0,
            )
            for n in range(accounts)
        )  # fmt: skip

    def connect(self, url: str, worker: int) -> Transfer:
        _django(url)
        from django.db import transaction
        from hordak.models import Account, Leg, Transaction
        from moneyed import Money

        first = Account.objects.order_by("pk").values_list("pk", flat=True)[0]
        one = Money(Decimal(1), "GBP")

        def transfer(source: int, target: int) -> None:
            with transaction.atomic():
                moved = Transaction.objects.create(description="transfer")
                Leg.objects.create(transaction=moved, account_id=first + source, credit=one)
                Leg.objects.create(transaction=moved, account_id=first + target, debit=one)

        return transfer


def _django(url: str) -> None:
    import django
    from django.conf import settings

    if settings.configured:
        return
    parts = sa.make_url(url)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.database,
                "USER": parts.username,
                "HOST": parts.query.get("host"),
            }
        },
        DEFAULT_CURRENCY="GBP",
        CURRENCIES=["GBP"],
        HORDAK_CURRENCIES=["GBP"],
        USE_TZ=True,
        SECRET_KEY="for measuring only",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    django.setup()


def engine_for(url: str) -> sa.Engine:
    """An engine as an application would make it."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sqlite.configure(engine)
    return engine


def plain(url: str) -> str:
    """The address as the driver itself takes it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


CONTENDERS: dict[str, type[Any]] = {kind.name: kind for kind in (Ours, Bare, Hordak, PlainOrm)}
