"""Forms that are sent after the session has ended, or for another school than one acts for."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Message
from marketplace.exchanges.models import State
from marketplace.listings.models import Listing
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/listings/new", "Post it", {"title": "Kept title", "description": "Kept\r\nwords & <b>"}),
    ("/listings/{own}/change", "Save the changes", {"title": "Kept title", "topics": ["send"]}),
    ("/listings/{listing}/ask", "Send", {"body": "Kept question"}),
    ("/messages/{enquiry}", "Send", {"body": "Kept answer"}),
    ("/listings/{listing}/propose", "Send the proposal", {"details": "Kept", "minutes": "1.25"}),
    ("/messages/{enquiry}/propose", "Send the proposal", {"details": "Kept", "on_date": "soon"}),
    ("/exchanges/{proposed}/change", "Send the changed proposal", {"details": "Kept details"}),
    ("/exchanges/{proposed}/decline", "Decline", {"reason": "Kept reason"}),
    ("/exchanges/{agreed}/cancel", "Cancel the exchange", {"reason": "Kept reason"}),
    ("/exchanges/{agreed}/deliver", "Ask for confirmation", {"minutes": "2.75", "note": "Kept"}),
]


@pytest.fixture
def places(app: Skillbank, jo: Person) -> dict[str, int]:
    """Numbers for the addresses of forms that a coordinator of Hope Primary may fill in."""
    with saved(app) as session:
        ours = actor_for(session.scalars(sa.select(School)).one())
        other = actor_for(joined_school(name="Other School"))
        proposed = brought_to(State.PROPOSED, ours, other)
        return {
            "own": posted(ours).id,
            "listing": posted(other, title="Theirs").id,
            "proposed": proposed.id,
            "enquiry": proposed.enquiry_id,
            "agreed": brought_to(State.AGREED, ours, other).id,
        }


@pytest.mark.parametrize("how", ["the session has ended", "the token is of another session"])
@pytest.mark.parametrize(("path", "button", "typed"), FORMS)
def test_what_was_typed_outlives_the_session(
    app: Skillbank,
    jo: Person,
    browser: Browser,
    places: dict[str, int],
    path: str,
    button: str,
    typed: dict[str, Any],
    how: str,
) -> None:
    browser.be(jo).get(path.format(**places))
    shown = browser.values(button)
    before = everything(app)
    if how == "the session has ended":
        browser.end_session()
        browser.submit(button, **typed)
        assert browser.status == 401
        assert "Your session has ended. We have kept what you typed" in browser.text
        browser.submit("Sign in", email=jo.email, password="wrong password")
        browser.submit("Sign in", email=jo.email, password="correct horse battery")
        assert browser.status == 200
    else:
        browser.be(jo)
        browser.submit(button, **typed)
        assert browser.status == 409
    assert "Nothing has been sent yet" in browser.text
    browser.submit("Carry on")
    assert (browser.status, browser.path) == (200, path.format(**places))
    kept = browser.values(button)
    for name, value in typed.items():
        wanted = value if isinstance(value, list) else [value]
        assert [one.replace("\r", "") for one in kept[name]] == [
            one.replace("\r", "") for one in wanted
        ]
    assert kept["idempotency_key"] == shown["idempotency_key"]
    assert kept.get("version") == shown.get("version")
    assert everything(app) == before


def everything(app: Skillbank) -> list[int]:
    with saved(app) as session:
        return [
            session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0
            for table in ("listing", "message", "exchange", "exchange_event")
        ] + [session.scalar(sa.select(sa.func.sum(Listing.version))) or 0]


def test_what_was_kept_can_be_sent(
    app: Skillbank, jo: Person, browser: Browser, places: dict[str, int]
) -> None:
    browser.be(jo).get(f"/listings/{places['listing']}/ask")
    browser.end_session()
    browser.submit("Send", body="Kept question")
    browser.submit("Sign in", email=jo.email, password="correct horse battery")
    browser.submit("Carry on").submit("Send")
    assert browser.flashes == ["Your question has been sent to Other School."]
    with saved(app) as session:
        last = session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        assert (last.body, last.author_id) == ("Kept question", jo.id)


def test_a_kept_form_is_for_the_school_it_was_filled_in_for(
    app: Skillbank, browser: Browser
) -> None:
    with saved(app):
        first, second = joined_school(name="Ash School"), joined_school(name="Beech School")
        jo = PersonFactory(roles=[(Role.COORDINATOR, first), (Role.COORDINATOR, second)])
    browser.be(jo).get("/home").submit("Switch", membership=f"school:{second.urn}")
    browser.get("/listings/new")
    browser.end_session()
    said = draft()
    browser.submit(
        "Post it",
        title=said.title,
        description=said.description,
        topics=list(said.topics),
        phases=list(said.phases),
        minutes="3",
    )
    browser.submit("Sign in", email=jo.email, password="correct horse battery")
    browser.submit("Carry on").submit("Post it")
    assert browser.status == 200
    with saved(app) as session:
        assert session.scalars(sa.select(Listing.school_urn)).one() == second.urn


def test_a_form_is_not_sent_for_a_school_one_has_switched_to_since(
    app: Skillbank, browser: Browser
) -> None:
    with saved(app):
        first, second = joined_school(name="Ash School"), joined_school(name="Beech School")
        jo = PersonFactory(roles=[(Role.COORDINATOR, first), (Role.COORDINATOR, second)])
        listing_id = posted(actor_for(joined_school())).id
    browser.be(jo).get(f"/listings/{listing_id}/ask")
    values = browser.values("Send") | {"body": ["For Ash"]}
    browser.get("/home").submit("Switch", membership=f"school:{second.urn}")
    browser.post(f"/listings/{listing_id}/ask", values)
    assert browser.status == 409
    assert "You have switched to another school" in browser.errors[0]
    assert browser.values("Send")["body"] == ["For Ash"]


def test_too_much_at_once_is_refused_signed_in_or_not(jo: Person, browser: Browser) -> None:
    big = {"body": ["x" * 300_000], "csrf_token": ["x"]}
    for who in (None, jo):
        if who is not None:
            browser.be(who)
        browser.post("/listings/1/ask", big)
        assert browser.status == 413
        assert browser.heading == "That is too much at once"
