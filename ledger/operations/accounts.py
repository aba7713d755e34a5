"""The life of accounts: opening, names, limits, freezing, closing; and releasing expired holds.

Each change is a transaction of its own that moves nothing, with an event that says what the
account is from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger import schema
from ledger.engines import requests
from ledger.engines.requests import Header, check_code, check_reason, check_two, storable
from ledger.errors import (
    AccountExists,
    AccountInUse,
    AccountNotOpen,
    InvalidAmount,
    InvalidText,
    UnknownAccount,
)
from ledger.operations import records
from ledger.operations.desk import Desk
from ledger.operations.postings import post
from ledger.types import UNCHANGED, Account, NewTransaction, NoteFields, Posting, Unchanged

_account, _balance, _event, _held = (
    schema.account,
    schema.balance,
    schema.account_event,
    schema.held,
)

KIND = "account"
_LIMITS = ("floor", "ceiling", "soft_floor", "soft_ceiling")
_STATUS = {"freeze": "frozen", "unfreeze": "open", "close": "closed"}
_FROM = {"freeze": ("open",), "unfreeze": ("frozen",)}

Limits = Mapping[str, int | None]


def open_account(desk: Desk, code: str, name: str, limits: Limits, fields: NoteFields) -> Account:
    """Add an account with a balance of zero; see `ledger.Book.open_account`."""
    desk.writer()
    check_code(code)
    _check_limits(limits)
    _check_name(name)
    content = {"open": [code, name, *(limits[limit] for limit in _LIMITS)]}
    header = requests.header(content, kind=KIND, **fields)

    def carry_out() -> None:
        with desk.bind.begin_nested():
            recorded = records.instant(desk)
            transaction_id = records.add(desk, "open", header, recorded)
            id_ = _add_account(desk.connection, code, name, recorded)
            opening = {"status": "open", "recorded_at": recorded, **limits}
            zero = dict.fromkeys(("posted", "held_out", "held_in", "version"), 0)
            desk.connection.execute(sa.insert(_balance).values(account_id=id_, **zero, **opening))
            _note(desk.connection, transaction_id, id_)

    return _once(desk, "open", header, code, carry_out)


def set_limits(
    desk: Desk, code: str, limits: Mapping[str, int | Unchanged | None], fields: NoteFields
) -> Account:
    """Change an account's limits; see `ledger.Book.set_limits`."""
    told = [None if limit is UNCHANGED else [limit] for limit in limits.values()]
    changed = {name: limit for name, limit in limits.items() if limit is not UNCHANGED}
    return _change(desk, "limits", code, {"limits": [code, told]}, changed, fields)


def rename(desk: Desk, code: str, name: str, fields: NoteFields) -> Account:
    """Give an account another name; see `ledger.Book.rename`."""
    _check_name(name)
    return _change(desk, "rename", code, {"rename": [code, name]}, {"name": name}, fields)


def set_status(
    desk: Desk, action: Literal["freeze", "unfreeze"], code: str, fields: NoteFields
) -> Account:
    """Freeze or unfreeze an account; see the verbs of `ledger.Book`."""
    return _change(desk, action, code, {action: code}, {"status": _STATUS[action]}, fields)


def close(
    desk: Desk, code: str, rest_to: str | None, even_frozen: bool, fields: NoteFields
) -> Account:
    """Close an account for ever; see `ledger.Book.close_account`."""
    _check_known(code)
    if rest_to is not None:
        _check_known(rest_to)
        check_two(code, rest_to)
    header = _header({"close": [code, rest_to, even_frozen]}, fields)
    touched = (code,) if rest_to is None else (code, rest_to)
    desk.check_in_group(*touched)
    desk.writer()

    def carry_out() -> None:
        with desk.bind.begin_nested():
            _close(desk, header, code, rest_to, even_frozen, fields)

    return _once(desk, "close", header, code, carry_out)


def _close(
    desk: Desk,
    header: Header,
    code: str,
    rest_to: str | None,
    even_frozen: bool,
    fields: NoteFields,
) -> None:
    """Close an account, with what has to go before."""
    locked = lock(desk.connection, *((code,) if rest_to is None else (code, rest_to)))
    step: NoteFields = {**fields}
    if even_frozen and locked[code].status == "frozen":
        step["key"] = f"ledger:unfreeze:{header.key}"
        own = requests.header({"unfreeze": code}, kind=KIND, own=True, **step)
        _carry_out(desk, "unfreeze", own, code, {"status": "open"})
    rest = desk.reader().account(code)
    _check_closable(rest, rest_to)
    # After the look at it: what has expired for that has expired for the release, too.
    release_due(desk, code, 10_000)
    if rest.posted and rest_to is not None:
        step["key"] = f"ledger:rest:{header.key}"
        closure = NewTransaction(
            postings=[Posting(code, -rest.posted), Posting(rest_to, rest.posted)],
            kind="closure" if rest.posted > 0 else "write-off",
            **step,
        )
        post(desk, closure, own=True)
    _carry_out(desk, "close", header, code, {"status": "closed"})


