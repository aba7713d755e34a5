"""A forgotten password: the same answer for every address, and a link that works once."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.models import OneTimeLink, Person
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.worker import Worker
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to, newest_link
from tests.marketplace.test_query_counts import counting

NEW = "four quiet green lamps"
ASKED = "Look at your e-mail"


def ask(app: Skillbank, address: str) -> Browser:
    return (
        Browser(app.test_client()).get("/forgotten-password").submit("Send the link", email=address)
    )


def link_for(app: Skillbank, person: Person) -> str:
    """The link that the worker sends to a person who has asked."""
    assert ask(app, person.email).heading == ASKED
    Worker(app).run_once()
    return newest_link(app, person.email)


def choose(browser: Browser, password: str = NEW) -> Browser:
    return browser.submit("Set the password", new_password=password, repeat_password=password)


def test_a_link_by_email_leads_to_a_new_password(app: Skillbank, jo: Person) -> None:
    earlier = Browser(app.test_client()).sign_in(jo)
    browser = Browser(app.test_client()).get("/sign-in")
    assert browser.page.select('a[href="/forgotten-password"]')
    link = link_for(app, jo)
    assert choose(browser.get(link)).path == "/home"
    assert browser.flashes == [f"Your password is set. Next time, sign in with {jo.email}."]
    assert earlier.get("/home").path.startswith("/sign-in")
    assert Browser(app.test_client()).sign_in(jo).status == 422
    assert Browser(app.test_client()).sign_in(jo, NEW).path == "/home"
    assert emails_to(app, jo.email)[1].subject == "Your password has been changed"
    again = Browser(app.test_client()).get(link)
    assert (again.status, again.heading) == (410, "This link has expired or has been used")


@pytest.mark.parametrize("address", ["nobody@example.org", "off@example.org", "not an address"])
def test_the_answer_tells_nobody_who_has_an_account(
    app: Skillbank, jo: Person, address: str
) -> None:
    with saved(app) as session:
        off = session.get_one(Person, jo.id)
        known = ask(app, jo.email)
        off.email, off.active = "off@example.org", False
    unknown = ask(app, address)
    assert (known.status, known.path, known.text) == (unknown.status, unknown.path, unknown.text)
    Worker(app).run_once()
    assert emails_to(app, address) == []


def test_the_request_does_the_same_for_every_address(app: Skillbank, jo: Person) -> None:
    statements = []
    ask(app, "first@example.org")
    for address in (jo.email, "nobody@example.org"):
        browser = Browser(app.test_client()).get("/forgotten-password")
        with counting(app) as sent:
            browser.submit("Send the link", email=address)
        statements.append([statement.split("(")[0] for statement in sent])
    assert statements[0] == statements[1]
    assert not any("email" in statement.split()[:3] for statement in statements[0])
    with app.app_context():
        events = db.session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "account.reset_asked")
        ).all()
    assert [event.data["person_id"] for event in events] == [None, jo.id, None]


def test_the_request_takes_the_same_time_for_every_address(app: Skillbank, jo: Person) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    browser = Browser(app.test_client()).get("/forgotten-password")
    values = browser.values("Send the link")
    for number in range(40):
        known = bool(number % 2)
        address = jo.email if known else f"{number}@example.org"
        begin = time.perf_counter()
        browser.client.post("/forgotten-password", data=values | {"email": [address]})
        times[known].append(time.perf_counter() - begin)
        with saved(app) as session:
            session.execute(sa.text("DELETE FROM throttle"))
    known_time, unknown_time = median(times[True]), median(times[False])
    assert 0.5 < known_time / unknown_time < 2, (known_time, unknown_time)


def test_opening_the_page_spends_nothing_and_is_kept_nowhere(app: Skillbank, jo: Person) -> None:
    link = link_for(app, jo)
    for _ in range(3):
        browser = Browser(app.test_client()).get(link)
        assert browser.status == 200
        assert browser.answer.headers["Cache-Control"] == "no-store"
        assert browser.answer.headers["Referrer-Policy"] == "strict-origin"
    assert app.test_client().head(link).status_code == 200
    assert choose(browser).path == "/home"


def test_a_guessable_password_is_explained_at_the_field_and_spends_nothing(
    app: Skillbank, jo: Person
) -> None:
    browser = Browser(app.test_client()).get(link_for(app, jo))
    for password in ("password1234", jo.email, "Hope Primary 2026"):
        choose(browser, password)
        assert browser.status == 422
        assert "Three or four words that do not belong together" in browser.errors[0]
        field = browser.page.select_one("#new_password")
        assert field["aria-invalid"] == "true"
        assert not field.get("value")
    assert choose(browser).path == "/home"


def test_a_second_link_ends_the_first(app: Skillbank, jo: Person) -> None:
    first = link_for(app, jo)
    second = link_for(app, jo)
    assert Browser(app.test_client()).get(first).status == 410
    assert Browser(app.test_client()).get(second).status == 200


def test_a_link_works_for_an_hour(
    app: Skillbank, jo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, now = link_for(app, jo), clock.now()
    for minutes, status in ((59, 200), (61, 410)):
        monkeypatch.setattr(clock, "now", lambda now=now + timedelta(minutes=minutes): now)
        assert Browser(app.test_client()).get(link).status == status


def test_the_form_of_a_link_that_has_just_been_used_changes_nothing(
    app: Skillbank, jo: Person
) -> None:
    link = link_for(app, jo)
    slow = Browser(app.test_client()).get(link)
    choose(Browser(app.test_client()).get(link))
    assert choose(slow, "three quiet rivers").status == 410
    assert Browser(app.test_client()).sign_in(jo, NEW).path == "/home"


def test_nobody_fills_a_persons_mailbox(
    app: Skillbank, jo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    for minute in range(0, 60, 2):
        monkeypatch.setattr(clock, "now", lambda now=now + timedelta(minutes=minute): now)
        assert ask(app, jo.email).heading == ASKED
        assert ask(app, f" {jo.email.upper()}").heading == ASKED
    Worker(app).run_once()
    assert 3 <= len(emails_to(app, jo.email)) <= 8


def test_the_table_of_links_has_only_the_hash(app: Skillbank, jo: Person) -> None:
    token = link_for(app, jo).rsplit("/", 1)[1]
    with app.app_context():
        rows = db.session.execute(sa.select(OneTimeLink.__table__)).all()
    assert token not in repr(rows)


def test_an_empty_address_is_asked_for(app: Skillbank) -> None:
    browser = ask(app, "")
    assert (browser.status, browser.errors) == (422, ["Write your e-mail address."])
