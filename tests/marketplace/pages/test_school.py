"""A school's page: what the register says of it, seen from one's own school."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

METRES_IN_12_MILES = 19_312


@pytest.mark.parametrize(
    ("own", "east", "words"),
    [
        (True, 0, []),
        (False, METRES_IN_12_MILES, ["12 miles"]),
        (False, 0, ["under 1 mile"]),
        (False, None, []),
    ],
)
@pytest.mark.parametrize("page", ["/schools/{urn}", "/listings/{listing}"])
def test_another_school_says_how_far_it_is(
    app: Skillbank, client: FlaskClient, page: str, own: bool, east: int | None, words: list[str]
) -> None:
    with saved(app):
        actor = actor_for(joined_school())
        position = (None, None) if east is None else (380_000 + east, 398_000)
        other = joined_school(easting=position[0], northing=position[1])
        owner = actor if own else actor_for(other)
        path = page.format(urn=owner.urn, listing=posted(owner).id)
    text = Browser(client).be(actor).get(path).page.find("main").get_text(" ")
    assert [phrase for phrase in ("12 miles", "under 1 mile") if phrase in text] == words
