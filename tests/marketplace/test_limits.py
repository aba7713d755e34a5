"""How much can be written: limits by person and by school, counted in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry, Message
from marketplace.conversations.service import write
from marketplace.errors import TooMany
from marketplace.limits import DAY, HOUR, LIMITS, Limit, Writing
from marketplace.listings.models import Listing
from marketplace.web.formats import moment
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Clock:
    """The clock of the marketplace, put forward by hand."""

    def __init__(self) -> None:
        self.instant = NOON

    def forward(self, **time: float) -> None:
        self.instant += timedelta(**time)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hand = Clock()
    monkeypatch.setattr(clock, "now", lambda: hand.instant)
    return hand


def only(monkeypatch: pytest.MonkeyPatch, writing: Writing, *limits: Limit) -> None:
    """Let ``limits`` be the only ones."""
    for kind in Writing:
        monkeypatch.setitem(LIMITS, kind, limits if kind is writing else ())


def test_a_flood_of_messages_ends(app: Skillbank) -> None:
    with saved(app) as session:
        us = actor_for(joined_school())
        enquiry = asked(us, posted(actor_for(joined_school())))
        for number in range(99):
            write(session, us, enquiry, "Hello?", idempotency_key=f"a key of a form {number}")
        with pytest.raises(TooMany, match="100 messages within an hour"):
            write(session, us, enquiry, "Hello?", idempotency_key="one more key of a form")
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 100


def test_a_person_reads_when_it_goes_on_and_loses_nothing(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, time: Clock
) -> None:
    only(monkeypatch, Writing.MESSAGES, Limit("person", 2, HOUR))
    with saved(app):
        us = actor_for(joined_school())
        enquiry_id = asked(us, posted(actor_for(joined_school()))).id
    browser = Browser(client).be(us)
    path = f"/messages/{enquiry_id}"
    time.forward(minutes=20)
    browser.get(path).submit("Send", body="The second.")
    assert browser.status == 200
    time.forward(minutes=20)
    browser.get(path).submit("Send", body="The third.")
    assert browser.status == 429
    assert browser.errors == [
        "You have reached the limit of 2 messages within an hour. What you wrote is still here:"
        f" send it again after {moment(NOON + HOUR)}."
    ]
    assert browser.values("Send")["body"] == ["The third."]
    time.forward(minutes=19, seconds=59)
    assert browser.submit("Send").status == 429
    time.forward(seconds=1)
    assert browser.submit("Send").status == 200
    assert "The third." in browser.text
    # The first is old enough by now, the second not yet.
    assert browser.get(path).submit("Send", body="The fourth.").status == 429
    time.forward(minutes=20)
    assert browser.submit("Send").status == 200


def test_a_double_click_is_no_second_message(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Writing.MESSAGES, Limit("person", 2, HOUR))
    with saved(app) as session:
        us = actor_for(joined_school())
        enquiry = asked(us, posted(actor_for(joined_school())))
        first, again = (
            write(session, us, enquiry, "Hello?", idempotency_key="the key of a form")
            for _ in range(2)
        )
        assert first is again


def test_colleagues_share_the_limit_of_their_school_and_not_of_others(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Writing.MESSAGES, Limit("school", 3, DAY))
    with saved(app) as session:
        school = joined_school()
        us, colleague = actor_for(school), actor_for(school, Role.MEMBER)
        them = actor_for(joined_school())
        enquiry = asked(us, posted(them))
        for number, actor in enumerate((colleague, us, them, them)):
            write(session, actor, enquiry, "Hello?", idempotency_key=f"a key of a form {number}")
        with pytest.raises(TooMany, match="Your school has reached the limit of 3 messages"):
            write(session, colleague, enquiry, "Hello?", idempotency_key="one more of a form")


def new_listing(us: Actor, them: Actor) -> object:
    return posted(us)


def new_conversation(us: Actor, them: Actor) -> object:
    return asked(us, posted(them))


def new_proposal(us: Actor, them: Actor) -> object:
    return proposed(us, posted(them), minutes=15)


@pytest.mark.parametrize(
    ("writing", "by", "act"),
    [
        (Writing.LISTINGS, "person", new_listing),
        (Writing.LISTINGS, "school", new_listing),
        (Writing.CONVERSATIONS, "school", new_conversation),
        (Writing.PROPOSALS, "school", new_proposal),
    ],
)
def test_each_kind_of_writing_has_its_limit(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch, time: Clock, writing: Writing, by, act
) -> None:
    only(monkeypatch, writing, Limit(by, 2, DAY))
    with saved(app) as session:
        us, them, others = (actor_for(joined_school()) for _ in range(3))
        for _ in range(2):
            act(us, them)
            act(others, them)
            time.forward(hours=1)
        with pytest.raises(TooMany, match=f"2 {writing} within a day"), session.begin_nested():
            act(us, them)
        if by == "person":
            act(actor_for(session.merge(joined_school())), them)
        time.forward(hours=22)
        act(us, them)
        with pytest.raises(TooMany), session.begin_nested():
            act(us, them)


def test_going_on_with_a_conversation_is_not_beginning_one(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Writing.CONVERSATIONS, Limit("school", 1, DAY))
    with saved(app) as session:
        us, listing = actor_for(joined_school()), posted(actor_for(joined_school()))
        asked(us, listing)
        asked(us, listing, "And when?")
        assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 1


def test_what_was_refused_does_not_count(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, Writing.LISTINGS, Limit("person", 1, DAY))
    with saved(app):
        us = actor_for(joined_school())
    browser = Browser(client).be(us)
    for _ in range(3):
        assert browser.get("/listings/new").submit("Post it", title="").status == 422
    with saved(app):
        posted(us)
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 1


@pytest.mark.parametrize("writing", Writing)
def test_every_kind_of_writing_is_limited_for_schools(writing: Writing) -> None:
    assert any(limit.by == "school" for limit in LIMITS[writing])
    for limit in LIMITS[writing]:
        assert limit.most > 0
        assert limit.per in (HOUR, DAY)
