"""Who sees a listing: each audience, from each kind of school and from the network."""

from __future__ import annotations

import pytest

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import LocalAuthorityFactory, TrustFactory
from tests.marketplace.search.factories import indexed


@pytest.mark.parametrize(
    ("audience", "seen_by"),
    [
        (Reach.SCHOOL, "own"),
        (Reach.TRUST, "own trust network"),
        (Reach.LOCAL_AUTHORITY, "own authority network"),
        (Reach.REGION, "own authority trust region network"),
        (Reach.NATIONAL, "own authority trust region nothing network"),
    ],
)
def test_a_listing_is_seen_by_its_audience(app: Skillbank, audience: Reach, seen_by: str) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        bury = LocalAuthorityFactory(code="351", name="Bury")
        kent = LocalAuthorityFactory(code="886", name="Kent")
        ours = joined_school(trust=trust)
        listing_id = posted(actor_for(ours), audience=audience).id
        viewers = {
            "own": actor_for(ours, Role.MEMBER),
            "trust": actor_for(joined_school(trust=trust, local_authority=bury)),
            "authority": actor_for(joined_school()),
            "region": actor_for(joined_school(local_authority=bury)),
            "nothing": actor_for(joined_school(local_authority=kent, region="South East")),
        }
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        viewers["network"] = Actor(auditor.id, auditor.name, frozenset({Role.AUDITOR}))
        indexed(session)
    for name, who in viewers.items():
        browser = Browser(app.test_client()).be(who)
        seen = name in seen_by.split()
        assert (name, browser.get(f"/listings/{listing_id}").status) == (name, 200 if seen else 404)
        on_page = "Phonics coaching" in browser.get(f"/schools/{ours.urn}").text
        assert (name, on_page) == (name, seen)
        found = "Phonics coaching" in browser.get("/search?q=phonics").text
        assert (name, found) == (name, seen)
        if name not in ("own", "network"):
            for act in ("ask", "propose"):
                status = browser.get(f"/listings/{listing_id}/{act}").status
                assert (name, status) == (name, 200 if seen else 404)
