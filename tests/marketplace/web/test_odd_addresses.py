"""Addresses that nobody would write: an answer to each, and never a fault of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from marketplace.accounts.access import ASSETS
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.exchanges.models import State
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.search.factories import indexed
from tests.marketplace.statements.factories import director_of

SEARCHED = "q kind topic phase region mode circle school size setting within near sort after"
ASKED = {
    "search.find": SEARCHED,
    "matching.ask": "listing search",
    "search.places": "q",
    "own_topics.tree": "after",
    "own_words.words": "show after",
    "saved_searches.new": SEARCHED.replace(" sort after", " exactly"),
    "audiences.who": "audience audience_group audience_second_group audience_miles"
    " audience_alike audience_only",
    "experts.find": "q circle topic phase school after",
    "experts.gap_table": "circle",
    "experts.gaps_csv": "circle",
    "listings.ours": "show after",
    "listings.new": "kind draft template copy title topic",
    "listings.topics": "title",
    "moderation.reports": "show after",
    "reviews.reports": "after",
    "conversations.inbox": "after",
    "exchanges.ours": "show after",
    "statements.statement": "start end period topic after",
    "statements.statement_csv": "start end period",
    "statements.statement_xlsx": "start end period",
    "statements.statement_pdf": "start end period",
    "trust_credits.credits": "start end period",
    "trust_credits.credits_csv": "start end period",
    "trust_credits.credits_xlsx": "start end period",
    "reconciling.reconciliation": "of with start end period",
    "audit.account": "start end period topic after",
    "audit.account_csv": "start end period",
    "audit.account_xlsx": "start end period",
    "audit.account_pdf": "start end period",
    "audit.journal": "after account trust person kind start end least most include order closed",
    "audit.journal_export": "account trust person start end least most kind include order closed",
    "audit.export": "form account trust person start end least most kind include order closed",
    "audit.trial_balance": "date account after",
    "audit.trial_balance_csv": "date",
    "adjustments.adjustments": "kind school person after",
    "adjustments.own": "after",
    "audit.propose": "through",
    "audit.seals": "after",
    "audit.unusual": "after",
    "audit.verifications": "after",
    "corrections.beyond_limit": "after",
    "disputes.queue": "show after",
    "frozen.waiting": "after",
    "same_person.report": "after",
    "network.schools": "q show after",
    "network.deliveries": "show to after",
    "accounts.own_emails": "after",
    "mail.mailbox": "to after",
    "accounts.sign_in": "next",
    "accounts.own_security": "after",
    "accounts.network_security": "kind person urn after",
    "accounts.confirm": "next",
    "accounts.second_step": "next",
    "claims.claims": "show after",
    "claims.find": "q",
    "claims.suggestions": "q",
    "help.index": "q",
    "network.activity": "show after",
    "network.successions": "after",
    "notifications.ours": "show after",
    "pages.offers": "after",
    "support.begin": "urn",
    "support.desk": "after",
}
CHOSEN = {
    "kind",
    "topic",
    "phase",
    "region",
    "mode",
    "circle",
    "school",
    "size",
    "setting",
    "within",
    "sort",
    "show",
}
"""What is chosen from a list: asked for oddly all at once."""
NAMES = {"authority_code", "urn", "token", "name", "slug", "kind"}
"""What an address names one thing by."""
SAME = {
    *("statements.statement_csv", "statements.statement_xlsx", "statements.statement_pdf"),
    *("trust_credits.credits_csv", "trust_credits.credits_xlsx"),
    *("audit.account", "audit.account_csv", "audit.account_xlsx", "audit.account_pdf"),
    *("audit.journal_export", "audit.export"),
}
"""What reads its questions as the statement, the credits of a trust or the journal does."""
PLACES_IN_TIME = {"after", "start", "end", "period", "date", "closed", "through"}
"""What says a day, or where in a list one stands; the rest are words and numbers."""
PLAIN = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "9" * 19,
    "9" * 5000,
    "rubbish",
    "\0",
    "a\0b",
    "🎓 naïve ﬁ",
    "'; DROP TABLE school; --",
    "%_\\",
    "٣",
    "1.999999999999999999",
    "999999999999.5",
    "2026-02-30",
    "school:x",
    "<script>alert(1)</script>",
)
OF_TIME = (
    "0001-01-01",
    "9999-12-31",
    "20260901",
    "_1",
    "2026-01-01T00:00:00+00:00_5",
    "0001-01-01T00:00:00+23:00_1",
    "9999-12-31T23:59:59-23:00_1",
    "2026-01-01T00:00:00_1",
    "9223372036854775807.9223372036854775807",
    "2026-01-01T00:00:00+00:00_999999999999",
    "2026-01-01/1",
    "9999-12-31/999999999999999999",
    "a~1",
    "~999999999999",
)
"""What a day, a period or the place in a list may look like."""
ODD = PLAIN + OF_TIME


@pytest.fixture
def browsers(app: Skillbank) -> list[Browser]:
    """A school’s coordinator, who administers it too, the operator, a trust’s finance director."""
    with saved(app) as session:
        one = actor_for(joined_school(), Role.COORDINATOR, Role.ADMINISTRATOR)
        two = actor_for(joined_school())
        for state in State:
            brought_to(state, one, two, minutes=15)
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        trust = TrustFactory()
        joined_school(trust=trust)
        director = director_of(trust.id)
        indexed(session)
    return [Browser(app.test_client()).be(who) for who in (one, operator, director)]


def test_every_page_that_is_asked_something_is_asked_here(app: Skillbank) -> None:
    plain = {"pages.landing", "healthz", "pages.dashboard", "members.ours"}
    plain |= {"pages.robots", "pages.favicon", "pages.security_txt", "pages.old_security_txt"}
    plain |= {
        f"accounts.{page}"
        for page in (
            "account",
            "address",
            "forgotten_password",
            "name",
            "own_data",
            "own_passkeys",
            "password",
            "recovery_codes_page",
            "second_factor",
            "set_up_authenticator",
            "signed_in",
        )
    }
    plain |= {
        f"help.{page}"
        for page in ("accessibility", "consent", "contact", "cookie_list", "privacy", "terms")
    }
    plain |= {"calendar.authorities", "calendar.change", "calendar.ours", "listings.start"}
    plain |= {"tariff.change", "tariff.tariff", "term_clock.clock"}
    plain |= {"confidential.ours", "groups.new", "groups.ours", "within_trust.rule"}
    plain |= {"experts.mine", "experts.new", "experts.suggest", "profiles.parts"}
    plain |= {"evidence.ours", "evidence.new", "photographs.ours", "photographs.new"}
    plain |= {"saved_searches.ours"}
    plain |= {"members.staff_of_network", "network.policy", "notifications.preferences"}
    plain |= {
        "audit.periods",
        "proofs.check_a_proof",
        "same_person.rule",
        "single_sign_on.connected",
        "support.history",
    }
    lists = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in ASSETS | plain
        if not any(name.endswith("_id") or name in NAMES for name in rule.arguments)
    }
    assert lists == set(ASKED)


def test_odd_questions_are_answered(app: Skillbank, browsers: list[Browser]) -> None:
    faults = []
    for endpoint, names in ASKED.items():
        with app.test_request_context():
            values = {"code": "network:issuance"} if endpoint.startswith("audit.account") else {}
            values |= {"form": "xlsx"} if endpoint == "audit.journal_export" else {}
            path = app.url_for(endpoint, **values)
        school = not path.startswith("/network/") and "/book/" not in path
        who = 2 if path.startswith("/trust/") else 0 if school else 1
        client = browsers[who].client
        alone = set(names.split()) - CHOSEN
        if endpoint in SAME or len(names.split()) == 1:  # then it is alone below, too
            alone = set()
        for name in alone:
            for odd in ODD if name in PLACES_IN_TIME else PLAIN:
                answer = client.get(f"{path}?{name}={quote(odd)}", buffered=True)
                if answer.status_code not in (200, 302, 400, 404, 422):
                    faults.append((path, name, odd[:30], answer.status_code))
                assert b"<script>alert" not in answer.data
        for odd in PLAIN if PLACES_IN_TIME.isdisjoint(names.split()) else ODD:
            everything = "&".join(f"{name}={quote(odd)}" for name in names.split())
            answer = client.get(f"{path}?{everything}&{quote(odd)}=1", buffered=True)
            if answer.status_code not in (200, 302, 400, 404, 422):
                faults.append((path, "all", odd[:30], answer.status_code))
    assert faults == []


def test_numbers_of_nothing_are_unknown_pages(browsers: list[Browser]) -> None:
    school, network, _ = browsers
    for odd in ("0", "2147483647", "2147483648", "9" * 19, "9" * 400, "%00", "x"):
        for browser, path in (
            (school, f"/listings/{odd}"),
            (school, f"/listings/{odd}/ask"),
            (school, f"/listings/{odd}/change"),
            (school, f"/messages/{odd}"),
            (school, f"/exchanges/{odd}"),
            (school, f"/exchanges/{odd}/deliver"),
            (school, f"/schools/{odd}"),
            (school, f"/credits/transactions/{odd}"),
            (network, f"/credits/book/accounts/{odd}"),
            (network, f"/credits/book/accounts/{odd}/statement.csv"),
        ):
            browser.get(path)
            assert (path, browser.status) == (path, 400 if odd == "%00" else 404)
            assert (browser.heading == "We could not read that address") == (odd == "%00")
            assert browser.page.select("main a")


def test_a_byte_that_is_no_text_is_searched_for_as_it_may_be(browsers: list[Browser]) -> None:
    assert browsers[0].get("/search?q=%ff%fe&near=%c3").status == 200


def test_a_search_needs_no_filter(browsers: list[Browser]) -> None:
    browser = browsers[0].get("/search?q=phonics")
    assert "Part of this search is not known" not in browser.text
    assert not browser.page.select("details[open]")
    browser.get("/search?q=phonics&topic=&phase=")
    assert "left it out" not in browser.text
    browser.get("/search?q=phonics&kind=ours&topic=rubbish&topic=phonics")
    assert browser.page.select_one("#topic-phonics").has_attr("checked")
    assert "We did not understand part of this search and left it out." in browser.text
    assert browser.page.select(".result")
