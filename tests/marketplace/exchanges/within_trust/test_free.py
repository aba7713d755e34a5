"""Help that is free within a trust: its whole life, and where it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ledger import Book
from marketplace import clock
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges import service
from marketplace.exchanges.lapsing import lapse_exchanges
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import amend
from marketplace.exchanges.queries import minutes_exchanged
from marketplace.network.succession import succeed_by_register
from marketplace.profiles.track_record.counting import count_record
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.formats import short_day
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.days import a_school_day
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import brought_to, proposed, spend_all, terms
from tests.marketplace.exchanges.within_trust.factories import decided, sisters
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import close, joined_school

WITHIN = "Free within Harbour Learning Trust"
GRANT = Policy().joining_grant
NOTHING_MOVED = {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
SOON = a_school_day(7)


@pytest.fixture
def pair(app: Skillbank) -> Pair:
    with saved(app):
        return Pair(app, *sisters())


def test_free_help_from_the_proposal_to_the_track_record(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver, title="Phonics coaching", minutes=180).id
        records = Book(db.session()).journal(everything=True, limit=1000).transactions
    taker, giver = pair.browser(pair.taker), pair.browser(pair.giver)
    assert f"{WITHIN}. It takes 3 hours." in taker.get(f"/listings/{listing_id}").text
    assert WITHIN in taker.get(f"/schools/{pair.giver.urn}").text
    assert WITHIN not in giver.get(f"/schools/{pair.giver.urn}").text
    taker.get(f"/listings/{listing_id}/propose")
    assert WITHIN in taker.text
    assert "available" not in taker.page.find("main").get_text()
    typed = {"details": "A morning.", "on_date": SOON.isoformat()}
    taker.submit("Send the proposal", **typed, minutes="1.1")
    assert taker.errors == ["Hours go in steps of 15 minutes: 1 h 6 min is between two steps."]
    taker.submit("Send the proposal", **typed, minutes="3")
    assert taker.flashes == ["Proposed. The other school has been asked to agree."]
    here = taker.path

    giver.get(f"{here}/change")
    assert WITHIN in giver.text
    giver.submit("Send the changed proposal", minutes="2.5")
    taker.get(here).submit("Agree")
    assert taker.flashes == ["Agreed. The help is free."]
    assert WITHIN in taker.text
    giver.get(f"{here}/deliver").submit(
        "Ask for confirmation", minutes="3", on_date=today().isoformat()
    )
    assert giver.errors[0].startswith("2½ hours were agreed, so no more")
    giver.submit("Ask for confirmation", minutes="2.5", on_date=today().isoformat())
    taker.get(f"{here}/send-back").submit("Send it back", reason="It was two hours.")
    assert "Open a dispute" not in taker.text
    giver.get(f"{here}/deliver").submit(
        "Ask for confirmation", minutes="2", on_date=today().isoformat()
    )
    assert WITHIN in taker.get("/exchanges").text
    taker.get(here).submit("Confirm 2 hours")
    assert taker.flashes == ["Confirmed. The hours count in the track records of both schools."]
    for browser in (taker, giver):
        browser.get(here)
        assert browser.buttons == ["Sign out"]
        assert not [link for link in browser.links if "correct" in link or "dispute" in link]
        assert "credit" not in browser.page.find("main").get_text().lower()
    history = [item.get_text(" ", strip=True) for item in taker.page.select(".timeline-title")]
    assert history[0] == "Taker School confirmed"
    assert history[-1] == f"Taker School proposed it: 3 hours, {short_day(SOON)}"

    assert pair.money == NOTHING_MOVED
    with saved(pair.app) as session:
        book = Book(session)
        assert book.journal(everything=True, limit=1000).transactions == records
        assert book.verify().faults == ()
        record = count_record(session, pair.giver.school())
        assert (record.given, record.minutes_given) == (1, 120)
        assert count_record(session, pair.taker.school()).minutes_received == 120
        assert minutes_exchanged(session) == 120


def test_help_is_free_only_where_a_trust_says_so(pair: Pair) -> None:
    with saved(pair.app) as session:
        offer, theirs = posted(pair.giver), posted(actor_for(joined_school()))
        offer_id, theirs_id = offer.id, theirs.id
        for listing, free, why in (
            (theirs, True, "costs credits: it is free only between"),
            (offer, False, "no credits can be proposed"),
        ):
            with pytest.raises(Refusal, match=why), session.begin_nested():
                proposed(pair.taker, listing, free=free)
    typed = {"details": "A morning.", "on_date": SOON.isoformat(), "minutes": "2"}
    for listing_id, shown_as in ((theirs_id, "free"), (offer_id, "credits")):
        taker = pair.browser(pair.taker).get(f"/listings/{listing_id}/propose")
        taker.submit("Send the proposal", **typed, shown_as=shown_as)
        assert taker.status == 422
        assert "A morning." in taker.text
        # The page shows the right one now, so the same words can be sent again.
        taker.submit("Send the proposal", **typed)
        assert taker.status == 200


def test_what_is_agreed_keeps_its_price_and_a_proposal_does_not(pair: Pair) -> None:
    with saved(pair.app):
        free, open_free = (
            brought_to(state, pair.giver, pair.taker, free=True).id
            for state in (State.AGREED, State.PROPOSED)
        )
        decided(pair.giver, free=False)
        paid, open_paid = (
            brought_to(state, pair.giver, pair.taker).id for state in (State.AGREED, State.PROPOSED)
        )
    giver, taker = pair.browser(pair.giver), pair.browser(pair.taker)
    giver.get(f"/exchanges/{open_free}")
    assert "is not free any more" in giver.text
    assert "Agree" not in giver.buttons
    assert "is not free any more" in taker.get(f"/exchanges/{open_free}/change").text
    assert taker.path == f"/exchanges/{open_free}"
    giver.get(next(link for link in giver.links if link.endswith("/propose")))
    assert WITHIN not in giver.text

    with saved(pair.app) as session:
        decided(pair.giver, free=True)
        exchange = session.get_one(Exchange, open_paid)
        with pytest.raises(Refusal, match="no credits are asked"):
            service.agree(session, pair.giver, exchange, version=1)
        with pytest.raises(Refusal, match="no credits are asked"):
            amend(session, pair.giver, exchange, terms(), Policy(), version=1)
        # A school leaves the trust: what was agreed within it stays free.
        session.get_one(School, pair.taker.school()).trust = None
        session.flush()
        with pytest.raises(Refusal, match="is not free any more"):
            service.agree(session, pair.giver, session.get_one(Exchange, open_free), version=1)
    for exchange_id, button in ((free, "Confirm 3 hours"), (paid, "Confirm 3 credits")):
        giver.get(f"/exchanges/{exchange_id}/deliver").submit(
            "Ask for confirmation", on_date=today().isoformat()
        )
        taker.get(f"/exchanges/{exchange_id}").submit(button)
        assert pair.exchange(exchange_id).state == State.CONFIRMED
    assert WITHIN in taker.get(f"/exchanges/{free}").text
    assert pair.money == {"giver": (GRANT + 180, 0, 0), "taker": (GRANT - 180, 0, 0)}


def test_help_that_was_not_given_ends_and_counts_for_nobody(pair: Pair) -> None:
    here = f"/exchanges/{pair.bring(State.DELIVERED, free=True)}"
    taker = pair.browser(pair.taker).get(f"{here}/dispute")
    assert taker.path == here
    taker.get(f"{here}/send-back").submit("Send it back", reason="Nobody came.")
    giver = pair.browser(pair.giver).get(here)
    assert "Nobody came." in giver.text
    assert "either school can say so" in giver.text
    assert "It was not given" in giver.text
    taker.get(f"{here}/cancel").submit("It was not given", reason="It snowed.")
    assert taker.flashes == ["Cancelled."]
    assert pair.exchange(int(here.split("/")[-1])).state == State.CANCELLED
    assert pair.money == NOTHING_MOVED


def test_free_help_needs_no_credits_and_lapses_like_any_other(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(pair.app):
        spend_all(pair.taker)
        soon = today() + timedelta(days=7)
        agreed = brought_to(State.AGREED, pair.giver, pair.taker, free=True, on_date=soon).id
    now, held_for = clock.now(), timedelta(days=Policy().hold_days)

    def lapse(after: timedelta, *, delivers: bool = False) -> tuple[int, int]:
        with monkeypatch.context() as patch, saved(pair.app) as session:
            patch.setattr(clock, "now", lambda: now + after)
            if delivers:
                what = {"minutes": 60, "on_date": soon, "note": "", "policy": Policy()}
                exchange = session.get_one(Exchange, agreed)
                service.deliver(session, pair.giver, exchange, **what, version=exchange.version)
            return lapse_exchanges(session, Policy(), session.flush)

    assert lapse(held_for + timedelta(days=5)) == (0, 0)
    assert lapse(held_for + timedelta(days=9), delivers=True) == (0, 0)
    assert lapse(held_for * 2 + timedelta(days=10)) == (1, 0)
    exchange = pair.exchange(agreed)
    assert (exchange.state, exchange.hold_id) == (State.LAPSED, None)
    taker = pair.browser(pair.taker).get(f"/exchanges/{agreed}")
    assert "did not confirm it in time" in taker.text
    assert "no longer held" not in taker.text


def test_the_database_holds_free_help_without_credits_only(app: Skillbank) -> None:
    with saved(app) as session:
        exchange = brought_to(State.AGREED, *sisters(), free=True)
        for values in ({"hold_id": 99}, {"free_trust_id": None}, {"state": State.DISPUTED}):
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(
                    sa.update(Exchange).where(Exchange.id == exchange.id).values(values)
                )


def test_a_successor_outside_the_trust_carries_free_help_on_as_it_was_agreed(
    pair: Pair,
) -> None:
    agreed = pair.bring(State.AGREED, free=True)
    with saved(pair.app) as session:
        heir_school = joined_school()
        heir = actor_for(heir_school)
        close(session.get_one(School, pair.giver.school()), heir_school)
        assert succeed_by_register(session, pair.giver.school(), Policy()) is not None
        exchange = session.get_one(Exchange, agreed, populate_existing=True)
        what = {"minutes": 120, "on_date": today(), "note": "", "policy": Policy()}
        service.deliver(session, heir, exchange, **what, version=exchange.version)
        service.confirm(session, pair.taker, exchange, version=exchange.version)
        assert (exchange.provider_urn, exchange.is_free) == (heir.urn, True)
        assert count_record(session, heir.school()).minutes_given == 120
        assert Book(session).verify().faults == ()
    assert pair.money["taker"] == (GRANT, 0, 0)
