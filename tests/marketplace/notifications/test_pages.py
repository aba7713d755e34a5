"""The list of notifications, where each leads, and the count in the head of every page."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.notifications import queries
from marketplace.notifications.models import Notification
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.telling import Schools, tell


class Told:
    """Their coordinator has been told of some proposals of ours."""

    def __init__(self, app: Skillbank, *titles: str) -> None:
        with saved(app) as session:
            schools = Schools(session)
            self.us, self.them = schools.us, schools.them
            self.colleague = schools.actor("their coordinator")
            self.exchange_ids = [
                proposed(self.us, posted(self.them, title=title)).id for title in titles
            ]
            tell(session)
            self.ids = list(
                session.scalars(
                    sa.select(Notification.id)
                    .where(Notification.person_id == self.them.person_id)
                    .order_by(Notification.id)
                )
            )


def unread(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.page.select(".is-unread .notification-title")]


def badge(browser: Browser) -> str | None:
    number = browser.page.select_one('.site-nav a[href="/notifications"] .nav-badge')
    return " ".join(number.get_text(" ").split()) if number else None


def test_opening_one_leads_to_it_and_marks_it_as_read(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app, "Chess club", "Maths circle")
    browser = Browser(client).be(told.them).get("/notifications")
    assert unread(browser) == [
        "Our School proposes 3 credits for Maths circle",
        "Our School proposes 3 credits for Chess club",
    ]
    assert badge(browser) == "2 unread"
    browser.get(browser.page.select_one(".notification-title")["href"])
    assert browser.path == f"/exchanges/{told.exchange_ids[1]}"
    assert badge(browser) == "1 unread"
    browser.get("/notifications?show=unread")
    assert unread(browser) == ["Our School proposes 3 credits for Chess club"]
    browser.get("/notifications")
    assert len(browser.page.select(".notification")) == 2


def test_all_are_marked_as_read_by_a_button(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app, "Chess club", "Maths circle")
    browser = Browser(client).be(told.them).get("/notifications").submit("Mark all as read")
    assert browser.flashes == ["All notifications are marked as read."]
    assert (unread(browser), badge(browser)) == ([], None)
    assert "Mark all as read" not in browser.buttons
    assert len(unread(Browser(app.test_client()).be(told.colleague).get("/notifications"))) == 2
    assert "Nothing is unread" in browser.get("/notifications?show=unread").text


def test_another_persons_is_not_found(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app, "Chess club")
    for who in (told.us, told.colleague):
        browser = Browser(client).be(who)
        assert browser.get(f"/notifications/{told.ids[0]}").status == 404
    with app.app_context():
        read = db.session.scalars(
            sa.select(Notification.read_at).where(Notification.id == told.ids[0])
        ).one()
        assert read is None


def test_one_of_another_school_asks_before_it_switches(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app, "Chess club")
    with saved(app) as session:
        second = joined_school(name="Second School")
        grant_role(session, session.get_one(Person, told.them.person_id), Role.COORDINATOR, second)
        elsewhere = Actor(
            told.them.person_id, "", frozenset({Role.COORDINATOR}), second.urn, second.name
        )
    browser = Browser(client).be(elsewhere).get(f"/notifications/{told.ids[0]}")
    assert browser.status == 200
    assert "This is about Their School, and you act for Second School now." in browser.text
    assert badge(browser) == "1 unread"
    browser.submit("Act for Their School and open it")
    assert browser.path == f"/exchanges/{told.exchange_ids[0]}"
    assert browser.status == 200
    assert badge(browser) is None


def test_one_of_a_school_where_one_holds_no_role_any_more_is_not_found(
    app: Skillbank, client: FlaskClient
) -> None:
    told = Told(app, "Chess club")
    with saved(app) as session:
        session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == told.them.person_id))
    browser = Browser(client).be(told.them)
    assert browser.get(f"/notifications/{told.ids[0]}").status == 404


def test_an_empty_list_says_what_will_come(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app)
    browser = Browser(client).be(told.them).get("/notifications")
    assert "No notifications yet" in browser.text
    browser.get("/notifications?after=1")
    assert "No more notifications" in browser.text


def test_a_list_goes_on_on_the_next_page(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queries.list_notifications.__kwdefaults__, "limit", 2)
    told = Told(app, "One", "Two", "Three")
    browser = Browser(client).be(told.them).get("/notifications")
    assert [title.split()[-1] for title in unread(browser)] == ["Three", "Two"]
    browser.get(browser.page.select_one(".pager a")["href"])
    assert [title.split()[-1] for title in unread(browser)] == ["One"]
    assert not browser.page.select(".pager a")


def test_what_it_was_about_may_have_gone(app: Skillbank, client: FlaskClient) -> None:
    told = Told(app, "Chess club")
    with saved(app) as session:
        session.execute(sa.update(Notification).values(kind="gone.kind"))
    browser = Browser(client).be(told.them)
    assert "No notifications yet" in browser.get("/notifications").text
    assert browser.get(f"/notifications/{told.ids[0]}").status == 404
