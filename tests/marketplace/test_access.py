"""Who may open what: every route, every role, one's own things and another school's."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.access import ASSETS, rule_of
from marketplace.accounts.actor import Actor
from marketplace.accounts.links import make_link
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.exchanges.models import State
from marketplace.listings.models import Audience
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.factories import (
    PersonFactory,
    SchoolFactory,
    actor_for,
    brought_to,
    joined_school,
    posted,
    saved,
    staff,
)

WHO = ("member", "coordinator", "finance", "administrator", "stranger", "operator")
WHO += ("auditor", "nobody")
"""Four at one school, a coordinator of a school it has nothing to do with, the network, nobody."""

# For each in WHO: the status, or "in" for the way to the sign-in page and "401" for a form that
# is kept through it. "ours" is a thing of the four's school, "theirs" one between two others.
# A form that is sent empty is 422, or 409 where it would be a step on an exchange that nobody saw;
# what one may not do is 403 before anything is looked for, what one may not see 404.
EVERYBODY = "200 200 200 200 200 200 200 in"
SCHOOL_ONLY = "200 200 200 200 200 403 403 in"
OUR_PRIVATE = "200 200 200 200 404 403 403 in"
PRIVATE_TO_OTHERS = "404 404 404 404 404 403 403 in"
AUDITORS = "403 403 403 403 403 200 200 in"
STEP_OURS = "403 302 403 403 404 403 403 in"
STEP_THEIRS = "403 404 403 403 404 403 403 in"
PRESS_OURS = "403 409 403 403 404 403 403 401"
SEND_OURS = "403 422 403 403 404 403 403 401"
SEND_THEIRS = "403 404 403 403 404 403 403 401"
PEOPLE_OURS = "403 403 403 200 403 200 403 in"
PEOPLE_THEIRS = "403 403 403 404 403 200 403 in"
EXPECTED = {
    ("pages.landing", "GET", ""): "302 302 302 302 302 302 302 200",
    ("healthz", "GET", ""): "200 200 200 200 200 200 200 200",
    ("pages.dashboard", "GET", ""): EVERYBODY,
    ("accounts.sign_in", "GET", ""): "302 302 302 302 302 302 302 200",
    ("accounts.sign_in", "POST", ""): "422 422 422 422 422 422 422 422",
    ("accounts.switch", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.sign_out", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.use_link", "GET", ""): "200 200 200 200 200 200 200 200",
    ("accounts.use_link", "POST", ""): "422 422 422 422 422 422 422 422",
    ("members.ours", "GET", ""): "403 403 403 302 403 403 403 in",
    ("members.people", "GET", "ours"): PEOPLE_OURS,
    ("members.people", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.people", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.people", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.roles", "GET", "ours"): PEOPLE_OURS,
    ("members.roles", "GET", "theirs"): PEOPLE_THEIRS,
    ("members.roles", "POST", "ours"): "403 403 403 422 403 422 403 401",
    ("members.roles", "POST", "theirs"): "403 403 403 404 403 422 403 401",
    ("members.remove", "POST", "ours"): "403 403 403 409 403 409 403 401",
    ("members.remove", "POST", "theirs"): "403 403 403 404 403 409 403 401",
    ("members.link", "POST", "ours"): "403 403 403 200 403 200 403 401",
    ("members.link", "POST", "theirs"): "403 403 403 404 403 200 403 401",
    ("search.find", "GET", ""): EVERYBODY,
    ("pages.school", "GET", "ours"): EVERYBODY,
    ("pages.school", "GET", "theirs"): EVERYBODY,
    ("pages.listing", "GET", "ours"): "200 200 200 200 404 200 200 in",
    ("pages.listing", "GET", "theirs"): "404 404 404 404 404 200 200 in",
    ("listings.ours", "GET", ""): SCHOOL_ONLY,
    ("listings.new", "GET", ""): "403 200 403 403 200 403 403 in",
    ("listings.new", "POST", ""): "403 422 403 403 422 403 403 401",
    ("listings.change", "GET", "ours"): "403 200 403 403 404 403 403 in",
    ("listings.change", "GET", "theirs"): STEP_THEIRS,
    ("listings.change", "POST", "ours"): SEND_OURS,
    ("listings.change", "POST", "theirs"): SEND_THEIRS,
    ("listings.withdraw", "POST", "ours"): "403 302 403 403 404 403 403 401",
    ("listings.withdraw", "POST", "theirs"): SEND_THEIRS,
    ("listings.reopen", "POST", "ours"): "403 302 403 403 404 403 403 401",
    ("listings.reopen", "POST", "theirs"): SEND_THEIRS,
    ("conversations.inbox", "GET", ""): SCHOOL_ONLY,
    ("conversations.ask", "GET", "ours"): OUR_PRIVATE,
    ("conversations.ask", "GET", "theirs"): PRIVATE_TO_OTHERS,
    ("conversations.ask", "POST", "ours"): "422 422 422 422 404 403 403 401",
    ("conversations.ask", "POST", "theirs"): "404 404 404 404 404 403 403 401",
    ("exchanges.propose", "GET", "ours"): "403 200 403 403 404 403 403 in",
    ("exchanges.propose", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.propose", "POST", "ours"): SEND_OURS,
    ("exchanges.propose", "POST", "theirs"): SEND_THEIRS,
    ("pages.conversation", "GET", "ours"): OUR_PRIVATE,
    ("pages.conversation", "GET", "theirs"): PRIVATE_TO_OTHERS,
    ("pages.conversation", "POST", "ours"): "422 422 422 422 404 403 403 401",
    ("pages.conversation", "POST", "theirs"): "404 404 404 404 404 403 403 401",
    ("exchanges.propose_in_conversation", "GET", "ours"): "403 200 403 403 404 403 403 in",
    ("exchanges.propose_in_conversation", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.propose_in_conversation", "POST", "ours"): SEND_OURS,
    ("exchanges.propose_in_conversation", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.ours", "GET", ""): SCHOOL_ONLY,
    ("exchanges.exchange", "GET", "ours"): OUR_PRIVATE,
    ("exchanges.exchange", "GET", "theirs"): PRIVATE_TO_OTHERS,
    ("exchanges.agree", "POST", "ours"): PRESS_OURS,
    ("exchanges.agree", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.confirm", "POST", "ours"): PRESS_OURS,
    ("exchanges.confirm", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.decline", "GET", "ours"): "403 200 403 403 404 403 403 in",
    ("exchanges.decline", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.decline", "POST", "ours"): PRESS_OURS,
    ("exchanges.decline", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.cancel", "GET", "ours"): STEP_OURS,
    ("exchanges.cancel", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.cancel", "POST", "ours"): PRESS_OURS,
    ("exchanges.cancel", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.deliver", "GET", "ours"): STEP_OURS,
    ("exchanges.deliver", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.deliver", "POST", "ours"): PRESS_OURS,
    ("exchanges.deliver", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.send_back", "GET", "ours"): STEP_OURS,
    ("exchanges.send_back", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.send_back", "POST", "ours"): PRESS_OURS,
    ("exchanges.send_back", "POST", "theirs"): SEND_THEIRS,
    ("exchanges.change", "GET", "ours"): "403 200 403 403 404 403 403 in",
    ("exchanges.change", "GET", "theirs"): STEP_THEIRS,
    ("exchanges.change", "POST", "ours"): SEND_OURS,
    ("exchanges.change", "POST", "theirs"): SEND_THEIRS,
    ("statements.statement", "GET", ""): "403 200 200 403 200 403 403 in",
    ("statements.statement_csv", "GET", ""): "403 200 200 403 200 403 403 in",
    ("statements.transaction", "GET", "ours"): "403 200 200 403 404 200 200 in",
    ("statements.transaction", "GET", "theirs"): "404 404 404 404 404 200 200 in",
    ("audit.trial_balance", "GET", ""): AUDITORS,
    ("audit.journal", "GET", ""): AUDITORS,
    ("audit.account", "GET", "ours"): AUDITORS,
    ("audit.account", "GET", "theirs"): AUDITORS,
    ("audit.account_csv", "GET", "ours"): AUDITORS,
    ("audit.account_csv", "GET", "theirs"): AUDITORS,
    ("network.schools", "GET", ""): "403 403 403 403 403 200 403 in",
    ("network.bring_in", "POST", "theirs"): "403 403 403 403 403 302 403 401",
}


@dataclass
class World:
    """Somebody for each of ``WHO``, and the numbers that fill the routes of each thing."""

    people: dict[str, Actor | None]
    things: dict[str, dict[str, object]]


@pytest.fixture
def world(app: Skillbank) -> World:
    with saved(app) as session:
        ours, partner, other, far = (joined_school() for _ in range(4))
        us, them, others = actor_for(ours), actor_for(partner), actor_for(other)
        people: dict[str, Actor | None] = {
            role.value: actor_for(ours, role)
            for role in (Role.MEMBER, Role.COORDINATOR, Role.FINANCE, Role.ADMINISTRATOR)
        }
        people["stranger"] = actor_for(far)
        for role in (Role.OPERATOR, Role.AUDITOR):
            person = PersonFactory(roles=[(role, None)])
            people[role.value] = Actor(person.id, person.name, frozenset({role}))
        people["nobody"] = None
        outside = SchoolFactory()
        things = {"": {}}
        for name, owner, guest, audience in (
            ("ours", us, them, Audience.SCHOOL),
            ("theirs", them, others, Audience.SCHOOL),
        ):
            listing = posted(owner, audience=audience)
            open_one = brought_to(State.PROPOSED, owner, guest)
            paid = brought_to(State.CONFIRMED, owner, guest)
            things[name] = {
                "listing_id": listing.id,
                "enquiry_id": open_one.enquiry_id,
                "exchange_id": open_one.id,
                "transaction_id": paid.transaction_id,
                "code": f"school:{owner.urn}",
                "urn": owner.urn,
                "person_id": owner.person_id,
            }
        things["network.bring_in"] = {"urn": outside.urn}
        invited = staff(ours, Role.MEMBER, password_hash=None)
        things["accounts.use_link"] = {"token": make_link(session, invited)}
    app.config["WTF_CSRF_ENABLED"] = False
    return World(people, things)


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


def path_of(app: Skillbank, endpoint: str, world: World, whose: str) -> str:
    rule = next(app.url_map.iter_rules(endpoint))
    things = world.things.get(endpoint) or world.things[whose]
    with app.test_request_context():
        return app.url_for(endpoint, **{name: things[name] for name in rule.arguments})


def test_every_route_states_a_rule_and_is_in_the_table(app: Skillbank) -> None:
    known = routes(app)
    assert {endpoint for endpoint, _ in known if rule_of(app, endpoint) is None} == set()
    assert known == {(endpoint, method) for endpoint, method, _ in EXPECTED}


def test_every_route_for_everybody(app: Skillbank, world: World) -> None:
    found = {}
    for endpoint, method, whose in EXPECTED:
        path = path_of(app, endpoint, world, whose)
        outcomes = []
        for who in WHO:
            client = app.test_client()
            if (acting := world.people[who]) is not None:
                Browser(client).be(acting)
            outcomes.append(outcome(client, path, method))
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
