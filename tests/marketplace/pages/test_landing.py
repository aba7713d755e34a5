"""The public front page: what anybody on the web may read."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.audit.dashboard.keeping import keep_figures
from marketplace.listings.models import Kind
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("audience", [reach for reach in Reach if reach != Reach.GROUP])
def test_what_a_school_has_posted_is_not_on_the_web(
    app: Skillbank, client: FlaskClient, kind: Kind, audience: Reach
) -> None:
    """Schools post for schools: nobody has said yet that the public may read it."""
    with saved(app):
        school = joined_school(name="Hope Primary", region="North West", trust=None)
        is_possible = audience != Reach.CONFIDENTIAL or kind == Kind.REQUEST
        if audience != Reach.TRUST and is_possible:
            posted(
                actor_for(school),
                kind=kind,
                audience=audience,
                title="Reading catch-up",
                description="Our results fell.",
            )
    browser = Browser(client).get("/")
    assert browser.status == 200
    for secret in ("Reading catch-up", "results fell", "Hope Primary"):
        assert secret not in browser.text


@pytest.mark.parametrize("kept", [False, True])
def test_it_counts_what_is_open_by_kind_and_topic(
    app: Skillbank, client: FlaskClient, kept: bool
) -> None:
    with saved(app) as session:
        actor = actor_for(joined_school())
        for title in ("One", "Two"):
            posted(actor, title=title, topics=("phonics",))
        posted(actor, title="Three", kind="request", topics=("governance", "phonics"))
        if kept:
            keep_figures(session, session.commit)
    with saved(app):
        if kept:  # what is kept is shown until the worker counts again
            posted(actor_for(joined_school()), topics=("pe",))
    browser = Browser(client).get("/")
    figures = {
        figure.find("dt").get_text(): figure.find("dd").get_text()
        for figure in browser.page.select(".hero-figures div")
    }
    assert figures["open offers"] == "2"
    assert figures["open requests"] == "1"
    chips = [" ".join(chip.get_text(" ").split()) for chip in browser.page.select(".chips li")]
    assert chips == ["Phonics and early reading 3", "Governance 1"]
