"""The page of a trust's credits: the strip, a row for each school, months and partners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from marketplace.clock import today
from marketplace.credits.chart import account_code
from marketplace.credits.formats import decimal_credits, signed_decimal_credits
from marketplace.statements.charts import Chart, month_chart
from marketplace.statements.figure_rows import (
    MOST_MONTHS,
    Addresses,
    Figure,
    PartRow,
    last_day_of_month,
)
from marketplace.statements.figures import Moved
from marketplace.statements.period import Period, presets
from marketplace.statements.trust.queries import TrustFigures

MOST_PARTNERS = 10
"""How many schools outside the trust are named, those with the most hours first."""


@dataclass(frozen=True, slots=True)
class TrustRow:
    """A school's figures, or those of all (without ``url``), ready for the table.

    ``available`` is ``None`` for an account without a limit.
    """

    name: str
    url: str | None
    opening: int
    outside: Moved
    within: int
    closing: int
    held: int
    available: int | None

    @property
    def moved(self) -> tuple[str, ...]:
        """The opening balance, what moved, and the closing balance, as the table shows them."""
        parts = (self.outside.given, -self.outside.received, self.within, self.outside.other)
        return (
            decimal_credits(self.opening),
            *(signed_decimal_credits(minutes) for minutes in parts),
            decimal_credits(self.closing),
        )

    @property
    def now(self) -> tuple[str, ...]:
        """What is held and available now, as the table shows it."""
        available = "no limit" if self.available is None else decimal_credits(self.available)
        return decimal_credits(self.held), available


@dataclass(frozen=True, slots=True)
class TrustPage:
    """Everything that the page of a trust says in figures."""

    strip: list[Figure]
    rows: list[TrustRow]
    total: TrustRow
    months: list[PartRow]
    chart: Chart
    partners: list[PartRow]
    has_other: bool


def trust_page(figures: TrustFigures, period: Period, names: Mapping[str, str]) -> TrustPage:
    """Return the figures of a trust in words; ``names`` has the names of schools' accounts."""
    months = _months(figures, period)
    total = total_row(figures)
    return TrustPage(
        strip=_strip(figures, period),
        rows=school_rows(figures, period, names),
        total=total,
        months=months,
        chart=month_chart([(row.name[:3], row.moved) for row in months[-MOST_MONTHS:]]),
        partners=partner_rows(figures, names)[:MOST_PARTNERS],
        has_other=any(row.moved.other for row in months),
    )


def school_rows(figures: TrustFigures, period: Period, names: Mapping[str, str]) -> list[TrustRow]:
    """Return a row for each school, which leads to its own statement of the period."""
    # One address for all of them: making each by the routes takes longer than its figures.
    address, query = f"{url_for('trust_credits.credits')}/schools", urlencode(_query_of(period))
    return [
        TrustRow(
            name=names[account_code(school.urn)],
            url=f"{address}/{school.urn}?{query}",
            opening=school.opening,
            outside=school.outside,
            within=school.within.net,
            closing=school.closing,
            held=school.account.held_out,
            available=school.account.available,
        )
        for school in figures.schools
    ]


def total_row(figures: TrustFigures) -> TrustRow:
    """Return the sums of all schools: what moved within the trust comes to nothing."""
    return TrustRow(
        name="The trust",
        url=None,
        opening=figures.opening,
        outside=figures.outside,
        within=sum(school.within.net for school in figures.schools),
        closing=figures.closing,
        held=figures.held,
        available=figures.available,
    )


def partner_rows(figures: TrustFigures, names: Mapping[str, str]) -> list[PartRow]:
    """Return the schools outside that exchanged help with the trust, most hours first."""
    rows = [
        PartRow(names[code], None, moved)
        for code, moved in figures.by_partner.items()
        if moved.given or moved.received
    ]
    return sorted(rows, key=lambda row: (-abs(row.moved.given) - abs(row.moved.received), row.name))


def _query_of(period: Period) -> dict[str, Any]:
    """How an address asks for the period: by its name, if it has one."""
    for preset in presets():
        if preset.period == period:
            return {"period": preset.slug}
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _strip(figures: TrustFigures, period: Period) -> list[Figure]:
    end = "today" if period.end == today() else f"{period.end.day} {period.end:%b}"
    outside = figures.outside
    strip = [
        Figure(f"Opening, {period.start.day} {period.start:%b}", decimal_credits(figures.opening)),
        Figure("Received for help given outside", signed_decimal_credits(outside.given)),
        Figure("Paid for help from outside", signed_decimal_credits(-outside.received)),
    ]
    if outside.other:
        strip.append(Figure("Other", signed_decimal_credits(outside.other), "such as a grant"))
    strip.append(Figure(f"Closing, {end}", decimal_credits(figures.closing)))
    within = decimal_credits(figures.moved_within)
    strip.append(Figure("Moved within the trust", within, "not in the other figures"))
    return strip


def _months(figures: TrustFigures, period: Period) -> list[PartRow]:
    """The months with what moved between the trust and others; each leads to its own page."""
    months = list(period.months())
    if len(months) > MOST_MONTHS:
        months = list(figures.by_month)
    addresses = Addresses(url_for("trust_credits.credits"), {}, {})
    return [
        PartRow(
            f"{month:%B %Y}",
            addresses.of_period(
                max(month, period.start), min(last_day_of_month(month), period.end)
            ),
            figures.by_month.get(month, Moved()),
        )
        for month in months
    ]
