"""A verb refuses what a form asked for: everything is undone, and the form says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import redirect
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import Conflict, Refusal
from marketplace.listings.models import Listing
from marketplace.schools.models import LocalAuthority
from marketplace.web.fields import line
from marketplace.web.forms import VersionedForm, button_was_pressed
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


class NameForm(VersionedForm):
    name = line("Name", most=40)


class Desk:
    """A view that renames a local authority, and what its verb is to do."""

    def __init__(self) -> None:
        self.runs = 0
        self.refusals: list[Refusal] = []

    @access(PUBLIC)
    def view(self) -> ResponseReturnValue:
        self.runs += 1
        form = NameForm(version=self.runs)
        if form.validate_on_submit():
            db.session.add(LocalAuthority(code=f"{self.runs:03}", name=form.name.data))
            db.session.flush()
            if self.refusals:
                raise self.refusals.pop(0)
            return redirect("/")
        count = db.session.scalar(sa.select(sa.func.count()).select_from(LocalAuthority))
        return {
            "errors": [*form.form_errors, *form.name.errors],
            "name": form.name.data,
            "version": form.version.data,
            "rows": count,
        }, form.status

    @access(PUBLIC)
    def button(self) -> ResponseReturnValue:
        self.runs += 1
        if button_was_pressed():
            raise self.refusals[0]
        return redirect("/")


@pytest.fixture
def desk(app: Skillbank) -> Iterator[Desk]:
    desk = Desk()
    app.config["WTF_CSRF_ENABLED"] = False
    rules = {"/desk": lambda: desk.view(), "/button": lambda: desk.button()}
    # The application has answered requests already, and takes routes only before its first.
    answered, app._got_first_request = app._got_first_request, False
    for path, view in rules.items():
        app.add_url_rule(path, path[1:], access(PUBLIC)(view), methods=["GET", "POST"])
    app._got_first_request = answered
    return desk


def test_a_refusal_undoes_everything_and_is_said_over_the_form(
    client: FlaskClient, desk: Desk
) -> None:
    desk.refusals = [Refusal("Not today.")]
    answer = client.post("/desk", data={"name": "Salford"})
    assert answer.status_code == 422
    assert answer.json == {"errors": ["Not today."], "name": "Salford", "version": 2, "rows": 0}
    assert desk.runs == 2


def test_a_refusal_of_a_field_is_said_beside_it(client: FlaskClient, desk: Desk) -> None:
    desk.refusals = [Refusal("Another name.", field="name")]
    answer = client.post("/desk", data={"name": "Salford"})
    assert answer.json is not None
    assert answer.json["errors"] == ["Another name."]


def test_after_a_conflict_the_form_has_the_new_version(client: FlaskClient, desk: Desk) -> None:
    desk.refusals = [Conflict("Someone was first.")]
    answer = client.post("/desk", data={"name": "Salford", "version": "1"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert (answer.json["version"], answer.json["errors"]) == (2, ["Someone was first."])


def test_after_another_refusal_the_form_keeps_the_version_it_was_sent_with(
    client: FlaskClient, desk: Desk
) -> None:
    desk.refusals = [Refusal("Not today.")]
    answer = client.post("/desk", data={"name": "Salford", "version": "1"})
    assert answer.json is not None
    assert answer.json["version"] == "1"


def test_what_is_not_refused_runs_once_and_is_committed(
    app: Skillbank, client: FlaskClient, desk: Desk
) -> None:
    assert client.post("/desk", data={"name": "Salford"}).status_code == 302
    assert desk.runs == 1
    with app.app_context():
        assert db.session.scalars(sa.select(LocalAuthority.name)).all() == ["Salford"]


def test_a_form_that_is_wrong_by_itself_runs_once(client: FlaskClient, desk: Desk) -> None:
    desk.refusals = [Refusal("Not today.")]
    assert client.post("/desk", data={"name": ""}).status_code == 422
    assert desk.runs == 1


def test_what_a_button_was_refused_has_a_page(client: FlaskClient, desk: Desk) -> None:
    desk.refusals = [Conflict("Someone was first.")]
    answer = client.post("/button")
    assert answer.status_code == 409
    assert "Someone was first." in answer.text
    assert desk.runs == 2


def test_the_next_request_knows_nothing_of_a_refusal(client: FlaskClient, desk: Desk) -> None:
    desk.refusals = [Refusal("Not today.")]
    assert client.post("/desk", data={"name": "Salford"}).status_code == 422
    assert client.post("/desk", data={"name": "Salford"}).status_code == 302


LISTING = {
    "title": "Phonics coaching",
    "description": "Half a day with Year 1.",
    "topics": "phonics",
    "phases": "ks1",
    "minutes": "2",
}


def test_a_form_sent_again_with_other_content_loses_nothing(
    app: Skillbank, client: FlaskClient
) -> None:
    """A client that sends the same form twice, from another tab say, is told; both are kept."""
    with saved(app):
        browser = Browser(client).be(actor_for(joined_school()))
    browser.get("/listings/new").submit("Post it", **LISTING)
    browser.get("/listings/new")
    values = browser.values("Post it") | {name: [value] for name, value in LISTING.items()}
    browser.post("/listings/new", values)
    assert browser.flashes == ["Your offer is up: others can find it now."]
    browser.post("/listings/new", values)
    assert browser.status == 200
    browser.post("/listings/new", values | {"title": ["Maths coaching"]})
    assert browser.status == 409
    assert "You have already sent this form with different content" in browser.errors[0]
    assert browser.values("Post it")["title"] == ["Maths coaching"]
    browser.submit("Post it")
    with app.app_context():
        titles = db.session.scalars(sa.select(Listing.title).order_by(Listing.id)).all()
    assert titles == ["Phonics coaching", "Phonics coaching", "Maths coaching"]
