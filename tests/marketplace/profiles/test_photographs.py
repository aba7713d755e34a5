"""The photographs of a school's page: added, shown to whom they are for, moved and removed."""

from __future__ import annotations

import io
import itertools

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.errors import AlreadySent, Conflict, NotFound, Refusal
from marketplace.privacy.holdings import personal_data
from marketplace.profiles.photographs import queries, service
from marketplace.profiles.photographs.forms import CHOOSE_AGAIN
from marketplace.profiles.photographs.models import PhotographFile
from marketplace.profiles.photographs.pictures import BROKEN, NO_PICTURE, TOO_LARGE, read_picture
from marketplace.profiles.photographs.service import FULL, Words
from marketplace.profiles.photographs.views import LARGEST_BODY
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import photographed, picture_file
from tests.marketplace.schools.factories import TrustFactory

NEW = "/profile/photographs/new"
WORDS = Words("Two pupils read", "Paired reading", Audience())


def send(browser: Browser, data: bytes | None, name: str = "a.jpg", **typed: str) -> Browser:
    """Fill in the form of a new photograph as a browser does, with a file."""
    values: dict[str, object] = dict(browser.get(NEW).values("Add it"))
    values |= {"description": "Two pupils read", "people_agreed": "y", "audience": "national"}
    values |= typed
    if data is not None:
        values["picture"] = FileStorage(io.BytesIO(data), name)
    # The client's own encoder would leave a large file open.
    boundary, body = encode_multipart({name: one for name, one in values.items() if one != ""})
    answer = browser.client.post(
        NEW,
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Origin": "http://localhost"},
        follow_redirects=True,
    )
    return browser._stand_on(answer)


def descriptions(app: Skillbank, actor: Actor) -> list[str]:
    with saved(app) as session:
        return [one.description for one in queries.own_photographs(session, actor)]


@pytest.fixture
def head(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(), Role.ADMINISTRATOR)


def test_a_photograph_is_added_and_others_see_it(
    app: Skillbank, client: FlaskClient, head: Actor
) -> None:
    with saved(app):
        other = actor_for(joined_school())
    browser = send(Browser(client).be(head), picture_file(), caption="Paired reading")
    assert browser.flashes == ["Added. It stands on your page now, for those whom you chose."]
    browser.be(other).get(f"/schools/{head.urn}")
    shown = browser.page.select_one(".photographs img")
    assert shown["alt"] == "Two pupils read"
    assert "Paired reading" in browser.text
    for address, size in ((shown["src"], (320, 240)), (shown.parent["href"], (320, 240))):
        answer = client.get(address)
        assert answer.mimetype == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(answer.data)).size == size
        # The browser keeps it, and asks each time whether it may show it.
        cache = answer.headers["Cache-Control"]
        assert {part.strip() for part in cache.split(",")} == {"private", "no-cache"}
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == cache


def test_the_address_of_a_picture_keeps_to_its_audience(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        trust = TrustFactory()
        ours = joined_school(trust=trust)
        us = actor_for(ours)
        people = {
            "colleague": actor_for(ours),
            "trust": actor_for(joined_school(trust=trust)),
            "far": actor_for(joined_school()),
        }
        reaches = (Reach.SCHOOL, Reach.TRUST, Reach.NATIONAL)
        pictures = {reach: photographed(us, reach).id for reach in reaches}
        etag = f"{read_picture(picture_file()).digest[:32]}-full"
    sees = {}
    for who, actor in people.items():
        browser = Browser(client).be(actor)
        sees[who] = [
            reach.value
            for reach, number in pictures.items()
            if browser.get(f"/photographs/{number}/full").status == 200
        ]
        shown = browser.get(f"/schools/{ours.urn}").page.select(".photographs img")
        assert len(shown) == len(sees[who])
    assert sees == {
        "colleague": ["school", "trust", "national"],
        "trust": ["trust", "national"],
        "far": ["national"],
    }
    # Who has the picture already learns no more by asking whether it is still the same.
    hidden = f"/photographs/{pictures[Reach.SCHOOL]}/full"
    assert client.get(hidden, headers={"If-None-Match": f'"{etag}"'}).status_code == 404
    assert browser.get(f"/photographs/{pictures[Reach.NATIONAL]}/huge").status == 404


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"<html><script>alert(1)</script>", "lesson.jpg", NO_PICTURE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "lesson.svg", NO_PICTURE),
        (picture_file()[:-400], "lesson.jpg", BROKEN),
        (b"x" * (9 * 1024 * 1024), "lesson.jpg", TOO_LARGE),
        (b"", "lesson.jpg", NO_PICTURE),
        (None, "", "choose a file."),
    ],
    ids=["html", "svg", "truncated", "large", "empty", "none"],
)
def test_a_file_that_is_no_good_loses_nothing_that_was_typed(
    app: Skillbank, client: FlaskClient, head: Actor, data: bytes | None, name: str, why: str
) -> None:
    browser = send(Browser(client).be(head), data, name, caption="Kept", audience="school")
    assert browser.status == 422
    assert browser.errors == [f"Picture: {why}"]
    assert browser.page.select_one("#picture")["aria-invalid"] == "true"
    values = browser.values("Add it")
    assert (values["description"], values["caption"]) == (["Two pupils read"], ["Kept"])
    assert (values["audience"], values["people_agreed"]) == (["school"], ["y"])
    assert descriptions(app, head) == []


