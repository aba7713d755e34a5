"""Every route, tried by an operator who reads a school's pages for support: nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from marketplace.accounts.access import PUBLIC, rule_of
from marketplace.accounts.actor import SUPPORT_ONLY_READS
from marketplace.accounts.support_access import SupportAccess
from marketplace.application import Skillbank
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.test_access import EXPECTED, World, outcome, path_of
from tests.marketplace.test_access import world as world
from tests.marketplace.test_verbs import count_of_each

WAYS_OUT = {
    "accounts.sign_out": "302",
    "accounts.switch": "302",
    "support.end": "302 of ours, 404 of theirs",
}


def reading(app: Skillbank, world: World, whose: str) -> Browser:
    """A browser of the operator who reads the pages of the school in ``whose``."""
    with saved(app) as session:
        support = session.scalars(
            sa.select(SupportAccess).where(SupportAccess.id == world.things[whose]["access_id"])
        ).one()
        operator = world.people["operator"]
        assert operator is not None
        return Browser(app.test_client()).be(replace(operator, support_id=support.id))


def test_no_form_of_any_route_does_anything(app: Skillbank, world: World) -> None:
    """With the token against forged posts off, so that nothing but the rule can refuse it."""
    browser = reading(app, world, "ours")
    with saved(app) as session:
        before = dict(session.execute(count_of_each(session)).all())
    tried = 0
    for endpoint, method, whose in EXPECTED:
        if method == "GET" or endpoint in WAYS_OUT or rule_of(app, endpoint) is PUBLIC:
            continue
        answer = browser.client.open(path_of(app, endpoint, world, whose), method=method)
        assert answer.status_code == 403, (endpoint, whose)
        assert SUPPORT_ONLY_READS.partition("’")[2] in answer.text, endpoint
        tried += 1
    assert tried >= 25
    with saved(app) as session:
        after = dict(session.execute(count_of_each(session)).all())
    # Each refusal is a line of the security log.
    assert after.pop("security_event") == before.pop("security_event") + tried
    assert after == before


def test_every_page_shows_the_school_or_nothing(app: Skillbank, world: World) -> None:
    browser = reading(app, world, "ours")
    answers = {
        (endpoint, whose): outcome(browser.client, path_of(app, endpoint, world, whose), "GET")
        for endpoint, method, whose in EXPECTED
        if method == "GET" and rule_of(app, endpoint) is not PUBLIC
    }
    assert {answer for (_, whose), answer in answers.items() if whose == "theirs"} == {
        "200",  # a school's public facts
        "403",
        "404",
    }
    readable = {endpoint for (endpoint, whose), answer in answers.items() if answer == "200"}
    private = {
        "conversations.inbox",
        "pages.conversation",
        "exchanges.ours",
        "exchanges.exchange",
        "statements.statement",
        "statements.statement_csv",
        "statements.transaction",
        "listings.ours",
        "pages.listing",
    }
    assert private <= readable
    for endpoint in private:
        assert answers.get((endpoint, "theirs"), "404") == "404", endpoint
    for (endpoint, _), answer in answers.items():
        of_network = endpoint.partition(".")[0] in ("network", "audit", "members", "mail")
        if of_network and rule_of(app, endpoint) is not PUBLIC:
            assert answer == "403", endpoint


def test_the_ways_out_are_open(app: Skillbank, world: World) -> None:
    for whose, status in (("theirs", 404), ("ours", 302)):
        browser = reading(app, world, "ours")
        answer = browser.client.post(path_of(app, "support.end", world, whose))
        assert answer.status_code == status
    browser = reading(app, world, "theirs")
    answer = browser.client.post("/acting", data={"membership": "network"})
    assert answer.status_code == 302
    assert browser.get("/credits").status == 403
    assert browser.get("/network/support").status == 200
    browser = reading(app, world, "theirs")
    assert browser.client.post("/sign-out").status_code == 302
    assert browser.get("/credits").path.startswith("/sign-in")
