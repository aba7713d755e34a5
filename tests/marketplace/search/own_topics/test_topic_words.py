"""Words that the operator takes out of topics, puts back and moves; what retired ones lead to."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.errors import Refusal
from marketplace.search.criteria import SearchCriteria
from marketplace.search.index.keeping import folder_of, keep_up
from marketplace.search.own_topics.service import change_topic
from marketplace.search.own_words.keeping import topics_meant
from marketplace.search.own_words.queries import additions, topics_of_word
from marketplace.search.own_words.service import add_word, take_word_out
from marketplace.search.queries import search
from marketplace.search.words.asked import meanings
from marketplace.search.words.vocabulary import Addition, vocabulary, vocabulary_with
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.search.factories import indexed
from tests.marketplace.search.own_topics.factories import added, retired
from tests.marketplace.search.own_words.factories import own_word


def found(session: Session, actor: Actor, words: str) -> set[str]:
    """The titles that a search for just these words finds."""
    results = search(session, actor, SearchCriteria(words=words, exactly=True))
    return {row.title for row in results.page.rows}


def test_a_word_of_the_product_is_taken_out_and_put_back(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        giver, looking, desk = actor_for(joined_school()), actor_for(joined_school()), operator()
        posted(giver, title="Choir", description="What it is for whom.", topics=("music",))
        posted(giver, title="Ukulele club", description="For beginners.", topics=("drama",))
        indexed(session)
        assert found(session, looking, "ukulele") == {"Choir", "Ukulele club"}
    browser, button = Browser(client).be(desk), "× Take out “ukulele”"
    browser.get("/network/topics/music")
    sent = browser.values(button) | {"phrase": ["ukulele"]}
    browser.submit(button)
    assert "“ukulele” is taken out" in browser.text
    browser.post("/network/topics/music/words/take-out", sent)
    assert "“ukulele” is no word for this topic" in browser.text
    assert button not in browser.buttons
    assert "ukulele" in browser.page.select_one(".taken-out").get_text()
    assert f"Took out “ukulele” {desk.person_name}" in browser.text
    with saved(app) as session:
        assert additions(session) == (Addition("ukulele", "", "music", taken_out=True),)
        keep_up(session, folder_of(app))
        assert found(session, looking, "ukulele") == {"Ukulele club"}
    with app.app_context():
        assert "music" not in topics_meant("ukulele")
    browser.submit("Put back")
    assert browser.page.select_one(".taken-out") is None
    assert "Put back “ukulele”" in browser.text
    with saved(app) as session:
        assert additions(session) == ()
        keep_up(session, folder_of(app))
        assert found(session, looking, "ukulele") == {"Choir", "Ukulele club"}


def test_a_word_that_another_topic_has_is_moved(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        desk = operator()
        slug = added(desk, "Deaf education", "send-inclusion")
    browser = Browser(client).be(desk).get(f"/network/topics/{slug}")
    browser.submit("Save", more_words="Deaf\nhearing impairment\nradio aid\nteacher of the deaf")
    assert browser.status == 200
    assert "Until now “deaf”, “radio aid” meant SEND provision. They are moved" in browser.text
    words = browser.page.select_one(".word-chips").get_text(" ", strip=True)
    assert "hearing impairment = deaf (yours, from SEND provision )" in words
    assert "teacher of the deaf (yours)" in words
    with saved(app) as session:
        for word in ("deaf", "hearing impairment", "radio aid"):
            assert topics_of_word(session, word) == (slug,)
        known = vocabulary_with(additions(session))
        assert {one for word in meanings("deaf", known) for one in word.topics} == {slug}
    browser.get("/network/topics/send")
    assert "now a word for Deaf education" in browser.page.select_one(".taken-out").get_text()
    browser.submit("Put back", "radio aid")
    with saved(app) as session:
        assert topics_of_word(session, "radio aid") == (slug, "send")
        assert topics_of_word(session, "deaf") == (slug,)
        # Given to a topic again, it is not taken out there any more.
        own_word(desk, "hearing impairment", topic="send")
        assert topics_of_word(session, "deaf") == ("send",)


def test_the_page_of_words_says_what_it_moved(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        desk = operator()
    browser = Browser(client).be(desk).get("/network/search-words")
    browser.submit("Add it", phrase="ukulele", same_as="", topic="drama")
    assert "Until now “ukulele” meant Music. It is moved" in browser.text
    rows = browser.page.select_one("tbody").get_text(" ", strip=True)
    assert "No longer the topic: Music" in rows
    browser.submit("Put back")
    with saved(app) as session:
        assert topics_of_word(session, "ukulele") == ("drama", "music")


def test_a_word_for_ages_is_no_word_for_a_topic(app: Skillbank) -> None:
    with saved(app) as session:
        desk = operator()
        with pytest.raises(Refusal, match=r"for whom something is \(Key Stage 2\)") as refused:
            change_topic(
                session, desk, "music", name="Music", group="humanities-arts",
                more_words=["KS2"], version=0, idempotency_key="one",
            )  # fmt: skip
        assert refused.value.field == "more_words"
        with pytest.raises(Refusal, match="means the topic “Music”"):
            add_word(session, desk, "ukulele", topic="music", idempotency_key="two")


def test_what_was_added_is_taken_out_in_all_its_spellings(app: Skillbank) -> None:
    with saved(app) as session:
        desk = operator()
        own_word(desk, "zingo", topic="music")
        own_word(desk, "zingo club", same_as="zingo")
        take_word_out(session, desk, "zingo", topic="music")
        assert additions(session) == (Addition("zingo club", "zingo", ""),)
        take_word_out(session, desk, "no such word", topic="music")
        own_word(desk, "zingo", topic="music")
        assert topics_of_word(session, "zingo club") == ("music",)


def test_taken_out_does_not_come_back_by_what_is_broader() -> None:
    """A word without a topic means those of broader words, but not one that it was taken out of."""
    known = vocabulary()
    narrow = next(
        one
        for one in known.by_token.values()
        if one.topics and any(one.topics & known.by_token[wide].topics for wide in one.broader)
    )
    (topic, *others) = sorted(narrow.topics)
    name = known.name_of(narrow)
    without = vocabulary_with(
        tuple(Addition(name, "", slug, taken_out=True) for slug in (topic, *others))
    )
    meant = {slug for one in meanings(name, without) for slug in one.topics}
    assert topic in {slug for one in meanings(name) for slug in one.topics}
    assert topic not in meant


def test_the_words_of_a_retired_topic_lead_to_the_one_in_its_place(app: Skillbank) -> None:
    with saved(app) as session:
        giver, looking, desk = actor_for(joined_school()), actor_for(joined_school()), operator()
        slug = added(desk, "Zingo practice", "maths-science")
    with saved(app) as session:
        posted(giver, title="A play", description="What it is for whom.", topics=("drama",))
        posted(giver, title="Choir", description="What it is for whom.", topics=("music",))
        posted(giver, title="Its own", description="What it is for whom.", topics=(slug,))
        retired(desk, "music", "drama")
        retired(desk, slug, "drama")
        indexed(session)
        assert found(session, looking, "ukulele") == {"A play", "Choir"}
        assert found(session, looking, "zingo practice") == {"A play", "Its own"}