def test_what_is_missing_beside_a_good_picture_is_asked_for(
    app: Skillbank, client: FlaskClient, head: Actor
) -> None:
    browser = send(Browser(client).be(head), picture_file(), description="", people_agreed="")
    assert browser.status == 422
    assert CHOOSE_AGAIN in browser.errors
    assert "What the picture shows: write something here." in browser.errors
    assert any("people in the picture agreed" in error for error in browser.errors)
    assert descriptions(app, head) == []


def test_a_body_that_no_picture_needs_is_refused(client: FlaskClient, head: Actor) -> None:
    browser = send(Browser(client).be(head), b"x" * LARGEST_BODY)
    assert (browser.status, browser.heading) == (413, "That is too much at once")


def test_a_seventh_waits_for_a_place(app: Skillbank, client: FlaskClient, head: Actor) -> None:
    with saved(app):
        for number in range(6):
            photographed(head, description=f"Picture {number}")
    browser = send(Browser(client).be(head), picture_file(), caption="Kept")
    assert browser.status == 422
    assert browser.errors[:1] == [FULL]
    assert browser.values("Add it")["caption"] == ["Kept"]
    first = browser.get("/profile/photographs").page.select_one("a.btn-outline-danger")["href"]
    browser.get(first).submit("Remove the photograph")
    assert browser.flashes == ["Removed: the picture is deleted."]
    send(browser, picture_file())
    assert descriptions(app, head) == [*(f"Picture {n}" for n in range(1, 6)), "Two pupils read"]


def test_photographs_are_moved(app: Skillbank, client: FlaskClient, head: Actor) -> None:
    with saved(app):
        for number in range(3):
            photographed(head, description=f"Picture {number}")
    browser = Browser(client).be(head).get("/profile/photographs")
    browser.submit("Move down picture 1")
    assert descriptions(app, head) == ["Picture 1", "Picture 0", "Picture 2"]
    browser.submit("Move up picture 3")
    assert descriptions(app, head) == ["Picture 1", "Picture 2", "Picture 0"]
    # The first has nowhere to go up to, whoever asks.
    values = browser.values("Move down picture 1")
    browser.post(browser.form("Move down picture 1")["action"], values | {"direction": ["up"]})
    assert descriptions(app, head) == ["Picture 1", "Picture 2", "Picture 0"]


def test_what_is_said_of_a_photograph_is_changed(
    app: Skillbank, client: FlaskClient, head: Actor
) -> None:
    with saved(app) as session:
        number = photographed(head).id
        colleague = actor_for(joined_school())
        with pytest.raises(NotFound):
            service.change_photograph(session, colleague, number, WORDS, version=1)
    browser = Browser(client).be(head).get(f"/profile/photographs/{number}/change")
    browser.submit("Save", description="Our choir", caption="In May", audience="school")
    assert descriptions(app, head) == ["Our choir"]
    with saved(app) as session:
        with pytest.raises(Conflict):
            service.change_photograph(session, head, number, WORDS, version=1)
        said = Words("Our choir", "In May", Audience(Reach.SCHOOL))
        assert service.change_photograph(session, head, number, said, version=1).version == 2


def test_removing_deletes_the_bytes_and_closes_the_gap(app: Skillbank, head: Actor) -> None:
    with saved(app) as session:
        numbers = [photographed(head).id for _ in range(3)]
        count = sa.select(sa.func.count()).select_from(PhotographFile)
        assert session.scalar(count) == 6
        service.remove_photograph(session, head, numbers[0])
        assert session.scalar(count) == 4
        places = [one.place for one in queries.own_photographs(session, head)]
        assert places == [1, 2]


def test_the_same_form_sent_twice_adds_one(app: Skillbank, head: Actor) -> None:
    picture = read_picture(picture_file())
    other = read_picture(picture_file(size=(300, 300)))
    with saved(app) as session:
        one, again = (
            service.add_photograph(
                session, head, picture, WORDS, people_agreed=True, idempotency_key="k" * 16
            )
            for _ in range(2)
        )
        assert one.id == again.id
        with pytest.raises(AlreadySent):
            service.add_photograph(
                session, head, other, WORDS, people_agreed=True, idempotency_key="k" * 16
            )


def test_what_may_not_be_is_refused_by_the_verb_too(app: Skillbank, head: Actor) -> None:
    picture, keys = read_picture(picture_file()), itertools.count()
    with saved(app) as session:
        for words, agreed, field in (
            (WORDS, False, "people_agreed"),
            (Words("", "", Audience()), True, "description"),
            (Words("x" * 301, "", Audience()), True, "description"),
            (Words("x", "x" * 201, Audience()), True, "caption"),
            (Words("x", "", Audience(Reach.CONFIDENTIAL, miles=10)), True, "audience"),
            (Words("x", "", Audience(Reach.TRUST)), True, "audience"),
        ):
            with pytest.raises(Refusal) as refusal:
                service.add_photograph(
                    session,
                    head,
                    picture,
                    words,
                    people_agreed=agreed,
                    idempotency_key=f"key number {next(keys)} of it",
                )
            assert refusal.value.field == field


def test_who_added_one_reads_so_in_their_own_data(app: Skillbank, head: Actor) -> None:
    with saved(app) as session:
        photographed(head, description="Our choir", caption="In May")
        (row,) = personal_data(session, head.person_id)["photographs"]
        assert {"Our choir", "In May", head.urn} <= set(row.values())
