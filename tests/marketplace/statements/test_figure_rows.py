"""How figures are put into words, and bars into a picture."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.statements import figure_rows as rows
from marketplace.statements.charts import BASE, TOP, month_chart
from marketplace.statements.figure_rows import Addresses, figure_rows
from marketplace.statements.figures import Figures, Moved
from marketplace.statements.period import Period, Unit

TERM = Period(date(2026, 9, 1), date(2026, 12, 31), unit=Unit.TERM)
ADDRESSES = Addresses("/credits", {}, {"school:2": "/reconcile"})
NOW = Figures(
    given=900,
    received=480,
    opening=960,
    by_month={date(2026, 9, 1): Moved(900, 480)},
    by_partner={"school:2": Moved(900), "school:3": Moved(0, 480), None: Moved()},
    by_topic={"phonics": Moved(900), None: Moved(0, 480)},
)


def strip(before: Figures | None, *, of_school: bool = True) -> list[tuple[str, str, str]]:
    names = {"school:2": "Beech", "school:3": "Cedar"}
    shown = figure_rows(NOW, before, TERM, names, ADDRESSES, of_school=of_school).strip
    return [(figure.label, figure.value, figure.hint) for figure in shown]


def test_the_strip_says_what_changed_against_the_term_a_year_ago() -> None:
    assert strip(Figures(given=645, received=480, other=60)) == [
        ("Opening, 1 Sep", "16.00", ""),
        ("Received for help given", "+15.00", ""),
        ("Paid for help received", "−8.00", ""),
        ("Closing, 31 Dec", "23.00", ""),
        ("Against autumn term 2025", "+3.25", "given 4.25 more, other 1.00 less"),
    ]
    assert strip(NOW)[-1] == ("Against autumn term 2025", "0.00", "the same")
    assert strip(None)[-1][1:] == ("–", "there was no account yet")


def test_an_account_of_the_network_gives_and_receives_no_help() -> None:
    labels = [label for label, _, _ in strip(None, of_school=False)]
    assert labels == ["Opening, 1 Sep", "Moved", "Closing, 31 Dec", "Against autumn term 2025"]


def test_each_part_leads_to_what_it_is_made_of() -> None:
    names = {"school:2": "Beech", "school:3": "Cedar"}
    shown = figure_rows(NOW, None, TERM, names, ADDRESSES, of_school=True)
    assert [(row.name, row.url) for row in shown.months][:2] == [
        ("September 2026", "/credits?start=2026-09-01&end=2026-09-30"),
        ("October 2026", "/credits?start=2026-10-01&end=2026-10-31"),
    ]
    assert [(row.name, row.url) for row in shown.partners] == [
        ("Beech", "/reconcile"),
        ("Cedar", None),
        ("Several accounts at once", None),
    ]
    assert [row.name for row in shown.topics] == ["Phonics and early reading", "Other"]
    assert shown.topics[1].url == "/credits?start=2026-09-01&end=2026-12-31&topic=other"


def test_of_many_years_only_months_in_which_something_moved_are_shown() -> None:
    long = Period(date(1990, 1, 1), date(2026, 12, 31))
    shown = figure_rows(
        NOW, None, long, {"school:2": "Beech", "school:3": "Cedar"}, ADDRESSES, of_school=True
    )
    assert [row.name for row in shown.months] == ["September 2026"]
    assert len(list(TERM.months())) < rows.MOST_MONTHS


@pytest.mark.parametrize("months", [0, 1, 3, 13])
def test_bars_stand_within_the_picture(months: int) -> None:
    chart = month_chart([("Sep", Moved(60 * place, -5)) for place in range(months)])
    assert len(chart.bars) == 2 * months
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 300
        assert TOP - 0.1 <= bar.y <= bar.y + bar.height <= BASE + 0.1
        assert bar.height >= 0
    if months > 1:
        assert max(bar.height for bar in chart.bars) == BASE - TOP
