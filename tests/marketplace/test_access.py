"""Who may open what: every route, every role, one's own things and another school's."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from secrets import token_urlsafe

import pytest
import sqlalchemy as sa
from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import one_time_links
from marketplace.accounts.access import ASSETS, rule_of
from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import KnownDevice, SignIn
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.audit.export_runs.service import ask_export
from marketplace.audit.verification.service import begin_run
from marketplace.exchanges.models import State
from marketplace.mail.service import queue_email
from marketplace.saved_searches.unsubscribing import end_link
from marketplace.schools.models import School
from marketplace.support.service import begin_support
from marketplace.web.sessions import NAME
from marketplace.web.tokens import hash_token
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.adjustments.factories import approved
from tests.marketplace.adjustments.factories import proposed as proposed_adjustment
from tests.marketplace.audiences.factories import founded
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.browser import Browser, begun_session
from tests.marketplace.calendar.factories import told
from tests.marketplace.claims.factories import claimed, token_for, waiting_claim
from tests.marketplace.confidential.factories import asked, promised
from tests.marketplace.conftest import running
from tests.marketplace.copies import Copies
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, stuck_exchange
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.exchanges.reviews.factories import shown_review
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import drafted, posted
from tests.marketplace.members.factories import invitation_token, invited
from tests.marketplace.network.factories import joined_school, proposed_succession
from tests.marketplace.notifications.factories import notified, unsubscribe_token
from tests.marketplace.profiles.factories import evidenced, photographed, shared, suggested
from tests.marketplace.saved_searches.factories import saved_search
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory
from tests.marketplace.search.own_words.factories import own_word
from tests.marketplace.statements.factories import director_of

WHO = ("member", "coordinator", "finance", "administrator", "trust_finance", "stranger")
WHO += ("operator", "auditor", "nobody")
"""Four at one school, one of its trust, a coordinator of a school it has nothing to do with, the
network, nobody."""

# "ours" is a thing of the four's school, "theirs" one between two others, "seen" a listing of
# another school that everybody may see. Each feature's part of the table is its ``access.py``.
FEATURES = (
    "accounts",
    "adjustments",
    "audiences",
    "audit",
    "calendar",
    "claims",
    "confidential",
    "conversations",
    "exchanges",
    "help",
    "listings",
    "mail",
    "matching",
    "members",
    "network",
    "notifications",
    "pages",
    "profiles",
    "saved_searches",
    "search",
    "statements",
    "support",
    "term_clock",
    "web",
)
BLUEPRINTS = {
    "web": {"healthz"},
    "accounts": {"accounts", "single_sign_on"},
    "listings": {"listings", "tariff", "moderation"},
    "exchanges": {
        *("exchanges", "disputes", "corrections", "reviews"),
        *("frozen", "same_person", "within_trust"),
    },
    "profiles": {"profiles", "experts", "evidence", "photographs"},
    "statements": {"statements", "reconciling", "trust_credits"},
    "audiences": {"audiences", "groups"},
    "audit": {"audit", "proofs"},
    "search": {"search", "own_topics", "own_words"},
}
"""Where they are not named after the feature."""
PARTS = {
    feature: import_module(f"tests.marketplace.{feature}.access").EXPECTED for feature in FEATURES
}
EXPECTED: dict[tuple[str, str, str], str] = {
    row: outcomes for part in PARTS.values() for row, outcomes in part.items()
}
OF_OUR_CONFIDENTIAL_REQUEST = (
    "confidential.request",
    "confidential.introduce",
    "confidential.pass_over",
)
OF_A_CLAIM = ("claims.one_claim", "claims.approve", "claims.refuse")


OF_A_DISPUTE = (
    "disputes.dispute",
    "disputes.open_for_school",
)
OF_AN_AUTHORITY = (
    "calendar.authority",
    "calendar.change_authority",
    "calendar.delete_of_authority",
)
OF_CLOSED_SCHOOLS = ("network.decide", "network.approve", "network.refuse")


@dataclass
class World:
    """Somebody for each of ``WHO``, and the numbers that fill the routes of each thing."""

    people: dict[str, Actor | None]
    things: dict[str, dict[str, object]]


def made_world(app: Skillbank) -> World:
    """Somebody of every role, and a thing of every kind."""
    with saved(app) as session:
        trust = TrustFactory()
        ours = joined_school(trust=trust)
        partner, other, far = (joined_school() for _ in range(3))
        us, them, others = actor_for(ours), actor_for(partner), actor_for(other)
        people: dict[str, Actor | None] = {
            role.value: actor_for(ours, role)
            for role in (Role.MEMBER, Role.COORDINATOR, Role.FINANCE, Role.ADMINISTRATOR)
        }
        director = director_of(trust.id)
        people["trust_finance"] = actor_of(director, frozenset({Role.TRUST_FINANCE}), ours)
        people["stranger"] = actor_for(far)
        for role in (Role.OPERATOR, Role.AUDITOR):
            person = PersonFactory(roles=[(role, None)])
            people[role.value] = Actor(person.id, person.name, frozenset({role}))
        people["nobody"] = None
        outside = SchoolFactory()
        things = {"": {}}
        for name, owner, guest, audience in (
            ("ours", us, them, Reach.SCHOOL),
            ("theirs", them, others, Reach.SCHOOL),
            ("seen", them, others, Reach.NATIONAL),
        ):
            listing = posted(owner, audience=audience, public=audience == Reach.NATIONAL)
            open_one = brought_to(State.PROPOSED, owner, guest)
            paid = brought_to(State.CONFIRMED, owner, guest)
            things[name] = {
                "listing_id": listing.id,
                "draft_id": drafted(owner).id,
                "entry_id": told(owner).id,
                "enquiry_id": open_one.enquiry_id,
                "exchange_id": open_one.id,
                "transaction_id": paid.transaction_id,
                "review_id": shown_review(owner, guest).id,
                "code": f"school:{owner.urn}",
                "urn": owner.urn,
                "person_id": owner.person_id,
                "invitation_id": invited(
                    session.get_one(School, owner.urn), f"{name}@example.org"
                ).id,
                "email_id": queue_email(session, template="test", to="a@ash.example").id,
                "sign_in_id": a_session(session, owner),
                "device_id": a_device(session, owner),
            }
            support = begin_support(
                session, people["operator"], owner.urn, "To help.", idempotency_key=f"help {name}"
            )
            things[name]["group_id"] = founded(owner, name=name).id
            things[name] |= {"offer_id": listing.id, "access_id": support.id}
            if name != "seen":
                grant = approved(proposed_adjustment(urn=owner.urn))
                things[name] |= {"kind_name": "grant", "adjustment_id": grant.id}
        things["audit.journal_export"] = {"form": "csv"}
        things["network.bring_in"] = {"urn": outside.urn}
        for view in ("begin", "begin_to_connect", "finish"):
            things[f"single_sign_on.{view}"] = {"name": "google"}
        things["single_sign_on.disconnect"] = {"identity_id": 1}
        things["ours"]["notification_id"] = notified(people["coordinator"], them).id
        things["theirs"]["notification_id"] = notified(them, others).id
        things["notifications.unsubscribe"] = {"token": unsubscribe_token(us.person_id)}
        for endpoint in OF_A_DISPUTE:
            things[endpoint] = {"dispute_id": answered_dispute().id}
        things["frozen.let_through"] = {"exchange_id": frozen_delivery().id}
        things["disputes.open_for_school"] = {"exchange_id": stuck_exchange().id}
        for endpoint in OF_CLOSED_SCHOOLS:
            waiting = proposed_succession()
            things[endpoint] = {"urn": waiting.from_urn, "succession_id": waiting.id}
        for name, owner, audience in (
            ("ours", us, Reach.SCHOOL),
            ("theirs", them, Reach.SCHOOL),
        ):
            head = actor_for(session.get_one(School, owner.urn), Role.ADMINISTRATOR)
            things[name] |= {"photograph_id": photographed(owner, audience).id, "size": "small"}
            things[name]["evidence_id"] = evidenced(owner).id
            things[name]["expertise_id"] = shared(owner, reach=audience).id
            suggestion = suggested(head, actor_for(session.get_one(School, owner.urn)).person_id)
            things[name]["suggestion_id"] = suggestion.id
        links = {
            "accounts.use_link": Purpose.PASSWORD_RESET,
            "accounts.confirm_address": Purpose.ADDRESS_CHANGE,
            "accounts.take_back": Purpose.ADDRESS_BACK,
        }
        for endpoint, purpose in links.items():
            person = staff(ours, Role.MEMBER, password_hash=None)
            token = one_time_links.make(
                session, purpose, person.id, address=f"{purpose}@example.com"
            )
            things[endpoint] = {"token": token}
        invited(ours, "new@example.org")
        things["members.accept_invitation"] = {"token": invitation_token("new@example.org")}
        things["audit.verification"] = {"run_id": begin_run(session, thorough=False).id}
        download = ask_export(session, people["auditor"], "csv", {}, 1)
        for endpoint in ("audit.export_progress", "audit.export_file"):
            things[endpoint] = {"run_id": download.id}
        proposal = proposed_closing(session, people["operator"])
        for endpoint in ("audit.closing", "audit.withdraw"):
            things[endpoint] = {"closing_id": proposal.id}
        of_authority = told(people["operator"], ours.local_authority_code).id
        for endpoint in OF_AN_AUTHORITY:
            things[endpoint] = {
                "authority_code": ours.local_authority_code,
                "entry_id": of_authority,
            }
        ask = promised(us, them)
        for endpoint in OF_OUR_CONFIDENTIAL_REQUEST:
            things[endpoint] = {"ask_id": ask.id, "listing_id": ask.listing_id}
        things["ours"]["ask_id"] = asked(them, us).id
        things["theirs"]["ask_id"] = asked(others, them).id
        things["profiles.write"] = {"kind": "evidence"}
        for name, person in (("ours", people["coordinator"]), ("theirs", them)):
            assert person is not None
            things[name]["search_id"] = saved_search(person).id
        ending = saved_search(us)
        link = end_link(ending.id, ending.person_id)
        things["saved_searches.unsubscribe"] = {"token": link.rsplit("/", 1)[1]}
        things["own_words.take_away"] = {"own_word_id": own_word(people["operator"]).id}
        for endpoint in ("change", "retire", "bring_back", "take_out"):
            things[f"own_topics.{endpoint}"] = {"slug": "music"}
        things["own_topics.put_back"] = {"slug": "music", **things["own_words.take_away"]}
        things["help.article"] = {"slug": "roles"}
        things["claims.one_claim"] = {"claim_id": waiting_claim(outside).id}
        things |= dict.fromkeys(OF_A_CLAIM, things["claims.one_claim"])
        things["claims.confirm"] = {"token": token_for(claimed(outside).email)}
    return World(people, things)


WORLDS = Copies(made_world)


@pytest.fixture
def world(app: Skillbank) -> World:
    """Somebody of every role, a thing of every kind, and forms that need no token."""
    app.config["WTF_CSRF_ENABLED"] = False
    return WORLDS.put_into(app)


def a_session(session: Session, actor: Actor) -> int:
    """The number of a session of somebody."""
    token = begun_session(current_app, actor.person_id)
    return session.scalars(sa.select(SignIn.id).where(SignIn.token_hash == hash_token(token))).one()


def a_device(session: Session, actor: Actor) -> int:
    """The number of a known device of somebody."""
    now = clock.now()
    device = KnownDevice(
        person_id=actor.person_id,
        token_hash=token_urlsafe(32),
        label="Test",
        created_at=now,
        last_used_at=now,
    )
    session.add(device)
    session.flush()
    return device.id


def routes(app: Skillbank) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in ASSETS
    }


def outcome(client: FlaskClient, path: str, method: str) -> str:
    answer = client.open(path, method=method)
    if answer.status_code == 302 and answer.location.startswith("/sign-in"):
        return "in"
    return str(answer.status_code)


class Clients:
    """A new client for each request, of somebody who signed in once for many of them.

    After the routes of accounts, which end sessions, everybody signs in anew.
    """

    def __init__(self, app: Skillbank, world: World) -> None:
        self._app, self._people = app, world.people
        self._cookies: dict[str, str] = {}

    def one(self, who: str, endpoint: str) -> FlaskClient:
        """A client for one request to ``endpoint``."""
        client = self._app.test_client()
        if endpoint.startswith("accounts."):
            self._cookies.clear()
        if who in self._cookies:
            client.set_cookie(NAME, self._cookies[who])
        elif (person := self._people[who]) is not None:
            cookie = Browser(client).be(person).client.get_cookie(NAME)
            assert cookie is not None
            self._cookies[who] = cookie.value
        return client


def path_of(app: Skillbank, endpoint: str, world: World, whose: str) -> str:
    rule = next(app.url_map.iter_rules(endpoint))
    things = world.things.get(endpoint) or world.things[whose]
    with app.test_request_context():
        return app.url_for(endpoint, **{name: things[name] for name in rule.arguments})


def test_every_route_states_a_rule_and_is_in_the_table(app: Skillbank) -> None:
    known = routes(app)
    assert {endpoint for endpoint, _ in known if rule_of(app, endpoint) is None} == set()
    assert known == {(endpoint, method) for endpoint, method, _ in EXPECTED}


def test_each_part_of_the_table_is_of_its_own_feature_and_once() -> None:
    assert len(EXPECTED) == sum(len(part) for part in PARTS.values())
    for feature, part in PARTS.items():
        prefixes = {endpoint.partition(".")[0] for endpoint, _, _ in part}
        assert prefixes <= BLUEPRINTS.get(feature, {feature})


def test_every_route_of_a_thing_is_tried_with_each_kind_of_thing(app: Skillbank) -> None:
    """A guard of ownership is only reached with what is another school's and can be seen."""
    made_for_itself = {
        "accounts.use_link",
        "accounts.confirm_address",
        "accounts.take_back",
        "audit.journal_export",
        "audit.closing",
        "audit.export_file",
        "audit.export_progress",
        "audit.verification",
        "audit.withdraw",
        "help.article",
        "members.accept_invitation",
        "network.bring_in",
        "claims.confirm",
        *OF_A_CLAIM,
        *OF_OUR_CONFIDENTIAL_REQUEST,
        "notifications.unsubscribe",
        "profiles.write",
        "saved_searches.unsubscribe",
        *OF_CLOSED_SCHOOLS,
        *OF_A_DISPUTE,
        *OF_AN_AUTHORITY,
    }
    for endpoint, method in routes(app):
        names = next(app.url_map.iter_rules(endpoint)).arguments
        kinds = {whose for one, sent, whose in EXPECTED if (one, sent) == (endpoint, method)}
        if not names:
            assert kinds == {""}
        elif endpoint not in made_for_itself and not endpoint.startswith("single_sign_on."):
            seen = {"seen"} if names & {"listing_id", "offer_id"} else set()
            assert kinds == {"ours", "theirs"} | seen, (endpoint, method)


