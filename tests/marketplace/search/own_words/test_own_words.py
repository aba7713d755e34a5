"""Words that the operator adds: searches know them, whoever wrote the index, and forget them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.errors import Refusal
from marketplace.search.criteria import SearchCriteria
from marketplace.search.index.folder import current, read_state
from marketplace.search.index.keeping import folder_of, keep_up
from marketplace.search.own_words.models import OwnWord
from marketplace.search.own_words.queries import additions
from marketplace.search.own_words.service import add_word, take_word_away
from marketplace.search.queries import search
from marketplace.search.words.vocabulary import Addition, vocabulary, vocabulary_with
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.search.factories import indexed
from tests.marketplace.search.own_words.factories import own_word


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


def test_a_word_is_known_when_the_worker_has_been_there(app: Skillbank, session: Session) -> None:
    giver, looking, desk = actor_for(joined_school()), actor_for(joined_school()), operator()
    posted(giver, title="Phonics", description="What it is for whom.")
    posted(giver, title="Zingo club", description="What it is for whom.", topics=("music",))
    indexed(session)
    folder = folder_of(app)

    def found(words: str) -> set[str]:
        results = search(session, looking, SearchCriteria(words=words, exactly=True))
        return {one.title for one in results.page.rows}

    assert found("blastoff") == set()
    own_word(desk, "Blast-off!", same_as="phonics")
    drums = own_word(desk, "zingo", topic="pe")
    # Until then the index and the searches know what the index was written with.
    assert found("blast off") == set()
    before = current(folder)
    keep_up(session, folder)
    assert current(folder) != before
    assert found("blast off") == {"Phonics"}
    assert found("Zingo") == {"Zingo club"}
    assert "Phonics" not in found("zingo")
    after = current(folder)
    keep_up(session, folder)
    assert current(folder) == after
    # What is written later, or in memory for whoever has just posted, is in the same words.
    posted(
        looking,
        title="Blast off for beginners",
        description="What it is for whom.",
        topics=("music",),
    )
    assert "Blast off for beginners" in found("phonics")
    keep_up(session, folder)
    assert "Blast off for beginners" in found("phonics")
    take_word_away(session, desk, drums.id)
    keep_up(session, folder)
    assert read_state(current(folder)).is_of([Addition("blast off", "phonics", "")])


def test_a_word_for_a_topic_finds_what_has_the_topic(app: Skillbank, session: Session) -> None:
    posted(
        actor_for(joined_school()),
        title="Choir",
        description="What it is for whom.",
        topics=("music",),
    )
    own_word(operator(), "Sing Up", topic="music")
    indexed(session)
    results = search(session, actor_for(joined_school()), SearchCriteria(words="singup sing up"))
    assert [one.title for one in results.page.rows] == ["Choir"]
    assert vocabulary() is vocabulary_with(())
    assert not vocabulary().has(Addition("sing up", "", "music"))


@pytest.mark.parametrize(
    ("phrase", "same_as", "topic", "field"),
    [
        ("", "phonics", "", "phrase"),
        ("!!! 🦄", "phonics", "", "phrase"),
        ("語音", "phonics", "", "phrase"),
        ("of the", "phonics", "", "phrase"),
        ("extraordinarily " * 5, "phonics", "", "phrase"),
        ("a b c d e f g", "phonics", "", "phrase"),
        ("rocket", "", "", "same_as"),
        ("rocket", "語", "", "same_as"),
        ("rocket", "phonics", "phonics", "same_as"),
        ("rocket", "Rocket!", "", "same_as"),
        ("rocket", "", "no such topic", "topic"),
        ("early reading", "phonics", "", "phrase"),
        ("Little Wandle", "", "phonics", "phrase"),
    ],
)
def test_what_says_nothing_or_is_known_already_is_refused(
    session: Session, phrase: str, same_as: str, topic: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        add_word(session, operator(), phrase, same_as=same_as, topic=topic, idempotency_key="one")
    assert refused.value.field == field
    assert additions(session) == ()


def test_the_same_form_twice_adds_one(session: Session) -> None:
    desk = operator()
    first, again = (
        add_word(session, desk, "rocket", same_as="phonics", idempotency_key="one")
        for _ in range(2)
    )
    assert first is again
    with pytest.raises(Refusal):
        add_word(session, desk, "Rocket", same_as="phonics", idempotency_key="two")
    take_word_away(session, desk, first.id)
    take_word_away(session, desk, first.id)
    assert additions(session) == ()
    add_word(session, desk, "Rocket", same_as="phonics", idempotency_key="three")
    assert additions(session) == (Addition("rocket", "phonics", ""),)


def test_the_database_holds_one_of_each_in_force(session: Session) -> None:
    word = own_word(operator(), "rocket")
    session.execute(
        sa.insert(OwnWord).values(
            phrase="rocket", same_as="phonics", topic="", added_by_id=word.added_by_id,
            added_at=clock.now(), taken_away_at=clock.now(), taken_away_by_id=word.added_by_id,
            idempotency_key="x",
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            sa.insert(OwnWord).values(
                phrase="rocket", same_as="phonics", topic="", added_by_id=word.added_by_id,
                added_at=clock.now(), idempotency_key="y",
            )
        )  # fmt: skip


def test_the_operator_adds_sees_and_takes_away(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        desk = operator()
    browser = Browser(client).be(desk).get("/network/search-words")
    assert "Nothing has been added or taken out yet" in browser.text
    assert "Little Wandle".casefold() in browser.text.casefold()
    browser.submit("Add it", phrase="<b>Rocket</b>", same_as="", topic="phonics")
    assert browser.status == 200
    row = browser.page.select_one("tbody tr").get_text(" ", strip=True)
    assert row.startswith("b rocket b Topic: Phonics and early reading")
    assert desk.person_name in row
    browser.submit("Add it", phrase="phonics", same_as="early reading")
    assert browser.status == 422
    assert "The search knows already" in browser.text
    browser.get("/network/search-words").submit("Take away")
    assert "Nothing has been added or taken out yet" in browser.text
    browser.get("/network/search-words?show=taken-away")
    assert browser.page.select_one("tbody tr").get_text().count(desk.person_name) == 2
