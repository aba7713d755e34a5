"""The page that a school writes about itself: who sees which part, and what is shown of a text."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.errors import Conflict, Refusal
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.rendering import render_markdown
from marketplace.profiles.parts.service import write_part
from marketplace.profiles.school_page import visible_parts
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.schools.factories import TrustFactory


def test_each_part_has_its_own_audience(app: Skillbank) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        ours = joined_school(trust=trust)
        us = actor_for(ours)
        for kind, reach in (
            (PartKind.CONTACT, Reach.SCHOOL),
            (PartKind.EVIDENCE, Reach.TRUST),
            (PartKind.OUTSTANDING, Reach.NATIONAL),
        ):
            write_part(session, us, kind, "Words.", Audience(reach), version=0)
        seen = {
            who: [one.part.kind for one in visible_parts(session, actor, ours.urn)]
            for who, actor in (
                ("colleague", actor_for(ours)),
                ("trust", actor_for(joined_school(trust=trust))),
                ("far", actor_for(joined_school())),
            )
        }
        assert seen == {
            "colleague": ["outstanding", "evidence", "contact"],
            "trust": ["outstanding", "evidence"],
            "far": ["outstanding"],
        }


def test_a_school_writes_a_part_and_others_read_it(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school(name="Ash School")
        head, other = actor_for(school, Role.ADMINISTRATOR), actor_for(joined_school())
        runs = operator()
        urn = school.urn
    browser = Browser(client).be(head).get("/profile/outstanding")
    browser.submit("Save", text="**Phonics** that works\n\n- daily\n- for all")
    assert browser.flashes == ["Saved."]
    browser.be(other).get(f"/schools/{urn}")
    part = browser.page.select_one(".profile-part")
    assert part.select_one("strong").text == "Phonics"
    assert [item.text for item in part.select("li")] == ["daily", "for all"]
    assert "Write our page" not in browser.text
    browser.be(runs).get(f"/schools/{urn}")
    assert browser.page.select_one(".profile-part")
    # Emptied, it is off the page.
    browser.be(head).get("/profile/outstanding").submit("Save", text="")
    assert not browser.be(other).get(f"/schools/{urn}").page.select(".profile-part")


def test_the_audience_can_be_looked_at_before_it_is_saved(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        head = actor_for(joined_school(), Role.ADMINISTRATOR)
    browser = Browser(client).be(head).get("/profile/evidence")
    browser.submit("Show who sees it", audience="school", text="Kept")
    assert "Only the staff of your own school" in browser.text
    assert browser.page.find("textarea").get_text().strip() == "Kept"


def test_who_wrote_at_the_same_time_is_told(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        one, other = actor_for(school), actor_for(school)
        write_part(session, one, PartKind.EVIDENCE, "One", Audience(), version=0)
        # The same again is no conflict.
        write_part(session, other, PartKind.EVIDENCE, "One", Audience(), version=0)
        with pytest.raises(Conflict):
            write_part(session, other, PartKind.EVIDENCE, "Other", Audience(), version=0)
        part = write_part(session, other, PartKind.EVIDENCE, "Other", Audience(), version=1)
        assert (part.text, part.version) == ("Other", 2)


def test_what_is_too_long_or_for_nobody_is_refused(app: Skillbank) -> None:
    with saved(app) as session:
        us = actor_for(joined_school())
        for text, audience, field in (
            ("x" * 4001, Audience(), "text"),
            ("x", Audience(Reach.CONFIDENTIAL, miles=10), "audience"),
            ("x", Audience(Reach.TRUST), "audience"),
        ):
            with pytest.raises(Refusal) as refusal:
                write_part(session, us, PartKind.EVIDENCE, text, audience, version=0)
            assert refusal.value.field == field


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,x)",
        "[a](vbscript:x)",
        "![a](https://elsewhere.example/x.png)",
        '<https://a.example/"onmouseover=alert(1)>',
        '[a](https://a.example/"onmouseover="alert)',
        "# A heading",
        "<iframe src='https://a.example'>",
    ],
)
def test_nothing_but_text_lists_and_links_comes_out_of_markdown(text: str) -> None:
    page = BeautifulSoup(render_markdown(text), "html.parser")
    allowed = {"p", "a", "ul", "ol", "li", "strong", "em", "br", "blockquote", "code", "pre", "hr"}
    for tag in page.find_all(True):
        assert tag.name in allowed
        assert set(tag.attrs) <= {"href", "rel"}
        assert tag.get("href", "https://").startswith("https://")


def test_links_vouch_for_nobody() -> None:
    link = BeautifulSoup(render_markdown("[a](https://a.example)"), "html.parser").a
    assert link["href"] == "https://a.example"
    assert {"nofollow", "noopener", "noreferrer"} <= set(link["rel"])
