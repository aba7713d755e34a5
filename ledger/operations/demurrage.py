"""Demurrage: a charge on idle balances, each account once a period."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from ledger.engines import requests
from ledger.errors import InvalidAmount, InvalidText
from ledger.operations import accounts, postings
from ledger.operations.desk import Desk
from ledger.shares import split
from ledger.types import Account, Charge, NewTransaction, Posting, Transaction

_PERIOD = re.compile(r"[A-Za-z0-9-]{1,40}\Z")


def due(
    desk: Desk,
    period: str,
    above: int,
    share: Fraction,
    to: str,
    prefix: str,
    effective: date | None,
) -> list[Charge]:
    """Return what would be charged now; see `ledger.Book.demurrage_due`."""
    _check(period, above, share)
    desk.reader().account(to)
    return _charges(desk, period, above, share, to, prefix, effective, None)


def charge(
    desk: Desk,
    period: str,
    above: int,
    share: Fraction,
    to: str,
    prefix: str,
    actor: str,
    effective: date | None,
) -> list[Transaction]:
    """Charge what is due, all of it or none; see `ledger.Book.demurrage`."""
    desk.check_no_group()
    _check(period, above, share)
    desk.writer()
    locked = accounts.lock_above(desk.connection, above, to)
    charges = _charges(desk, period, above, share, to, prefix, effective, locked)
    transactions = [
        NewTransaction(
            postings=[Posting(one.account, -one.minutes), Posting(to, one.minutes)],
            key=_key(period, one.account),
            kind="demurrage",
            memo=f"{share} of {one.free} minutes above {above}",
            effective=effective,
            actor=actor,
            reference=f"demurrage:{period}",
        )
        for one in charges
    ]
    posted = postings.post_many(desk, transactions, atomic=True, own=True)
    return [result for result in posted if isinstance(result, Transaction)]


def _charges(
    desk: Desk,
    period: str,
    above: int,
    share: Fraction,
    to: str,
    prefix: str,
    effective: date | None,
    within: Iterable[str] | None,
) -> list[Charge]:
    uncharged = desk.reader().uncharged(period, above, requests.check_day(effective))
    allowed = uncharged.keys() if within is None else uncharged.keys() & set(within)
    charges = []
    for code in sorted(allowed):
        free = _free(uncharged[code], above)
        minutes = split(free, share).part if free > 0 else 0
        if code.startswith(prefix) and code != to and minutes:
            charges.append(Charge(code, uncharged[code].posted, free, minutes))
    return charges


def _free(account: Account, above: int) -> int:
    """Minutes beyond ``above`` that the account could give at once."""
    floor = above if account.floor is None else max(above, account.floor)
    return account.posted - account.held_out - floor


def _key(period: str, code: str) -> str:
    return f"ledger:demurrage:{period}:{code}"


def _check(period: str, above: int, share: Fraction) -> None:
    if not isinstance(period, str) or not _PERIOD.match(period):
        raise InvalidText("period", period)
    if type(above) is not int or not 0 <= above <= requests.MOST_MINUTES:
        raise InvalidAmount(above)
    requests.check_share(share)
