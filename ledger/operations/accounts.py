"""The life of accounts: opening, limits, freezing, closing, and the release of expired holds.

Each change is kept as an event that says who made it and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger import schema
from ledger.engines.requests import (
    MOST_MINUTES,
    check_code,
    check_reason,
    check_text,
    check_two,
    storable,
)
from ledger.errors import (
    AccountExists,
    AccountInUse,
    AccountNotOpen,
    InvalidAmount,
    InvalidText,
    UnknownAccount,
)
from ledger.operations.desk import Desk
from ledger.operations.postings import post
from ledger.types import Account, NewTransaction, Posting

_account, _balance, _event, _held = (
    schema.account,
    schema.balance,
    schema.account_event,
    schema.held,
)

_STATUS = {"freeze": "frozen", "unfreeze": "open", "close": "closed"}
_LIMITS = ("floor", "ceiling", "soft_floor", "soft_ceiling")


def open_account(desk: Desk, code: str, limits: dict[str, int | None], name: str) -> Account:
    """Add an account with a balance of zero; see `ledger.Book.open_account`."""
    desk.writer()
    connection = desk.connection
    check_code(code)
    _check_limits(limits)
    if "\n" in check_text("name", name, 0, 200):
        raise InvalidText("name", name)
    values = {"code": code, "name": name, "opened_at": _now(desk)}
    insert = sa.insert(_account).values(values)
    if connection.dialect.name == "postgresql":
        insert = (
            postgresql.insert(_account)
            .values(values)
            .on_conflict_do_nothing(index_elements=["code"])
        )
    # SQLite has one writer at a time, so nobody can come in between; and its guard against
    # replacing rows would refuse before a conflict could be passed over.
    elif connection.scalar(sa.select(_account.c.id).where(_account.c.code == code)) is not None:
        raise AccountExists(code)
    id_ = connection.scalar(insert.returning(_account.c.id))
    if id_ is None:
        raise AccountExists(code)
    connection.execute(
        sa.insert(_balance).values(
            account_id=id_,
            status="open",
            posted=0,
            held_out=0,
            held_in=0,
            version=0,
            recorded_at=_latest(connection)(_now(desk), _last_close(), type_=schema.Instant),
            **limits,
        )
    )
    _record(connection, id_, "open", "", "")
    return Account(
        code=code, name=name, status="open", posted=0, held_out=0, held_in=0, version=0, **limits
    )


def set_limits(
    desk: Desk, code: str, limits: dict[str, int | None], actor: str, reason: str
) -> Account:
    """Change an account's limits; see `ledger.Book.set_limits`."""
    return _change(desk, code, "limits", actor, reason, limits)


def set_status(
    desk: Desk,
    code: str,
    action: Literal["freeze", "unfreeze", "close"],
    actor: str,
    reason: str,
) -> Account:
    """Freeze, unfreeze or close an account; see the verbs of `ledger.Book`."""
    return _change(desk, code, action, actor, reason, {"status": _STATUS[action]})


def close(
    desk: Desk, code: str, actor: str, reason: str, rest_to: str | None, even_frozen: bool
) -> Account:
    """Close an account for ever; see `ledger.Book.close_account`."""
    touched: tuple[str, ...] = (code,)
    if rest_to is not None:
        check_two(code, rest_to)
        touched += (rest_to,)
    desk.check_in_group(*touched)
    desk.writer()
    with desk.bind.begin_nested():
        locked = lock(desk.connection, *touched)
        if even_frozen and locked[code].status == "frozen":
            set_status(desk, code, "unfreeze", actor, reason)
        rest = desk.reader().account(code)
        _check_closable(rest, rest_to)
        # After the look at it: what has expired for that has expired for the release, too.
        release_due(desk, code, 10_000)
        if rest.posted and rest_to is not None:
            closure = NewTransaction(
                postings=[Posting(code, -rest.posted), Posting(rest_to, rest.posted)],
                key=f"close:{code}:{rest.version}",
                kind="closure" if rest.posted > 0 else "write-off",
                memo=reason,
                actor=actor,
            )
            post(desk, closure)
        return set_status(desk, code, "close", actor, reason)


def _change(
    desk: Desk, code: str, action: str, actor: str, reason: str, values: dict[str, Any]
) -> Account:
    """Change an account's limits or status, and record who did it and why.

    Raises:
        InvalidText: nobody is named, or no reason.
        AccountNotOpen: the account is closed; or not in the state that the change begins from.
    """
    desk.check_in_group(code)
    desk.writer()
    for field, text in (("actor", actor), ("reason", reason)):
        check_reason(field, text, 2000)
    connection = desk.connection
    row = lock(connection, code)[code]
    allowed = {"freeze": ("open",), "unfreeze": ("frozen",)}.get(action, ("open", "frozen"))
    if row.status not in allowed:
        raise AccountNotOpen(code, row.status)
    _check_limits({name: values.get(name, getattr(row, name)) for name in _LIMITS})
    latest = _latest(connection)(_now(desk), _balance.c.recorded_at, type_=schema.Instant)
    connection.execute(
        sa.update(_balance)
        .where(_balance.c.account_id == row.account_id)
        .values(recorded_at=latest, **values)
    )
    _record(connection, row.account_id, action, actor, reason)
    return desk.reader().account(code)


