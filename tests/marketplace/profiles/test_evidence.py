"""Pieces of evidence: kept by the school, seen by those who see the part “What shows it”."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.errors import AlreadySent, Conflict, NotFound, Refusal
from marketplace.profiles.evidence import queries, service
from marketplace.profiles.evidence.service import is_safe_link
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.service import write_part
from marketplace.profiles.school_page import visible_parts
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import evidenced, piece

TYPED = {
    "kind": "hub",
    "title": "English hub",
    "given_by": "Department for Education",
    "given_in": "2024-09",
    "valid_until": "",
    "link": "https://www.hub.example/us",
    "note": "We work with forty schools.",
    "topics": ["phonics", "reading"],
}


@pytest.fixture
def head(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(), Role.ADMINISTRATOR)


def titles(app: Skillbank, actor: Actor) -> list[str]:
    with saved(app) as session:
        return [one.title for one in queries.own_evidence(session, actor)]


def test_a_piece_is_added_shown_changed_and_removed(
    app: Skillbank, client: FlaskClient, head: Actor
) -> None:
    with saved(app):
        other = actor_for(joined_school())
    browser = Browser(client).be(head).get("/evidence/new").submit("Add it", **TYPED)
    assert browser.flashes == ["Added."]
    browser.be(other).get(f"/schools/{head.urn}")
    shown = browser.page.select_one(".evidence")
    words = " ".join(shown.get_text(" ").split())
    assert words.startswith("Hub role English hub Department for Education, September 2024")
    assert "Phonics and early reading, Reading" in words
    link = shown.select_one("a")
    assert (link["href"], link.text) == ("https://www.hub.example/us", "Read it at hub.example")
    assert {"nofollow", "noopener"} <= set(link["rel"])
    browser.be(head).get("/evidence")
    browser.get(browser.page.select_one("a.btn-sm")["href"])
    browser.submit("Save", title="English hub, lead", given_in="09/2024")
    assert titles(app, head) == ["English hub, lead"]
    browser.get(browser.page.select_one("a.btn-outline-danger")["href"])
    assert browser.heading == "Remove this piece of evidence?"
    browser.submit("Remove it")
    assert titles(app, head) == []
    assert not browser.get(f"/schools/{head.urn}").page.select(".evidence")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"given_in": ""}, "Month: choose a month."),
        ({"given_in": "soon"}, "Month: write a month like"),
        ({"given_in": "2999-01"}, "Month: choose one from 1980 until this month."),
        ({"valid_until": "2020-01"}, "Valid until: choose a month from the one above on"),
        ({"link": "http://hub.example"}, "Link: write the whole address of a page"),
        ({"link": "javascript:alert(1)"}, "Link: write the whole address of a page"),
        ({"title": " "}, "What it is: write something here."),
        ({"kind": None}, "What kind of evidence is it? Choose one."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    app: Skillbank, client: FlaskClient, head: Actor, typed: dict[str, Any], error: str
) -> None:
    browser = Browser(client).be(head).get("/evidence/new").submit("Add it", **(TYPED | typed))
    assert browser.status == 422
    assert [one for one in browser.errors if one.startswith(error)] == browser.errors
    assert browser.values("Add it")["note"] == ["We work with forty schools."]
    assert titles(app, head) == []


def test_pieces_have_the_audience_of_their_part(app: Skillbank) -> None:
    with saved(app) as session:
        us, colleague, other = (actor_for(joined_school()) for _ in range(3))
        evidenced(us)

        def seen_by(actor: Actor) -> tuple[int, int]:
            shown = visible_parts(session, actor, us.school())
            on_page = sum(len(part.pieces) for part in shown)
            return on_page, len(queries.evidence_for(session, actor, us.school(), ["phonics"]))

        assert seen_by(other) == (1, 1)
        write_part(session, us, PartKind.EVIDENCE, "", Audience(Reach.SCHOOL), version=1)
        assert seen_by(other) == seen_by(colleague) == (0, 0)
        assert seen_by(us) == (1, 1)


def test_a_listing_has_what_speaks_for_its_topics(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us, other = actor_for(joined_school()), actor_for(joined_school())
        listing = posted(us, topics=("phonics",))
        evidenced(us, title="Of phonics")
        evidenced(us, title="Of maths", topics=("maths",))
        evidenced(us, title="Of the whole school", topics=())
        evidenced(us, title="Over", valid_until=date(2025, 7, 1))
    browser = Browser(client).be(other).get(f"/listings/{listing.id}")
    assert "What shows it: Of phonics (June 2025)." in browser.text
    for title in ("Of maths", "Of the whole school", "Over"):
        assert title not in browser.text
    browser.get(f"/schools/{us.urn}")
    (expired,) = browser.page.select(".evidence.has-expired")
    assert "Over" in expired.text
    assert "expired after July 2025" in expired.text


def test_a_piece_is_valid_to_the_end_of_its_last_month(app: Skillbank, head: Actor) -> None:
    month = clock.today().replace(day=1)
    with saved(app):
        evidence = evidenced(head, valid_until=month)
        assert not evidence.has_expired(clock.today())
        following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        assert evidence.has_expired(following)


def test_the_verbs_keep_to_the_rules(app: Skillbank, head: Actor) -> None:
    with saved(app) as session:
        other = actor_for(joined_school())
        keys = (f"key number {number} of it" for number in itertools.count())
        for changes, field in (
            ({"title": ""}, "title"),
            ({"title": "x" * 151}, "title"),
            ({"given_in": date(1979, 1, 1)}, "given_in"),
            ({"valid_until": date(2099, 1, 1)}, "valid_until"),
            ({"link": "https://"}, "link"),
            ({"topics": ("no such topic",)}, "topics"),
        ):
            with pytest.raises(Refusal) as refusal:
                service.add_evidence(session, head, piece(**changes), idempotency_key=next(keys))
            assert refusal.value.field == field
        one, again = (
            service.add_evidence(session, head, piece(), idempotency_key="k" * 16) for _ in "12"
        )
        assert one.id == again.id
        with pytest.raises(AlreadySent):
            service.add_evidence(session, head, piece(title="x"), idempotency_key="k" * 16)
        with pytest.raises(NotFound):
            service.remove_evidence(session, other, one.id)
        service.change_evidence(session, head, one.id, piece(title="New"), version=1)
        with pytest.raises(Conflict):
            service.change_evidence(session, head, one.id, piece(title="Newer"), version=1)
        for number in range(service.MOST_PIECES - 1):
            evidenced(head, title=f"Piece {number}")
        with pytest.raises(Refusal):
            evidenced(head)


@pytest.mark.parametrize(
    ("link", "is_safe"),
    [
        ("https://reports.ofsted.gov.uk/provider/21/138340?a=b#c", True),
        ("http://a.example", False),
        ("HTTPS://a.example", False),
        ("https:a.example", False),
        ("https://", False),
        ("https://localhost", False),
        ("https://bank.example@evil.example", False),
        ("https://a.example/\\evil", False),
        ('https://a.example/"onmouseover=x', False),
        ("https://[a", False),
    ],
)
def test_a_link_leads_to_where_it_says(link: str, is_safe: bool) -> None:
    assert is_safe_link(link) == is_safe
