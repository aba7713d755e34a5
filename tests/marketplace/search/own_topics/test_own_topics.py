"""The operator changes the topics, and every page and process follows."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import Conflict, Refusal
from marketplace.listings.topics import BUILT_IN, Entry, Topics, current_topics
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.search import remembering
from marketplace.search.criteria import SearchCriteria
from marketplace.search.index.keeping import folder_of, keep_up
from marketplace.search.own_topics.service import (
    add_topic,
    bring_topic_back,
    change_topic,
    retire_topic,
)
from marketplace.search.own_words.queries import additions
from marketplace.search.queries import search
from marketplace.search.words.topics import topics_of
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.search.factories import indexed
from tests.marketplace.search.own_topics.factories import added, renamed, retired

MATHS, ENGLISH = "maths-science", "english-languages"


def test_a_topic_is_renamed_and_moved_wherever_it_is_seen(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        giver, looking, desk = (
            actor_for(joined_school()),
            actor_for(joined_school()),
            operator(),
        )
        posted(giver, title="Choir", description="What it is for whom.", topics=("music",))
        indexed(session)
    browser = Browser(client).be(desk).get("/network/topics/music")
    browser.submit("Save", name="Orchestral work", group=MATHS, more_words="Sing Up\nzither club")
    assert browser.status == 200
    assert "Renamed from “Music”" in browser.text
    assert "Moved from Humanities, arts and PE to Mathematics" in browser.text
    with saved(app) as session:
        assert {one.phrase for one in additions(session)} == {"sing up", "zither club"}
        keep_up(session, folder_of(app))
        found = search(session, looking, SearchCriteria(words="orchestral", exactly=True))
        assert [one.title for one in found.page.rows] == ["Choir"]
        assert SavedCriteria(values={"topic": ("music",)}).in_words() == (
            "Every offer, Orchestral work"
        )
    browser.be(looking).get(f"/search?topic={MATHS}")
    assert "Choir" in browser.text
    facet = browser.page.select_one('input[name="topic"][value="music"]').find_parent("details")
    assert "Mathematics, science and technology" in facet.get_text()
    assert "Orchestral work" in facet.get_text()
    browser.get("/listings/new")
    assert "Orchestral work" in browser.text


def test_an_added_topic_can_be_chosen_at_once(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        desk, us = operator(), actor_for(joined_school())
    browser = Browser(client).be(desk).get("/network/topics")
    browser.submit("Add it", name="Clubs & trips", group="")
    browser.submit("Add it", name="Robotics", group="clubs-trips")
    assert "Added to Clubs & trips" in browser.text
    browser.submit("Add it", name="robotics", group="clubs-trips")
    assert browser.status == 422
    assert "“Robotics” is the name of another topic or group" in browser.text
    browser.be(us).get("/listings/new")
    assert browser.page.select_one('input[name="topics"][value="robotics"]') is not None
    with app.app_context():
        assert "robotics" in topics_of("Robotics for beginners")


def test_a_retired_topic_stays_where_it_is_and_leads_to_another(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        giver, looking, desk = (
            actor_for(joined_school()),
            actor_for(joined_school()),
            operator(),
        )
        old = posted(giver, title="Old drums", topics=("music",)).id
        posted(giver, title="A play", topics=("drama",))
        indexed(session)
    browser = Browser(client).be(desk).get("/network/topics/music/retire")
    browser.submit("Retire it", successor="drama")
    assert "it leads to Drama and dance" in browser.text
    browser.be(looking).get("/search?topic=music")
    assert "Old drums" in browser.text
    assert "A play" in browser.text
    browser.be(giver).get("/listings/new?topic=music")
    assert browser.page.select_one('input[name="topics"][value="music"]') is None
    browser.get(f"/listings/new?copy={old}")
    assert browser.page.select_one('input[name="topics"][value="music"]') is None
    browser.get(f"/listings/{old}/change").submit("Save the changes", title="Old drums, tuned")
    assert browser.status == 200
    assert "Music" in browser.text
    with app.app_context():
        assert "music" not in topics_of("music lessons")
    browser.be(desk).get("/network/topics/music").submit("Offer it again")
    browser.be(giver).get("/listings/new?topic=music")
    assert browser.page.select_one('input[name="topics"][value="music"]') is not None


def test_another_process_knows_soon(
    app: Skillbank, made_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(made_url) as other:
        with other.app_context():
            before = current_topics()
            assert current_topics() is before
        with saved(app):
            slug = added(operator())
        with app.app_context():
            assert slug in current_topics().offered
        with other.app_context():
            assert slug not in current_topics().offered
            monkeypatch.setattr(remembering, "SECONDS", 0.0)
            assert slug in current_topics().offered
            assert current_topics() is current_topics()


@pytest.mark.parametrize(
    ("name", "group", "field"),
    [
        ("", MATHS, "name"),
        ("!!!", MATHS, "name"),
        ("x" * 61, MATHS, "name"),
        ("MUSIC", MATHS, "name"),
        ("Running the School", "", "name"),
        ("Robotics", "no-such-group", "group"),
        ("Robotics", "music", "group"),
    ],
)
def test_a_name_or_group_that_cannot_be_is_refused(
    app: Skillbank, name: str, group: str, field: str
) -> None:
    with saved(app) as session:
        with pytest.raises(Refusal) as refused:
            add_topic(session, operator(), name, group=group, idempotency_key="one")
        assert refused.value.field == field


def test_slugs_are_never_used_again_and_nothing_is_overwritten_unseen(app: Skillbank) -> None:
    with saved(app) as session:
        desk = operator()
        assert added(desk, "Robotics") == "robotics"
        renamed(desk, "robotics", "Machines", MATHS)
        assert added(desk, "Robotics") == "robotics-2"
        with pytest.raises(Conflict):
            change_topic(
                session, desk, "robotics", name="Robots", group=MATHS, version=1,
                idempotency_key="stale",
            )  # fmt: skip
        with pytest.raises(Refusal, match="has topics"):
            retire_topic(session, desk, MATHS, idempotency_key="full")
        retired(desk, "robotics-2")
        with pytest.raises(Refusal):
            retire_topic(session, desk, "robotics", successor="robotics-2", idempotency_key="no")
        assert added(desk, "Empty", "") == "empty"
        retired(desk, "empty")
        with pytest.raises(Refusal):
            add_topic(session, desk, "One more", group="empty", idempotency_key="in retired")
        bring_topic_back(session, desk, "empty", idempotency_key="back")
    with app.app_context():
        assert current_topics().groups["empty"] == "Empty"
        db.session.rollback()


def test_a_chain_of_retired_topics_ends_even_if_it_goes_round() -> None:
    chain = Topics(
        [
            Entry("music", "Music", MATHS, True, "drama"),
            Entry("drama", "Drama", MATHS, True, "pe"),
            Entry("maths", "Maths", MATHS, True, "science"),
            Entry("science", "Science", MATHS, True, "maths"),
        ]
    )
    assert chain.led_to("music") == "pe"
    assert chain.led_to("maths") in {"maths", "science"}
    assert chain.led_to("phonics") == "phonics"
    assert "music" in BUILT_IN.offered
