"""Reviews: neither school reads the other's first, and nothing is summed up of too few."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.reviews.models import Review
from marketplace.exchanges.reviews.presenters import opinion
from marketplace.exchanges.reviews.queries import count_opinions, readable_review, reviews_about
from marketplace.exchanges.reviews.rules import FEWEST_PARTNERS, SHOWN_AFTER, WRITTEN_WITHIN
from marketplace.exchanges.reviews.service import (
    answer_review,
    decide_review,
    report_review,
    show_due_reviews,
    write_review,
)
from marketplace.listings.models import Listing
from marketplace.profiles.track_record.counting import count_record
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.reviews.factories import reviewed, shown_review
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator

PRAISE = "She knew every child’s name by noon."


def test_it_is_read_when_both_have_written(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED)
    taker, giver = pair.browser(pair.taker), pair.browser(pair.giver)
    taker.get(f"/exchanges/{exchange_id}")
    taker.get(f"/exchanges/{exchange_id}/review")
    taker.submit("Send it", again="yes", praise=PRAISE, effect="Year 1 blends.")
    assert "The other school reads it when it has written its own" in taker.text
    giver.get(f"/exchanges/{exchange_id}")
    assert "The other school has said how it was" in giver.text
    assert PRAISE not in giver.text
    taker.get(f"/exchanges/{exchange_id}/review")
    taker.submit("Save", again="changed", praise=PRAISE, effect="")
    giver.get(f"/exchanges/{exchange_id}/review")
    assert "What was outstanding" not in giver.text
    giver.submit("Send it", again="yes", effect="We planned it anew for others.")
    assert PRAISE in giver.text
    assert "Answer it" in giver.text
    assert "Would do it again, with changes" in giver.text
    # What can be read stays as it is.
    taker.get(f"/exchanges/{exchange_id}/review")
    assert "so it stays as it is" in taker.text


def test_it_is_read_after_a_while_and_then_the_other_is_too_late(
    app: Skillbank, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange_id = pair.bring(State.CONFIRMED)
    with saved(app) as session:
        reviewed(pair.taker, session.get_one(Exchange, exchange_id))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + SHOWN_AFTER - timedelta(minutes=1))
    with saved(app) as session:
        assert show_due_reviews(session) == 0
        assert reviews_about(session, pair.giver.school()).rows == []
    monkeypatch.setattr(clock, "now", lambda: now + SHOWN_AFTER + timedelta(minutes=1))
    with saved(app) as session:
        assert show_due_reviews(session) == 1
        assert [one.praise for one in reviews_about(session, pair.giver.school()).rows] == [PRAISE]
        exchange = session.get_one(Exchange, exchange_id)
        with pytest.raises(Refusal, match="yours would no longer be free"):
            write_review(session, pair.giver, exchange, again="yes", effect="")


@pytest.mark.parametrize("when", [timedelta(0), WRITTEN_WITHIN + timedelta(days=1)])
def test_it_is_written_about_what_is_confirmed_and_not_long_ago(
    app: Skillbank, pair: Pair, monkeypatch: pytest.MonkeyPatch, when: timedelta
) -> None:
    state = State.DELIVERED if not when else State.CONFIRMED
    exchange_id, now = pair.bring(state), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + when)
    with saved(app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        with pytest.raises(Refusal):
            reviewed(pair.taker, exchange)


def test_one_of_each_school(app: Skillbank, pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED)
    with saved(app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        first = reviewed(pair.taker, exchange)
        assert reviewed(pair.taker, exchange) is first
        with pytest.raises(Conflict):
            reviewed(pair.taker, exchange, again="no")
        with pytest.raises(NotFound):
            reviewed(actor_for(joined_school()), exchange)
        school = session.get_one(School, pair.taker.school())
        with pytest.raises(NotAllowed):
            reviewed(actor_for(school, Role.MEMBER), exchange)
        assert session.scalar(sa.select(sa.func.count()).select_from(Review)) == 1


def test_others_read_only_what_is_shown_and_not_confidential(app: Skillbank, pair: Pair) -> None:
    open_id, secret_id = pair.bring(State.CONFIRMED), pair.bring(State.CONFIRMED)
    with saved(app) as session:
        third = actor_for(joined_school())
        exchange = session.get_one(Exchange, open_id)
        review = reviewed(pair.taker, exchange)
        for reader in (third, pair.giver, operator()):
            with pytest.raises(NotFound):
                readable_review(session, reader, review.id)
        secret = session.get_one(Exchange, secret_id)
        listing = session.get_one(Listing, session.get_one(Enquiry, secret.enquiry_id).listing_id)
        listing.kind, listing.audience, listing.audience_miles = "request", "confidential", 20
        session.flush()
        hidden = reviewed(pair.taker, secret)
        for one in (exchange, secret):
            reviewed(pair.giver, one)
        assert readable_review(session, third, review.id) is review
        for reader in (third, operator()):
            with pytest.raises(NotFound):
                readable_review(session, reader, hidden.id)
        assert readable_review(session, pair.giver, hidden.id) is hidden
        report_review(session, pair.giver, hidden, "It names a child.")
        assert readable_review(session, operator(), hidden.id) is hidden
        with pytest.raises(NotFound):
            readable_review(session, third, hidden.id)
        assert reviews_about(session, pair.giver.school()).rows == [review]


def test_nothing_is_summed_up_of_few_schools(app: Skillbank) -> None:
    with saved(app) as session:
        about = actor_for(joined_school())
        for number in range(FEWEST_PARTNERS):
            said = count_opinions(session, about.school())
            assert (said, opinion(*said)) == ((number, number), "")
            author = actor_for(joined_school())
            shown_review(about, author, again="no")
            shown_review(about, author)  # the latest word of each school counts
        record = count_record(session, about.school())
        assert (record.opinions, record.opinions_again) == (5, 5)
        shown_review(about, author, again="no")
        assert (
            opinion(*count_opinions(session, about.school())) == "4 of 5 schools would do it again"
        )


def test_an_answer_a_report_and_what_the_operator_decides(app: Skillbank, pair: Pair) -> None:
    with saved(app) as session:
        review = shown_review(pair.giver, pair.taker)
        with pytest.raises(NotFound):
            answer_review(session, pair.taker, review, "No.")
        answer_review(session, pair.giver, review, "Thank you.")
        with pytest.raises(Refusal, match="answered already"):
            answer_review(session, pair.giver, review, "Thank you all.")
        third, runs = actor_for(joined_school()), operator()
        report = report_review(session, third, review, "It names a child.")
        assert report_review(session, third, review, "It names a child!") is report
        decide_review(session, runs, review, "hide", "It names a child.", version=1)
        assert reviews_about(session, pair.giver.school()).rows == []
        with pytest.raises(NotFound):
            readable_review(session, third, review.id)
        with pytest.raises(Conflict):
            decide_review(session, runs, review, "restore", "It does not.", version=1)
        decide_review(session, runs, review, "restore", "It does not.", version=2)
        assert reviews_about(session, pair.giver.school()).rows == [review]
        exchange_id = review.exchange_id
    page = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}").text
    assert "Thank you." in page


def test_pages_of_the_school_and_its_offers_show_it(app: Skillbank, pair: Pair) -> None:
    with saved(app) as session:
        review = shown_review(pair.giver, pair.taker)
        count_record(session, pair.giver.school())
        exchange = session.get_one(Exchange, review.exchange_id)
        exchange.title = "Only for our trust"
        listing_id = session.get_one(Enquiry, exchange.enquiry_id).listing_id
        third = actor_for(joined_school())
    browser = pair.browser(third)
    for path in (
        f"/schools/{pair.giver.urn}",
        f"/listings/{listing_id}",
        f"/schools/{pair.giver.urn}/reviews",
    ):
        assert PRAISE in browser.get(path).text
        assert "Only for our trust" not in browser.text
        assert ("Report it" in browser.text) is path.startswith("/schools")
    browser.get(f"/reviews/{review.id}/report")
    browser.submit("Send the report", text="It names a child.")
    assert "The network’s operator looks at it" in browser.text


def test_home_asks_for_it_until_it_is_written(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED)
    taker = pair.browser(pair.taker)
    assert "Say how it was" in taker.get("/home").text
    with saved(pair.app) as session:
        reviewed(pair.taker, session.get_one(Exchange, exchange_id))
    assert "Say how it was" not in taker.get("/home").text