def test_every_route_for_everybody(app: Skillbank, world: World) -> None:
    found = {}
    clients = Clients(app, world)
    for endpoint, method, whose in EXPECTED:
        path = path_of(app, endpoint, world, whose)
        outcomes = [outcome(clients.one(who, endpoint), path, method) for who in WHO]
        found[endpoint, method, whose] = " ".join(outcomes)
    assert found == EXPECTED


def test_a_view_that_states_no_rule_is_closed() -> None:
    with running("sqlite://") as app:
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
        assert rule_of(app, "forgotten") is None
        answer = app.test_client().get("/forgotten")
        assert answer.status_code == 500
        assert "secret" not in answer.text


def test_a_wrong_role_is_told_whom_to_ask(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school(name="Hope Primary")
        member = staff(school, Role.MEMBER)
    browser = Browser(client).be(member).get("/listings/new")
    assert browser.status == 403
    assert browser.heading == "You may not do this"
    assert "Your role at Hope Primary (member) does not let you post offers" in browser.text
    assert "Ask an administrator of your school" in browser.text
    assert browser.page.select('main a[href="/home"]')


def test_staff_of_the_network_are_told_what_is_for_schools(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    browser = Browser(client).be(operator).get("/exchanges")
    assert browser.status == 403
    assert "you act for the network" in browser.text


def test_what_is_another_schools_looks_like_what_is_not(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        one, two, three = (actor_for(joined_school()) for _ in range(3))
        exchange_id = brought_to(State.AGREED, one, two).id
    browser = Browser(client).be(three)
    private = browser.get(f"/exchanges/{exchange_id}").page.find("main").get_text()
    unknown = browser.get("/exchanges/999999").page.find("main").get_text()
    assert browser.status == 404
    assert private == unknown


def test_roles_at_several_schools_act_for_one_of_them(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        first, second = joined_school(name="Ash School"), joined_school(name="Beech School")
        jo = PersonFactory(roles=[(Role.MEMBER, first), (Role.FINANCE, second)])
    browser = Browser(client).be(jo)
    assert browser.get("/home").heading == "Ash School"
    assert browser.get("/credits").status == 403
    browser.get("/home").submit("Switch", membership=f"school:{second.urn}")
    assert (browser.status, browser.heading) == (200, "Beech School")
    assert browser.get("/credits").status == 200
    assert browser.get("/listings/new").status == 403
    browser.get("/home").submit("Switch", membership="network")
    assert browser.flashes == ["You hold no role there."]
    assert browser.heading == "Beech School"
