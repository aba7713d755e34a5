"""Drafts, templates and copies; topics by typing and out of a title."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import NotFound, Refusal
from marketplace.listings import drafts
from marketplace.listings.details import Details
from marketplace.listings.draft_models import ListingDraft
from marketplace.listings.formats import DURATIONS, Format
from marketplace.listings.models import Kind, Listing, Mode
from marketplace.listings.service import check, hand_over_listings
from marketplace.listings.templates import Template, templates
from marketplace.listings.topics import BUILT_IN, PHASES
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft as content
from tests.marketplace.listings.factories import drafted, posted
from tests.marketplace.listings.test_forms import GOOD
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary"))


@pytest.fixture
def browser(client: FlaskClient, us: Actor) -> Browser:
    return Browser(client).be(us)


def number_of_drafts(app: Skillbank) -> int:
    with saved(app) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ListingDraft)) or 0


def test_a_draft_takes_anything_and_is_gone_on_with(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    odd = {"title": "x" * 300, "minutes": "an hour", "expires_on": "soon", "topics": ["phonics"]}
    browser.get("/listings/new?kind=request").submit("Save as a draft", **odd)
    assert browser.status == 200
    assert browser.errors == []
    assert browser.flashes[0].startswith("Saved as a draft.")
    kept = browser.values("Post it")
    assert (kept["title"], kept["minutes"]) == (["x" * 300], ["an hour"])
    assert (kept["expires_on"], kept["topics"]) == (["soon"], ["phonics"])
    browser.submit("Save as a draft", title="Phonics, half a thought")
    assert number_of_drafts(app) == 1
    with saved(app) as session:
        colleague = Browser(app.test_client()).be(actor_for(session.get_one(School, us.school())))
    colleague.get("/listings?show=drafts")
    assert "Phonics, half a thought" in colleague.text
    draft_url = colleague.page.select_one("a.row-link")["href"]
    colleague.get(draft_url).submit("Post it", **(GOOD | {"expires_on": ""}))
    assert colleague.heading == "Phonics coaching"
    assert number_of_drafts(app) == 0
    assert browser.get(draft_url).status == 404


def test_what_a_script_has_saved_is_one_draft_and_goes_with_the_posting(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    values = browser.get("/listings/new").values("Post it")
    for title in ("P", "Phon", "Phonics"):
        answer = browser.client.post(
            "/listings/drafts",
            data=values | {"title": [title]},
            headers={"Accept": "application/json", "Origin": "http://localhost"},
        )
        assert answer.status_code == 200
        assert set(answer.json) == {"draft", "saved"}
    with saved(app) as session:
        assert [row.title for row in session.scalars(sa.select(ListingDraft))] == ["Phonics"]
    browser.submit("Post it", **GOOD)
    assert browser.status == 200
    assert number_of_drafts(app) == 0


def test_another_school_finds_no_draft(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        draft = drafted(us)
        other = actor_for(joined_school())
        for act in (drafts.get_draft, drafts.delete_draft):
            with pytest.raises(NotFound):
                act(session, other, draft.id)
        mine = drafts.save_draft(
            session,
            other,
            {"title": ["Theirs"]},
            draft_id=draft.id,
            idempotency_key=secrets.token_urlsafe(16),
        )
        assert (mine.id != draft.id, draft.title) == (True, "Half a thought")


def test_drafts_are_deleted_by_hand_and_after_a_year(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app):
        drafted(us)
    browser.get("/listings?show=drafts").submit("Delete the draft")
    assert browser.flashes == ["The draft is deleted."]
    assert "No drafts" in browser.text
    with saved(app) as session:
        drafted(us)
        assert drafts.purge_drafts(session, clock.now() - timedelta(days=1)) == 0
        assert drafts.purge_drafts(session, clock.now() + timedelta(days=1)) == 1


def test_drafts_go_on_at_the_school_that_carries_on(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        draft, new = drafted(us), actor_for(joined_school())
        hand_over_listings(session, us.school(), new.school())
        assert drafts.get_draft(session, new, draft.id).title == "Half a thought"


def test_there_is_an_end_to_drafts(
    app: Skillbank, us: Actor, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    with saved(app):
        drafted(us)
        with pytest.raises(Refusal):
            drafted(us)
    browser.get("/listings/new").submit("Save as a draft", title="One more")
    assert browser.status == 422
    assert "Your school has 1 drafts." in browser.errors[0]
    assert browser.values("Post it")["title"] == ["One more"]


def test_what_no_database_holds_is_left_out(app: Skillbank, us: Actor) -> None:
    with saved(app):
        draft = drafted(us, title=["a\0b"], description=["y" * 20_000], topics=["t"] * 500)
        assert draft.typed["title"] == ["ab"]
        assert len(draft.typed["description"][0]) == drafts.LONGEST_VALUE
        assert len(draft.typed["topics"]) == drafts.MOST_VALUES


def test_every_template_can_be_posted_once_it_is_filled_in(app: Skillbank, us: Actor) -> None:
    assert len(templates()) >= 12
    with app.app_context():
        session = db.session()
        school = session.get_one(School, us.school())
        for slug, template in templates().items():
            _can_be_posted(session, school, slug, template)


def _can_be_posted(session: Session, school: School, slug: str, template: Template) -> None:
    values = template.values
    assert set(values["topics"]) <= set(BUILT_IN.by_slug), slug
    assert set(values["phases"]) <= set(PHASES), slug
    assert values["format"] in list(Format), slug
    assert int(values["duration"]) in DURATIONS, slug
    assert values["kind"] in list(Kind), slug
    assert values["mode"] in list(Mode), slug
    check(
        session,
        content(
            **{name: values[name] for name in ("kind", "title", "description", "mode", "minutes")},
            topics=tuple(values["topics"]),
            phases=tuple(values["phases"]),
        ),
        school,
    )


def test_a_listing_begins_with_a_template_or_a_copy(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app) as session:
        details = Details(format="coaching", capacity=9, half_terms=("2026-1",))
        ours = posted(us, title="Piano for all", details=details)
        old = posted(us, title="Choir of last year")
        old.created_at -= timedelta(days=500)
        theirs = posted(actor_for(joined_school())).id
        session.flush()
        ours_id, old_id = ours.id, old.id
    browser.get("/listings/start")
    assert "Of earlier years" in browser.text
    assert "Choir of last year" in browser.text
    links = [link["href"] for link in browser.page.select("main .short-list a")]
    assert f"/listings/new?copy={ours_id}" in links
    assert f"/listings/new?copy={old_id}" in links
    copy = browser.get(f"/listings/new?copy={ours_id}").values("Post it")
    assert (copy["title"], copy["capacity"]) == (["Piano for all"], ["9"])
    assert "half_terms" not in copy
    template = next(link for link in links if "template=" in link)
    words = {"title": "Phonics for all", "description": "We watch a lesson, and talk it through."}
    browser.get(template).submit("Post it", **words)
    assert (browser.status, browser.errors) == (200, [])
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 4
    assert browser.get(f"/listings/new?copy={theirs}").status == 404
    assert browser.get("/listings/new?template=nothing").status == 404
    assert browser.get("/listings/new?draft=999999").status == 404
    assert browser.get("/listings/new?draft=x&copy=y").status == 200


def test_topics_are_suggested_and_typed(app: Skillbank, us: Actor, browser: Browser) -> None:
    browser.get("/listings/new").submit("Choose topics by the title", title="KS1 phonics coaching")
    assert browser.status == 200
    assert browser.errors == []
    assert sorted(browser.values("Post it")["topics"]) == ["coaching", "phonics"]
    typed = {"topics": None, "more_topics": "maths mastery, Design and technology"}
    browser.submit("Post it", **(GOOD | typed))
    assert browser.status == 200
    assert "Maths mastery" in browser.text
    assert "Design and technology" in browser.text
    browser.get("/listings/new").submit("Post it", **GOOD, more_topics="juggling with fire")
    assert browser.status == 422
    assert "We know no topic called “juggling with fire”." in browser.errors[0]
    answer = browser.client.get("/listings/topics?title=Little+Wandle+phonics")
    assert answer.json == {"topics": [{"slug": "phonics", "name": "Phonics and early reading"}]}
    assert browser.client.get("/listings/topics").json == {"topics": []}


def test_a_template_is_not_posted_before_its_gaps_are_filled_in(browser: Browser) -> None:
    browser.get("/listings/new?template=phonics-coaching").submit("Post it")
    assert browser.errors == [
        "Replace what stands in brackets: [two]. It came with the template.",
        "Replace what stands in brackets: [the programme]. It came with the template.",
    ]
    # Other brackets are people's own.
    browser.submit("Post it", title="Phonics [KS1]", description="For schools that teach it.")
    assert browser.heading == "Phonics [KS1]"
