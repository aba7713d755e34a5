"""How the balance of an account went, month by month, as a small plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ledger import Account
from marketplace.clock import today
from marketplace.credits.formats import credits
from marketplace.search.hourly import for_an_hour
from marketplace.statements.figures import figures_of
from marketplace.statements.period import Period

MONTHS = 12
HEIGHT, BAR, GAP = 40, 11, 4
"""The plot of the balance in its own units: how high it is, a bar, and the room between two."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The balance at the end of one month, as a bar: where it begins and how high it is."""

    x: int
    y: float
    height: float
    is_owed: bool
    words: str


def balance_by_month(session: Session, account: Account) -> list[Bar]:
    """Return the balance of an account at the end of each of the last twelve months, as bars.

    The last one is as it is today. None for an account on which nothing has ever moved. It is found
    out anew when the account has another entry.
    """
    months = _last_months(today())
    balances = for_an_hour(
        ("balance by month", account.code, account.version, account.posted),
        lambda: _balances(session, account.code, months),
    )
    if not any(balances):
        return []
    top, bottom = max(0, *balances), min(0, *balances)
    scale = HEIGHT / (top - bottom)
    return [
        Bar(
            number * (BAR + GAP),
            round((top - max(minutes, 0)) * scale, 1),
            round(max(abs(minutes) * scale, 1), 1),
            minutes < 0,
            f"{month:%B %Y}: {credits(minutes)}",
        )
        for number, (month, minutes) in enumerate(zip(months, balances, strict=True))
    ]


def _balances(session: Session, code: str, months: list[date]) -> list[int]:
    figures = figures_of(session, code, Period(months[0], today()))
    balance, balances = figures.opening, []
    for month in months:
        if moved := figures.by_month.get(month):
            balance += moved.net
        balances.append(balance)
    return balances


def _last_months(day: date) -> list[date]:
    """The first days of the last twelve months, the one of ``day`` last."""
    month, months = day.replace(day=1), []
    for _ in range(MONTHS):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months[::-1]
