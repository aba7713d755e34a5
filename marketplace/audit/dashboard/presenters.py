"""The dashboards in words: a figure, what it counts, and the list that it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audit.dashboard import queries
from marketplace.audit.dashboard.models import NetworkMonth, UnusualEntry
from marketplace.audit.dashboard.unusual import UnusualRule
from marketplace.audit.standing import BookStanding, book_standing
from marketplace.credits.chart import account_names, actor_names
from marketplace.credits.formats import credit_number

CHART_HEIGHT = 100
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the dashboard; ``url`` leads to its list, "" where the reader has none."""

    label: str
    value: str
    url: str
    needs_a_look: bool = False


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month of the chart and of the table beside it; ``height`` is of a hundred."""

    label: str
    height: int
    hours: str
    exchanges: int
    url: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the start page of the network's people shows."""

    standing: BookStanding
    lines: list[Line]
    months: list[MonthBar]
    unusual: list[Line]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnusualRow:
    """An unusual entry with names."""

    entry: UnusualEntry
    rule: str
    giver: str
    taker: str
    actor: str


def dashboard_of(session: Session, actor: Actor) -> Dashboard:
    """Return the dashboard: four statements, however large the network."""
    figures = queries.kept_figures(session)
    counts = queries.open_counts(session)
    runs_network = actor.may(Permission.MANAGE_NETWORK)
    lines = [
        Line(
            "Disputes",
            f"{counts.disputes:,}",
            _if(runs_network, "disputes.queue"),
            counts.disputes > 0,
        ),
        Line(
            "Deliveries to be confirmed",
            f"{counts.unconfirmed:,}",
            url_for("audit.journal", kind="hold", include="everything"),
        ),
        Line(
            "Holds that end within 14 days",
            f"{counts.holds_ending:,}",
            url_for("audit.journal", kind="hold", include="everything"),
            counts.holds_ending > 0,
        ),
    ]
    if figures is not None:
        inactive = max(figures.schools - figures.active_schools, 0)
        activity = _if(runs_network, "network.activity")
        lines += [
            Line(
                "Credits in circulation",
                credit_number(figures.circulating),
                url_for("audit.trial_balance"),
            ),
            Line(
                "Schools that take part",
                f"{figures.schools:,}",
                _if(runs_network, "network.schools", show="in"),
            ),
            Line("Active in the last 30 days", f"{figures.active_schools:,}", activity),
            Line("Not active", f"{inactive:,}", activity),
            Line("Joined in the last 30 days", f"{figures.joined_lately:,}", activity),
            Line(
                "Addresses that e-mails do not reach",
                f"{figures.failing_addresses:,}",
                _if(runs_network, "network.deliveries", show="addresses"),
                figures.failing_addresses > 0,
            ),
        ]
    return Dashboard(
        standing=book_standing(session),
        lines=lines,
        months=month_bars(queries.latest_months(session)),
        unusual=[
            Line(rule.label, f"{count:,}", url_for("audit.unusual", rule=rule.value), count > 0)
            for rule, count in queries.unusual_by_rule(figures)
        ],
        counted_at=figures.updated_at if figures else None,
    )


def month_bars(months: list[NetworkMonth]) -> list[MonthBar]:
    """Return the months as bars, the highest of which is `CHART_HEIGHT` high."""
    highest = max((month.minutes for month in months), default=0)
    # One address for all of them: making each by the routes takes longer than the rest of a bar.
    journal = url_for("audit.journal", kind="exchange")
    return [
        MonthBar(
            label=f"{month.month:%b %y}",
            height=round(CHART_HEIGHT * max(month.minutes, 0) / highest) if highest > 0 else 0,
            hours=f"{month.minutes / 60:,.0f}",
            exchanges=month.exchanges,
            url=f"{journal}&start={month.month}&end={_last_day(month)}",
        )
        for month in months
    ]


def unusual_rows(session: Session, entries: list[UnusualEntry]) -> list[UnusualRow]:
    """Return unusual entries with the names of schools and people: three statements."""
    names = account_names(session, {code for one in entries for code in (one.giver, one.taker)})
    actors = actor_names(session, {one.actor for one in entries})
    return [
        UnusualRow(
            entry,
            UnusualRule(entry.rule).label,
            names[entry.giver],
            names[entry.taker],
            actors[entry.actor],
        )
        for entry in entries
    ]


def _last_day(month: NetworkMonth) -> str:
    next_month = (month.month + 31 * _ONE_DAY).replace(day=1)
    return (next_month - _ONE_DAY).isoformat()


def _if(allowed: bool, endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if allowed else ""