def _change(
    desk: Desk,
    action: str,
    code: str,
    content: dict[str, Any],
    values: Mapping[str, Any],
    fields: NoteFields,
) -> Account:
    """Change an account, once a key, and record who did it and why.

    Raises:
        InvalidText: nobody is named, or no reason.
        AccountNotOpen: the account is closed; or not in the state that the change begins from.
    """
    _check_known(code)
    header = _header(content, fields)
    desk.check_in_group(code)
    desk.writer()
    return _once(desk, action, header, code, lambda: _carry_out(desk, action, header, code, values))


def _header(content: dict[str, Any], fields: NoteFields) -> Header:
    """The header of a change, which names a person and a reason."""
    header = requests.header(content, kind=KIND, **fields)
    check_reason("actor", header.actor, 200)
    check_reason("memo", header.memo, 2000)
    return header


def _once(
    desk: Desk, action: str, header: Header, code: str, carry_out: Callable[[], None]
) -> Account:
    replayed = records.once(desk, action, header, carry_out)
    return desk.reader().account(code, replayed=replayed)


def _carry_out(
    desk: Desk, action: str, header: Header, code: str, values: Mapping[str, Any]
) -> None:
    """Write a change to an account's row, with its record."""
    row = lock(desk.connection, code)[code]
    if row.status not in _FROM.get(action, ("open", "frozen")):
        raise AccountNotOpen(code, row.status)
    _check_limits({name: values.get(name, getattr(row, name)) for name in _LIMITS})
    recorded = records.instant(desk, row.recorded_at)
    transaction_id = records.add(desk, action, header, recorded)
    own = {name: value for name, value in values.items() if name != "name"}
    desk.connection.execute(
        sa.update(_balance)
        .where(_balance.c.account_id == row.account_id)
        .values(recorded_at=max(recorded, row.recorded_at), **own)
    )
    if "name" in values:
        desk.connection.execute(
            sa.update(_account).where(_account.c.id == row.account_id).values(name=values["name"])
        )
    _note(desk.connection, transaction_id, row.account_id)


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


def _add_account(connection: sa.Connection, code: str, name: str, opened: datetime) -> int:
    values = {"code": code, "name": name, "opened_at": opened}
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
    return id_


def _note(connection: sa.Connection, transaction_id: int, account_id: int) -> None:
    """Keep what became of an account, as its rows now have it."""
    columns = ["account_id", "status", *_LIMITS, "version"]
    connection.execute(
        sa.insert(_event).from_select(
            ["transaction_id", "name", *columns],
            sa.select(
                sa.literal(transaction_id, schema.BigInt),
                _account.c.name,
                *(_balance.c[name] for name in columns),
            )
            .join(_account, _account.c.id == _balance.c.account_id)
            .where(_balance.c.account_id == account_id),
        )
    )


def _check_known(code: str) -> None:
    """Refuse what no account can have as its code, because no database can keep it."""
    if not storable(code):
        raise UnknownAccount(code)


def _check_name(name: str) -> None:
    if "\n" in requests.check_text("name", name, 0, 200):
        raise InvalidText("name", name)


def _check_limits(limits: Limits) -> None:
    for limit in limits.values():
        if limit is not None and (type(limit) is not int or abs(limit) > requests.MOST_MINUTES):
            raise InvalidAmount(limit)
    for prefix in ("", "soft_"):
        floor, ceiling = limits[f"{prefix}floor"], limits[f"{prefix}ceiling"]
        if floor is not None and ceiling is not None and floor > ceiling:
            raise InvalidAmount(floor)


def _now(desk: Desk) -> sa.ColumnElement[datetime]:
    """The ledger's clock as an expression."""
    return desk.reader().now()


def _latest(connection: sa.Connection) -> Any:
    """The function that gives the later of two instants."""
    return sa.func.max if connection.dialect.name == "sqlite" else sa.func.greatest
