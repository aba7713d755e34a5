"""A school's start page besides what is its turn: what comes, what fits, who knows, what ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.listings.details import Details
from marketplace.outbox.worker import Worker
from marketplace.settings import Policy
from marketplace.statements.balance_plot import MONTHS, balance_by_month
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import shared
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.search.factories import indexed

GRANT = Policy().joining_grant


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Our School", trust=TrustFactory()))


def rows_below(browser: Browser, heading: str) -> list[str]:
    """The rows of the list below a heading."""
    found = browser.page.find("h2", string=heading)
    return [row.get_text(" ", strip=True) for row in found.find_next("ul").select("li")]


def test_what_is_agreed_for_a_day_to_come_stands_in_the_order_of_the_days(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        them = actor_for(joined_school(name="Their School"))
        for days, gives in ((9, True), (3, False), (0, True)):
            day = today() + timedelta(days=days)
            sides = (us, them) if gives else (them, us)
            brought_to(State.AGREED, *sides, minutes=90, on_date=day)
        brought_to(State.PROPOSED, us, them, on_date=today() + timedelta(days=1))
        brought_to(State.AGREED, them, actor_for(joined_school()), on_date=today())
    browser = Browser(client).be(us).get("/home")
    rows = browser.page.select(".coming-up tbody tr")
    assert [row.select("td")[2].get_text() for row in rows] == ["+1½", "−1½", "+1½"]
    assert "you are helped by Their School" in rows[1].get_text(" ")
    assert "you help Their School" in rows[2].get_text(" ")


def test_what_fits_our_listings_comes_before_what_is_new_near_us(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app) as session:
        posted(us, kind="request", title="Talk in Reception", topics=("phonics",))
        other = actor_for(joined_school(name="Near School"))
        posted(other, title="Early language", topics=("phonics",))
        posted(other, title="Choir", topics=("music",))
        posted(actor_for(joined_school(easting=550_000)), title="Far away", topics=("music",))
        indexed(session)
    Worker(app).run_once()
    with saved(app) as session:
        indexed(session)
    rows = rows_below(Browser(client).be(us).get("/home"), "For you")
    assert rows[0].startswith("Early language")
    assert "fits your request “Talk in Reception”" in rows[0]
    assert [row.split(" ")[0] for row in rows] == ["Early", "Choir"]


def test_how_many_colleagues_share_what_they_know(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        shared(us)
        shared(us, topics=("music",))
        shared(actor_for(joined_school()))
    [row] = rows_below(Browser(client).be(us).get("/home"), "In your trust")
    assert "1 colleague shares what they know, at 1 school" in row


def test_a_listing_that_ends_soon_is_renewed_by_one_press(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        for title, days in (("Soon", 3), ("Later", 60)):
            posted(us, title=title, details=Details(expires_on=today() + timedelta(days=days)))
    browser = Browser(client).be(us).get("/home")
    [row] = rows_below(browser, "Ending soon")
    assert row.startswith("Soon ends on ")
    browser.submit("Renew")
    assert browser.flashes == ["Renewed: it stays up for another half year."]
    assert "Ending soon" not in browser.get("/home").text


def test_the_balance_of_a_year_is_a_bar_a_month(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        book = Book(session)
        code = f"school:{us.urn}"
        bars = balance_by_month(session, book.account(code))
        assert len(bars) == MONTHS
        assert [bar.height for bar in bars[:-1]] == [1] * (MONTHS - 1)
        assert (bars[-1].y, bars[-1].height) == (0, 40)
        # It is drawn anew when the account has another entry.
        other = joined_school()
        book.transfer(code, f"school:{other.urn}", GRANT // 2, key="half", actor="test")
        [*_, last] = balance_by_month(session, book.account(code))
        assert last.words.endswith(f": {GRANT // 2 // 60} credits")
        session.rollback()


def test_nobody_else_is_told_what_only_a_school_itself_shares(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        trust = TrustFactory()
        us, kin = (actor_for(joined_school(trust=trust)) for _ in range(2))
        shared(kin, reach=Reach.SCHOOL)
    [row] = rows_below(Browser(client).be(us).get("/home"), "In your trust")
    assert "Nobody has said yet" in row
