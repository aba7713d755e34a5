"""Finding what can be had soonest, of one kind, for so many credits; “not now” comes last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.calendar.school_calendar import Days
from marketplace.clock import today
from marketplace.listings.details import Details
from marketplace.listings.free_days import first_free_day
from marketplace.search.criteria import SearchCriteria, SearchResult
from marketplace.search.index.checking import compare
from marketplace.search.index.keeping import folder_of, keep_up
from marketplace.search.index.writing import catch_up
from marketplace.search.queries import search
from marketplace.term_clock.service import answer
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.calendar.factories import told
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

MONDAY = date(2026, 11, 30)
TUESDAYS, FRIDAYS = Details(weekdays=(1,)), Details(weekdays=(4,))
SPRING = Details(half_terms=("2026-3",))


@pytest.fixture
def be_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    def move(day: date) -> None:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: noon)

    move(MONDAY)
    return move


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school())


@pytest.fixture
def them(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Ash School"))


def found(app: Skillbank, us: Actor, **criteria: object) -> dict[str, SearchResult]:
    """What we find by the index as it is, by title, in its order."""
    with saved(app) as session:
        rows = search(session, us, SearchCriteria(**{"sort": "soonest", **criteria})).page.rows
        return {row.title: row for row in rows}


def test_the_first_day_is_a_school_day_of_the_weekdays_and_half_terms() -> None:
    assert first_free_day((), (), (), MONDAY) is None
    assert first_free_day((), (1,), (), MONDAY) == date(2026, 12, 1)
    assert first_free_day((), (0, 1), (), MONDAY) == MONDAY
    assert first_free_day((), (), ("2026-3",), MONDAY) == date(2027, 1, 4)
    assert first_free_day((), (4,), ("2026-1",), MONDAY) is None
    inset = Days("inset", "", date(2026, 12, 1), date(2026, 12, 1))
    assert first_free_day((inset,), (1,), (), MONDAY) == date(2026, 12, 8)
    # From the holidays on, it is the first such day of the next term.
    assert first_free_day((), (1,), (), date(2026, 12, 24)) == date(2027, 1, 5)


def test_the_soonest_free_come_first_and_stay_right_as_days_pass(
    app: Skillbank, us: Actor, them: Actor, be_on: Callable[[date], None]
) -> None:
    with saved(app) as session:
        for title, details in (
            ("Spring", SPRING), ("Whenever", Details()), ("Friday", FRIDAYS), ("Tuesday", TUESDAYS),
        ):  # fmt: skip
            posted(them, title=title, details=details)
        indexed(session)
    rows = found(app, us)
    assert list(rows) == ["Tuesday", "Friday", "Spring", "Whenever"]
    assert rows["Tuesday"].free_on == date(2026, 12, 1)
    assert rows["Whenever"].free_on is None
    be_on(date(2026, 12, 2))
    # The index still has yesterday, of which nothing is said.
    rows = found(app, us)
    assert (next(iter(rows)), rows["Tuesday"].free_on) == ("Friday", None)
    with saved(app) as session:
        folder = folder_of(app)
        assert (compare(session, folder).all, len(compare(session, folder).aged)) == ([], 1)
        keep_up(session, folder)
        assert compare(session, folder).aged == ()
    rows = found(app, us)
    assert list(rows) == ["Friday", "Tuesday", "Spring", "Whenever"]
    assert rows["Tuesday"].free_on == date(2026, 12, 8)


def test_the_term_dates_of_the_school_count(
    app: Skillbank, us: Actor, them: Actor, be_on: Callable[[date], None]
) -> None:
    with saved(app) as session:
        posted(them, title="Tuesday", details=TUESDAYS)
        indexed(session)
        told(them, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1))
    with saved(app) as session:
        catch_up(session, folder_of(app))
    assert found(app, us)["Tuesday"].free_on == date(2026, 12, 8)


def test_a_row_says_from_when_and_kinds_and_costs_are_filters(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        posted(them, title="Coach", minutes=60, details=Details(format="coaching", weekdays=(1,)))
        posted(them, title="Visit", minutes=120, details=Details(format="visit"))
        posted(them, title="Governor", minutes=360, details=Details(format="governance"))
        indexed(session)
    browser = Browser(client).be(us).get("/search?format=coaching&format=visit&sort=soonest")
    titles = [link.get_text() for link in browser.page.select(".result h3 a")]
    assert titles == ["Coach", "Visit"]
    day = first_free_day((), (1,), (), today())
    assert f"from {day.day} {day:%b}" in browser.page.select_one(".result-cost").get_text()
    chips = [chip.get_text() for chip in browser.page.select(".search-chips li")]
    assert [chip.split(":")[0] for chip in chips] == [
        "Coaching", "A visit to the school that gives it",
    ]  # fmt: skip
    facets = browser.page.select_one(".search-filters").get_text(" ", strip=True)
    assert "Governance 1" in facets
    assert "Up to 1 credit 1 Up to 2 credits 2" in facets
    browser.get("/search?cost=120&sort=newest")
    titles = [link.get_text() for link in browser.page.select(".result h3 a")]
    assert titles == ["Visit", "Coach"]


@pytest.mark.parametrize("sort", ["best", "newest", "nearest", "soonest"])
def test_offers_of_a_school_that_said_not_now_are_last_and_say_so(
    app: Skillbank, us: Actor, them: Actor, be_on: Callable[[date], None], sort: str
) -> None:
    with saved(app) as session:
        other = actor_for(joined_school(easting=9_000, northing=9_000))
        posted(
            other, title="Reading", description="Phonics, too.", topics=("music",), details=SPRING
        )
        posted(them, title="Phonics", details=TUESDAYS)
        posted(them, title="Phonics please", kind="request")
        indexed(session)
        assert answer(session, them, "no").ask_again_on == date(2027, 1, 4)
    with saved(app) as session:
        catch_up(session, folder_of(app))
    wanted = {"words": "phonics", "sort": sort, "position": (1, 1)}
    rows = found(app, us, kind="offer", **wanted)
    assert list(rows) == ["Reading", "Phonics"]
    assert rows["Phonics"].ask_again_on == date(2027, 1, 4)
    assert rows["Phonics"].free_on == date(2027, 1, 5)
    assert rows["Reading"].ask_again_on is None
    # Who said not now may still be told that there is help.
    assert found(app, us, kind="request", **wanted)["Phonics please"].ask_again_on is None
    be_on(date(2027, 1, 4))
    rows = found(app, us, kind="offer", **wanted)
    assert rows["Phonics"].ask_again_on is None
    if sort != "nearest":
        assert next(iter(rows)) == ("Reading" if sort == "soonest" else "Phonics")


def test_the_row_of_a_school_that_said_not_now_says_until_when(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        posted(them, title="Phonics", details=TUESDAYS)
        indexed(session)
        day = answer(session, them, "no").ask_again_on
    text = Browser(client).be(us).get("/search").page.select_one(".result").get_text()
    assert f"Not now: ask again from {day.day} {day:%B %Y}" in text
    assert ", from " not in text
