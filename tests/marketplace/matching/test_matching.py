"""What fits a listing and why, asking several schools, and who is told of something new."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, selectinload

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.conversations.models import Enquiry, Message
from marketplace.errors import NotAllowed, NotFound, Refusal
from marketplace.listings.details import Details
from marketplace.listings.events import ListingPosted
from marketplace.listings.models import Listing
from marketplace.listings.service import withdraw_listing
from marketplace.matching.fitting import Fit, count_fits, find_fits, in_order
from marketplace.matching.models import ListingMatch
from marketplace.matching.presenters import reasons
from marketplace.matching.service import ask_about_offers, ask_several
from marketplace.matching.telling import match_facts, on_posted
from marketplace.term_clock.service import answer
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.search.factories import indexed


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


def fits(session: Session, us: Actor, listing: Listing) -> list[Fit]:
    indexed(session)
    found = find_fits(session, us, loaded(session, listing))
    assert found is not None
    assert count_fits(session, us, loaded(session, listing)) == len(found)
    return found


def loaded(session: Session, listing: Listing) -> Listing:
    return session.scalars(
        sa.select(Listing)
        .where(Listing.id == listing.id)
        .options(selectinload(Listing.topics), selectinload(Listing.phases))
        .execution_options(populate_existing=True)
    ).one()


def school(**facts: object) -> Actor:
    return actor_for(joined_school(**facts))


def test_what_shares_topic_and_phase_and_is_near_or_online_fits(session: Session) -> None:
    us, them = school(), school()
    far = school(easting=550_000, northing=180_000)
    request = posted(us, kind="request")
    posted(us, title="Ours")
    posted(them, title="Near")
    posted(far, title="Far")
    posted(far, title="Far but online", mode="online")
    posted(them, title="Another topic", topics=("science",))
    posted(them, title="Another phase", phases=("ks4",))
    posted(them, title="For the whole school", phases=("whole-school",))
    posted(them, title="Also a request", kind="request")
    posted(them, title="Their own staff’s", audience="school")
    found = {fit.title: fit for fit in fits(session, us, request)}
    assert found.keys() == {"Near", "Far but online", "For the whole school"}
    assert "for the whole school" in reasons(found["For the whole school"])


def test_the_reasons_are_in_words(session: Session) -> None:
    trust = TrustFactory()
    us = school(trust=trust, easting=380_000)
    them = school(trust=trust, easting=380_000 + 19_312)
    request = posted(us, kind="request")
    posted(us, title="Our music", topics=("music",))
    posted(them)
    posted(them, kind="request", topics=("music",))
    [fit] = fits(session, us, request)
    assert reasons(fit) == [
        "Phonics and early reading" if fit else "",
        "same key stage",
        "12 miles",
        "in your trust",
        "they need what you offer",
    ] or reasons(fit)[1:] == [
        "same key stage",
        "12 miles",
        "in your trust",
        "they need what you offer",
    ]


def test_the_weekdays_and_half_terms_that_both_name_are_a_reason(session: Session) -> None:
    us, them = school(), school()
    request = posted(
        us, kind="request", details=Details(weekdays=(0, 1, 4), half_terms=("2026-3", "2026-4"))
    )
    posted(them, details=Details(weekdays=(1, 4), half_terms=("2026-4",)))
    posted(them, details=Details(weekdays=(2,), half_terms=("2026-5",)))
    first, second = fits(session, us, request)
    assert {"free on Tuesdays and Fridays", "in the same half-term"} < set(reasons(first))
    assert not {"in the same half-term"} & set(reasons(second))
    assert "free on" not in " ".join(reasons(second))


def test_a_school_that_said_not_now_is_neither_listed_nor_told(session: Session) -> None:
    us, them, others = school(), school(), school()
    posted(them)
    kept = posted(others)
    theirs = posted(them, kind="request")
    answer(session, them, "no")
    request = posted(us, kind="request")
    assert [fit.listing_id for fit in fits(session, us, request)] == [kept.id]
    on_posted(session, ListingPosted(actor_id=1, school_urns=(), listing_id=request.id))
    assert session.scalars(sa.select(ListingMatch.fitting_id)).all() == [kept.id]
    # They may still be told of help.
    offer = posted(us)
    on_posted(session, ListingPosted(actor_id=1, school_urns=(), listing_id=offer.id))
    assert theirs.id in session.scalars(sa.select(ListingMatch.fitting_id)).all()


def test_more_in_common_comes_first_and_room_decides_among_equals() -> None:
    def fit(number: int, **more: object) -> Fit:
        usual = {
            "title": "",
            "kind": "offer",
            "mode": "on_site",
            "minutes": 60,
            "school_urn": number,
            "school_name": "",
            "topics": ("phonics",),
            "phases": ("ks1",),
            "metres": None,
            "same_trust": False,
            "same_authority": False,
            "needs_ours": False,
            "enquiry_id": None,
        }
        return Fit(listing_id=number, **{**usual, **more})  # type: ignore[arg-type]

    order = in_order([fit(3, band=0), fit(2, band=4), fit(1, topics=("phonics", "writing"))])
    assert [each.listing_id for each in order] == [1, 2, 3]
    assert [each.has_room for each in order] == [False, True, False]


def test_several_schools_are_asked_with_one_form(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = school()
        for number in range(12):
            posted(school(name=f"School {number}"), title=f"Phonics {number}")
        request = posted(us, kind="request")
        indexed(session)
    browser = Browser(client).be(us).get(f"/listings/{request.id}")
    assert "12 offers fit" in browser.text
    browser.get(f"/listings/{request.id}/who-fits")
    checked = browser.page.select('input[name="listings"][checked]')
    assert len(checked) == 10
    values = browser.values("Ask them")
    values["body"] = ["Would you help us with phonics?"]
    for _ in range(2):
        browser.post(f"/listings/{request.id}/who-fits", values)
    with saved(app) as session:
        assert session.query(Enquiry).count() == 10
        assert session.query(Message).count() == 10
    browser.get(f"/listings/{request.id}/who-fits")
    assert browser.text.count("In conversation already") == 10


def test_about_what_is_confidential_the_page_does_not_speak_of_asking(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us = school()
        posted(school(), title="Phonics for all")
        secret = posted(us, kind="request", audience="confidential").id
        indexed(session)
    browser = Browser(client).be(us).get(f"/listings/{secret}/who-fits")
    assert "Phonics for all" in browser.text
    assert "What other schools offer" in browser.text
    assert "Ask up to" not in browser.text


def test_what_may_not_be_asked_is_refused(session: Session) -> None:
    us, them, other = school(), school(), school()
    request = posted(us, kind="request")
    offer, hidden = posted(them), posted(them, audience="school")
    theirs = posted(them, kind="request")

    def ask(*numbers: int, acting: Actor = us, about: Listing = request, body: str = "Hi") -> None:
        ask_several(
            session, acting, about, numbers, body, idempotency_key=secrets.token_urlsafe(16)
        )

    with pytest.raises(Refusal, match="at least one"):
        ask()
    with pytest.raises(Refusal, match="at most 10"):
        ask(*range(1, 12))
    with pytest.raises(Refusal, match="Write a message"):
        ask(offer.id, body=" ")
    with pytest.raises(NotFound):
        ask(hidden.id)
    with pytest.raises(NotFound):
        ask(offer.id, acting=other)
    with pytest.raises(Refusal, match="does not answer"):
        ask(theirs.id)
    with pytest.raises(NotAllowed):
        ask(offer.id, acting=operator())
    secret = posted(us, kind="request", audience="confidential")
    with pytest.raises(Refusal, match="confidential"):
        ask(offer.id, about=secret)
    withdraw_listing(session, us, request)
    with pytest.raises(Refusal, match="withdrawn"):
        ask(offer.id)
    assert session.query(Message).count() == 0


def test_what_was_ticked_in_a_search_is_asked_with_one_message_and_once(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, resting, gone = school(), school(name="Resting"), school(name="Gone")
        for name in ("Ash", "Beech", "Elm"):
            posted(school(name=name), title=f"Phonics at {name}")
        ours, theirs = posted(us, title="Our phonics"), posted(resting, title="Phonics of Resting")
        withdrawn = posted(gone, title="Phonics of Gone")
        withdraw_listing(session, gone, withdrawn)
        answer(session, resting, "no")
        indexed(session)
        left_out = [ours.id, theirs.id, withdrawn.id]
    browser = Browser(client).be(us).get("/search?q=phonics&sort=newest")
    ticks = [tick["value"] for tick in browser.page.select(".result-tick")]
    assert len(ticks) == 3
    form = browser.form("Ask the ones ticked")
    [search] = [one["value"] for one in form.select("input[name=search]")]
    query = urlencode({"listing": [*ticks, *left_out], "search": search}, doseq=True)
    browser.get(f"{form['action']}?{query}")
    assert len(browser.page.select("input[name=listings][checked]")) == 3
    said = browser.page.select_one(".left-out").get_text(" ")
    assert "Your own school’s" in said
    assert "Not now: ask again from" in said
    assert "One of what you ticked is no longer there." in said
    path, values = browser.path, browser.values("Ask them")
    browser.submit("Ask them", body=" ")
    assert (browser.status, browser.errors) == (422, ["Your message: write something here."])
    browser.submit("Ask them", body="x" * 4001)
    assert browser.page.select_one("textarea").get_text().strip() == "x" * 4001
    values["body"] = ["Would you help us with phonics?"]
    for _ in range(2):
        browser.post(path, values)
        [said] = browser.flashes
        assert all(name in said for name in ("Ash", "Beech", "Elm"))
        assert browser.path.startswith("/messages?")
        assert browser.page.select_one(".back a")["href"] == "/search?q=phonics&sort=newest"
    with saved(app) as session:
        assert session.query(Enquiry).count() == session.query(Message).count() == 3
    assert browser.get(path).text.count("Asked already") >= 3
    assert "Ask them" not in browser.buttons


def test_a_refusal_of_one_asks_nobody_and_keeps_the_message(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        us, resting = school(), school(name="Resting")
        numbers = [posted(resting).id, posted(school(name="Ash")).id]
    browser = Browser(client).be(us).get(f"/ask?listing={numbers[0]}&listing={numbers[1]}")
    with saved(app) as session:
        answer(session, resting, "no")
    browser.submit("Ask them", body="May we?")
    assert "Resting has no hours to give" in browser.errors[0]
    assert browser.page.select_one("textarea").get_text().strip() == "May we?"
    assert len(browser.page.select("input[name=listings][checked]")) == 1
    browser.submit("Ask them")
    assert browser.flashes == ["You have asked Ash. Their answers come into your messages."]
    with saved(app) as session:
        assert session.query(Message).count() == 1


def test_at_most_ten_are_asked_and_only_about_offers(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us, them = school(), school()
        numbers = [posted(them, title=f"Phonics {number}").id for number in range(11)]
        for wrong, said in (
            (numbers, "at most 10"),
            ([posted(them, kind="request").id], "request"),
        ):
            with pytest.raises(Refusal, match=said):
                ask_about_offers(session, us, wrong, "Hi", idempotency_key=secrets.token_urlsafe())
    browser = Browser(client).be(us)
    browser.get("/ask?" + "&".join(f"listing={number}" for number in numbers))
    assert len(browser.page.select("input[name=listings][checked]")) == 10
    assert "You ticked 11: choose up to 10" in browser.text
    nothing = browser.get("/ask?listing=x&listing=99999999999&search=//evil.example")
    assert "You have ticked nothing" in nothing.text
    assert nothing.page.select_one(".back a")["href"] == "/search"


def test_a_listing_of_nobody_interested_says_so(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = school()
        offer = posted(us)
        indexed(session)
    browser = Browser(client).be(us).get(f"/listings/{offer.id}/who-fits")
    assert "Nothing fits yet" in browser.text


def test_what_is_only_too_far_is_said_and_can_be_asked(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us, far, farther = school(), school(easting=450_000), school(easting=630_000)
        request = posted(us, kind="request")
        posted(far, title="Far")
        posted(farther, title="Farther")
        indexed(session)
    browser = Browser(client).be(us).get(f"/listings/{request.id}/who-fits")
    assert "Nothing fits within 30 miles" in browser.text
    links = {link.text: link["href"] for link in browser.page.select("main .empty a")}
    assert list(links) == ["1 offer fits within 60 miles", "2 offers fit anywhere in the network"]
    assert "Far" in browser.get(links["1 offer fits within 60 miles"]).text
    assert "Farther" not in browser.text
    assert "These are within 60 miles or online." in browser.text
    browser.submit("Ask them", body="May we come to you?")
    assert "You have asked 1 school." in browser.text


def told(session: Session, listing: Listing) -> set[int]:
    """The schools that are told of a new listing."""
    session.flush()
    on_posted(session, ListingPosted(actor_id=None, school_urns=(), listing_id=listing.id))
    rows = session.execute(
        sa.select(ListingMatch.id, Listing.school_urn)
        .join(Listing, Listing.id == ListingMatch.fitting_id)
        .where(ListingMatch.listing_id == listing.id)
    ).all()
    assert all(facts.is_current for facts in match_facts(session, [r[0] for r in rows]).values())
    return {urn for _, urn in rows}


def test_schools_that_look_for_it_are_told_once(session: Session) -> None:
    us, them, other, far = school(), school(), school(), school(easting=550_000)
    for who in (them, them, far):
        posted(who, kind="request")
    posted(other, kind="request", topics=("music",))
    offer = posted(us)
    assert told(session, offer) == {them.urn}
    assert told(session, offer) == {them.urn}
    assert session.query(ListingMatch).count() == 1


def test_who_may_not_see_it_and_who_asks_in_confidence_is_not_told(session: Session) -> None:
    trust = TrustFactory()
    us, friend, stranger, quiet = school(trust=trust), school(trust=trust), school(), school()
    for who in (friend, stranger):
        posted(who, kind="request")
    posted(quiet, kind="request", audience="confidential")
    assert told(session, posted(us, audience=Audience(Reach.TRUST))) == {friend.urn}
    assert told(session, posted(us, audience=Audience(Reach.SCHOOL))) == set()
    assert told(session, posted(us)) == {friend.urn, stranger.urn}
    confidential = posted(us, kind="request", audience="confidential")
    posted(stranger)
    assert told(session, confidential) == set()


def test_a_match_is_over_when_one_of_the_two_is(session: Session) -> None:
    us, them = school(), school()
    request = posted(them, kind="request")
    offer = posted(us)
    told(session, offer)
    [match_id] = session.scalars(sa.select(ListingMatch.id))
    withdraw_listing(session, them, request)
    session.expire_all()
    assert not match_facts(session, [match_id])[match_id].is_current