def lock(connection: sa.Connection, *codes: str) -> dict[str, Any]:
    """Lock the accounts' balances, in the order every verb locks in."""
    for code in codes:
        if not storable(code):
            raise UnknownAccount(code)
    rows = _locked(connection, _account.c.code.in_(codes))
    found = {row.code: row for row in rows}
    for code in codes:
        if code not in found:
            raise UnknownAccount(code)
    return found


def lock_above(connection: sa.Connection, minutes: int, code: str) -> list[str]:
    """Lock the accounts with more than some minutes, and one besides, in one go as `lock` does.

    Raises:
        UnknownAccount: there is no such one.
    """
    wanted = sa.or_(_balance.c.posted > minutes, _account.c.code == code)
    codes = [row.code for row in _locked(connection, wanted)]
    if code not in codes:
        raise UnknownAccount(code)
    return codes


def _locked(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The codes and balance rows of the accounts ``wanted``, locked in their one order."""
    return connection.execute(
        sa.select(_account.c.code, _balance)
        .join(_balance, _balance.c.account_id == _account.c.id)
        .where(wanted)
        .order_by(_balance.c.account_id)
        .with_for_update(of=_balance, key_share=True)
    ).all()


def _check_closable(account: Account, rest_to: str | None) -> None:
    """An account is closed when open, without open holds, and empty or with a taker."""
    if account.status != "open":
        raise AccountNotOpen(account.code, account.status)
    held = account.held_out + account.held_in
    if held or (account.posted and rest_to is None):
        raise AccountInUse(account.code, account.posted, held)


def release_due(desk: Desk, code: str | None, limit: int) -> int:
    """Take expired holds off their accounts (or off one); say how many sides were released."""
    connection, instant = desk.connection, _now(desk)
    due = sa.select(_held.c.account_id, _held.c.hold_id).where(_held.c.expires_at <= instant)
    if code is not None:
        due = due.join(_account, _account.c.id == _held.c.account_id).where(_account.c.code == code)
    ids = sorted({row.account_id for row in connection.execute(due.limit(limit))})
    if not ids:
        return 0
    connection.execute(
        sa.select(_balance.c.account_id)
        .where(_balance.c.account_id.in_(ids))
        .order_by(_balance.c.account_id)
        .with_for_update(key_share=True)
    )
    released = 0
    for id_ in ids:
        gone = connection.execute(
            sa.delete(_held)
            .where(_held.c.account_id == id_, _held.c.expires_at <= instant)
            .returning(_held.c.side, _held.c.minutes)
        ).all()
        released += len(gone)
        taken = {
            side: sum(row.minutes for row in gone if row.side == side) for side in ("out", "in")
        }
        connection.execute(
            sa.update(_balance)
            .where(_balance.c.account_id == id_)
            .values(
                held_out=_balance.c.held_out - taken["out"],
                held_in=_balance.c.held_in - taken["in"],
                recorded_at=_latest(connection)(
                    _now(desk), _balance.c.recorded_at, type_=schema.Instant
                ),
            )
        )
    return released


def _record(connection: sa.Connection, id_: int, action: str, actor: str, reason: str) -> None:
    """Keep what became of an account, as its balance row now has it."""
    columns = ["account_id", "status", *_LIMITS, "version", "recorded_at"]
    connection.execute(
        sa.insert(_event).from_select(
            [*columns, "action", "actor", "reason"],
            sa.select(
                *(_balance.c[name] for name in columns),
                sa.literal(action, sa.Text),
                sa.literal(actor, sa.Text),
                sa.literal(reason, sa.Text),
            ).where(_balance.c.account_id == id_),
        )
    )


def _check_limits(limits: dict[str, int | None]) -> None:
    for limit in limits.values():
        if limit is not None and (type(limit) is not int or abs(limit) > MOST_MINUTES):
            raise InvalidAmount(limit)
    for prefix in ("", "soft_"):
        floor, ceiling = limits[f"{prefix}floor"], limits[f"{prefix}ceiling"]
        if floor is not None and ceiling is not None and floor > ceiling:
            raise InvalidAmount(floor)


def _now(desk: Desk) -> sa.ColumnElement[datetime]:
    """The ledger's clock as an expression."""
    return desk.reader().now()


def _last_close() -> sa.ScalarSelect[datetime]:
    """When the books were closed last: an account opened since begins after it."""
    closed = sa.func.max(schema.period.c.closed_at, type_=schema.Instant)
    return sa.select(
        sa.func.coalesce(closed, sa.literal(schema.EPOCH, schema.Instant))
    ).scalar_subquery()


def _latest(connection: sa.Connection) -> Any:
    """The function that gives the later of two instants."""
    return sa.func.max if connection.dialect.name == "sqlite" else sa.func.greatest
