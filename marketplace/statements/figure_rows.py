"""The figures of a period for people: the strip, months with their chart, schools, topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote_plus, urlencode

from marketplace.clock import today
from marketplace.credits.formats import decimal_credits, signed_decimal_credits
from marketplace.listings.topics import current_topics
from marketplace.statements.charts import Chart, month_chart
from marketplace.statements.entries import NO_TOPIC
from marketplace.statements.figures import Figures, Moved
from marketplace.statements.period import Period

MOST_MONTHS = 13
"""How many months are shown although nothing may have moved in them: a year and what is begun."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the strip over a statement."""

    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A month, school or topic with its part of the figures; ``url`` shows what it is made of."""

    name: str
    url: str | None
    moved: Moved


@dataclass(frozen=True, slots=True)
class FigureRows:
    """Everything that a statement says in figures."""

    strip: list[Figure]
    months: list[PartRow]
    chart: Chart
    partners: list[PartRow]
    topics: list[PartRow]
    has_other: bool


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of a statement lead: the page itself, and the comparison with a school."""

    page: str
    values: Mapping[str, str]
    reconcile: Mapping[str, str]
    """The address of the comparison with each partner, by the code of its account."""

    def of_period(self, start: date, end: date) -> str:
        """Return the address of this statement for another period."""
        query = {**self.values, "start": start.isoformat(), "end": end.isoformat()}
        return f"{self.page}?{urlencode(query)}"


def largest(parts: Mapping[str | None, Moved], most: int | None) -> Mapping[str | None, Moved]:
    """Return the ``most`` parts of which the most hours moved; all of them, if it is None."""
    if most is None or len(parts) <= most:
        return parts
    by_size = sorted(parts.items(), key=lambda part: (-_size(part[1]), part[0] or ""))
    return dict(by_size[:most])


def figure_rows(
    figures: Figures,
    before: Moved | None,
    period: Period,
    names: Mapping[str, str],
    addresses: Addresses,
    *,
    of_school: bool,
) -> FigureRows:
    """Return figures in words; ``before`` is what moved in the period before, if there was one.

    The network's own accounts give and receive no help: theirs (not ``of_school``) are plainer.
    """
    months = _months(figures, period, addresses)
    return FigureRows(
        strip=_strip(figures, before, period, of_school),
        months=months,
        chart=month_chart([(row.name[:3], row.moved) for row in months[-MOST_MONTHS:]]),
        partners=_partners(figures, names, addresses),
        topics=_topics(figures, period, addresses),
        has_other=bool(figures.other) or any(row.moved.other for row in months),
    )


def _strip(figures: Figures, before: Moved | None, period: Period, of_school: bool) -> list[Figure]:
    strip = figure_strip(figures, period, of_school)
    label = f"Against {period.before.against}"
    if before is None:
        return [*strip, Figure(label, "–", "there was no account yet")]
    value = signed_decimal_credits(figures.net - before.net)
    return [*strip, Figure(label, value, _changes(figures, before) if of_school else "")]


def figure_strip(figures: Figures, period: Period, of_school: bool) -> list[Figure]:
    """Return the figures of a period in words, from its opening to its closing balance."""
    end = "today" if period.end == today() else f"{period.end.day} {period.end:%b}"
    opening = f"Opening, {period.start.day} {period.start:%b}"
    strip = [Figure(opening, decimal_credits(figures.opening))]
    if of_school:
        strip += [
            Figure("Received for help given", signed_decimal_credits(figures.given)),
            Figure("Paid for help received", signed_decimal_credits(-figures.received)),
        ]
        if figures.other:
            strip.append(Figure("Other", signed_decimal_credits(figures.other), "such as a grant"))
    else:
        strip.append(Figure("Moved", signed_decimal_credits(figures.net)))
    strip.append(Figure(f"Closing, {end}", decimal_credits(figures.closing)))
    return strip


def _changes(figures: Figures, before: Moved) -> str:
    """What was given, received and otherwise moved more or less than before, in words."""
    changes = []
    for name, change in (
        ("given", figures.given - before.given),
        ("received", figures.received - before.received),
        ("other", figures.other - before.other),
    ):
        if change:
            more = "more" if change > 0 else "less"
            changes.append(f"{name} {decimal_credits(abs(change))} {more}")
    return ", ".join(changes) or "the same"


def _months(figures: Figures, period: Period, addresses: Addresses) -> list[PartRow]:
    months = list(period.months())
    if len(months) > MOST_MONTHS:
        months = list(figures.by_month)
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


def _partners(figures: Figures, names: Mapping[str, str], addresses: Addresses) -> list[PartRow]:
    rows = [
        PartRow(
            names[code] if code is not None else "Several accounts at once",
            addresses.reconcile.get(code) if code is not None else None,
            moved,
        )
        for code, moved in figures.by_partner.items()
    ]
    return sorted(rows, key=lambda row: (-_size(row.moved), row.name))


def _topics(figures: Figures, period: Period, addresses: Addresses) -> list[PartRow]:
    address = addresses.of_period(period.start, period.end)
    rows = [
        PartRow(
            topic_name(slug or NO_TOPIC),
            f"{address}&topic={quote_plus(slug or NO_TOPIC)}",
            moved,
        )
        for slug, moved in figures.by_topic.items()
    ]
    return sorted(rows, key=lambda row: (-_size(row.moved), row.name))


def topic_name(slug: str) -> str:
    """Return a topic as people read it; a topic that is no more is named by its slug."""
    if slug == NO_TOPIC:
        return "Other"
    return current_topics().name_of(slug)


def _size(moved: Moved) -> int:
    return abs(moved.given) + abs(moved.received) + abs(moved.other)


def last_day_of_month(month: date) -> date:
    """Return the last day of the month that begins on ``month``."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
