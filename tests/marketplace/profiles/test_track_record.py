"""The track record: what is counted, when, and what is not said."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry, Message
from marketplace.conversations.service import write
from marketplace.exchanges.models import Exchange, State
from marketplace.listings.models import Listing
from marketplace.outbox.worker import Worker
from marketplace.profiles.track_record.counting import count_record
from marketplace.profiles.track_record.models import TrackRecord
from marketplace.profiles.track_record.presenters import record_facts, topic_bars
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school


def record(**figures: object) -> TrackRecord:
    usual = {
        "school_urn": 1,
        "given": 0,
        "received": 0,
        "minutes_given": 0,
        "minutes_received": 0,
        "partners": 0,
        "partners_again": 0,
        "answers": 0,
        "answer_minutes": None,
    }
    return TrackRecord(**(usual | figures))


def test_how_often_each_offer_was_given_is_kept_with_it(app: Skillbank) -> None:
    with saved(app) as session:
        us, them, third = (actor_for(joined_school()) for _ in range(3))
        first = brought_to(State.CONFIRMED, us, them, minutes=120)
        agreed = brought_to(State.AGREED, us, third)
        assert first.enquiry_id != agreed.enquiry_id
        count_record(session, us.school())
        count_record(session, them.school())
        given = {
            exchange.id: session.get_one(
                Listing, session.get_one(Enquiry, exchange.enquiry_id).listing_id
            )
            for exchange in (first, agreed)
        }
        assert given[first.id].times_given == 1
        assert given[first.id].last_given_on == first.delivered_on
        assert (given[agreed.id].times_given, given[agreed.id].last_given_on) == (0, None)
        # What is put right to nothing has not been given.
        first.standing_minutes, first.standing_transaction_id = 0, None
        session.flush()
        count_record(session, us.school())
        assert (given[first.id].times_given, given[first.id].last_given_on) == (0, None)
        session.rollback()


def test_what_is_counted(app: Skillbank) -> None:
    with saved(app) as session:
        us, them, third = (actor_for(joined_school()) for _ in range(3))
        brought_to(State.CONFIRMED, us, them, minutes=120)
        brought_to(State.CONFIRMED, us, third, minutes=60)
        brought_to(State.CONFIRMED, them, us, minutes=30)
        brought_to(State.AGREED, us, third, minutes=60)
        old = brought_to(State.CONFIRMED, us, actor_for(joined_school()), minutes=600)
        long_ago = clock.now() - timedelta(days=400)
        session.execute(
            sa.update(Exchange).where(Exchange.id == old.id).values(updated_at=long_ago)
        )
        counted = count_record(session, us.school())
        assert (counted.given, counted.minutes_given) == (2, 180)
        assert (counted.received, counted.minutes_received) == (1, 30)
        assert (counted.partners, counted.partners_again) == (2, 1)


def test_hours_given_are_told_by_topic_in_round_figures(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        brought_to(State.CONFIRMED, them, us, minutes=600, topics=("science",))
        for topic, minutes in (("phonics", 1140), ("phonics", 90), ("maths", 60)):
            brought_to(State.CONFIRMED, us, them, minutes=minutes, topics=(topic,))
        counted = count_record(session, us.school())
        assert counted.minutes_by_topic == {"phonics": 1230, "maths": 60}
        assert [(bar.hours, bar.width) for bar in topic_bars(counted)] == [
            ("about 20 hours", 100),
            ("a few hours", 10),
        ]
    browser = Browser(client).be(them).get(f"/schools/{us.urn}")
    rows = [row.get_text(" ", strip=True) for row in browser.page.select(".topic-bars tbody tr")]
    assert rows == ["Phonics and early reading about 20 hours", "Mathematics a few hours"]
    assert not browser.get(f"/schools/{them.urn}").page.select(".topic-bars")


def test_the_first_answer_counts_and_not_the_later_ones(app: Skillbank) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        for hours in (1, 3, 50):
            enquiry = asked(them, posted(us))
            _written(session, enquiry, hours_before=hours)
            write(session, us, enquiry, "Yes.", idempotency_key=f"first answer {hours}")
            write(session, us, enquiry, "And yes.", idempotency_key=f"second answer {hours}")
        asked(them, posted(us))
        counted = count_record(session, us.school())
        assert counted.answers == 3
        assert counted.answer_minutes is not None
        assert abs(counted.answer_minutes - 180) <= 1


def test_the_worker_counts_after_an_exchange_and_every_night(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        brought_to(State.CONFIRMED, us, them, minutes=900)
        listing = posted(us).id
    Worker(app).run_once()
    browser = Browser(client).be(them)
    for path in (f"/schools/{us.urn}", f"/listings/{listing}"):
        assert "about 15 hours, in 1 exchange" in browser.get(path).text


@pytest.mark.parametrize(
    ("figures", "facts"),
    [
        ({}, []),
        ({"given": 1, "minutes_given": 60}, [("Help given", "a few hours, in 1 exchange")]),
        ({"given": 9, "minutes_given": 1270}, [("Help given", "about 20 hours, in 9 exchanges")]),
        ({"partners": 1}, [("Partners", "1 school")]),
        (
            {"partners": 7, "partners_again": 3},
            [("Partners", "7 schools, 3 of them more than once")],
        ),
        ({"answers": 4, "answer_minutes": 5}, []),
        ({"answers": 5, "answer_minutes": 240}, [("Answers", "half of 5 enquiries within hours")]),
        (
            {"answers": 8, "answer_minutes": 1441},
            [("Answers", "half of 8 enquiries within 2 days")],
        ),
    ],
)
def test_a_record_in_words(figures: dict[str, int], facts: list[tuple[str, str]]) -> None:
    assert record_facts(record(**figures)) == facts


def test_nothing_counted_says_nothing() -> None:
    assert record_facts(None) == []


def _written(session: Session, enquiry: Enquiry, *, hours_before: int) -> None:
    at = clock.now() - timedelta(hours=hours_before)
    session.execute(sa.update(Enquiry).where(Enquiry.id == enquiry.id).values(created_at=at))
    session.execute(
        sa.update(Message).where(Message.enquiry_id == enquiry.id).values(created_at=at)
    )
