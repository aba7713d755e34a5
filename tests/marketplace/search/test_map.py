"""The small map of one school: itself, the schools around it, and ours if it is near."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.search.map import SIDE, draw_school
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

HERE = (400_000, 300_000)
MILE = 1609


def test_the_map_reaches_to_our_school_if_it_is_near(app: Skillbank) -> None:
    with saved(app):
        joined_school(easting=HERE[0] + MILE, northing=HERE[1])
        near = draw_school(db.session(), HERE, (HERE[0], HERE[1] + 10 * MILE))
        far = draw_school(db.session(), HERE, (HERE[0], HERE[1] + 40 * MILE))
        own = draw_school(db.session(), HERE, HERE)
        unknown = draw_school(db.session(), HERE, None)
    middle = pytest.approx((SIDE / 2, SIDE / 2), abs=0.1)
    for drawn in (near, far, own, unknown):
        assert drawn.middle == middle
        assert drawn.schools
    assert near.us is not None
    assert near.us[0] == pytest.approx(SIDE / 2, abs=0.1)
    assert 0 < near.us[1] < SIDE / 4
    assert (far.us, unknown.us) == (None, None)
    assert own.us == middle


def test_a_school_has_it_on_its_page(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        ours = joined_school(easting=HERE[0], northing=HERE[1])
        theirs = joined_school(name="Ash School", easting=HERE[0] + 5 * MILE, northing=HERE[1])
        hidden = joined_school(easting=None, northing=None)
        us = actor_for(ours)
    browser = Browser(client).be(us).get(f"/schools/{theirs.urn}")
    drawn = browser.page.select_one(".map-body svg")
    assert drawn["aria-label"] == "Map around Ash School, 5 miles from your school"
    assert "5 miles from your school , which is plum" in browser.text
    assert len(drawn.select(".map-us")) == len(drawn.select(".map-school")) == 1
    browser.get(f"/schools/{ours.urn}")
    assert "Your school is plum." in browser.text
    assert not browser.get(f"/schools/{hidden.urn}").page.select(".map-body")
