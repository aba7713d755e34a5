"""What has a retired topic keeps it, and nothing new gets one, whatever asks for it."""

from __future__ import annotations

import pytest

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.errors import Refusal
from marketplace.listings.service import change_listing
from marketplace.profiles.evidence.service import change_evidence
from marketplace.profiles.experts.service import change_expertise
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.profiles.factories import evidenced, piece, said, shared
from tests.marketplace.search.own_topics.factories import retired


def test_nothing_new_has_a_retired_topic_and_what_has_it_keeps_it(app: Skillbank) -> None:
    with saved(app) as session:
        us, desk = actor_for(joined_school(), Role.ADMINISTRATOR, Role.COORDINATOR), operator()
        listing = posted(us, topics=("music",))
        expertise = shared(us, topics=("music",))
        evidence = evidenced(us, topics=("music",))
    with saved(app) as session:
        retired(desk, "music", "drama")
    with saved(app) as session:
        for make in (posted, shared, evidenced):
            with pytest.raises(Refusal, match="Choose “Drama and dance”") as refused:
                make(us, topics=("music", "drama"))
            assert refused.value.field == "topics"
        both = {"topics": ("drama", "music")}
        change_listing(session, us, session.merge(listing), draft(**both), version=1)
        change_expertise(session, us, session.merge(expertise), said(**both), version=1)
        changed = change_evidence(session, us, evidence.id, piece(**both), version=1)
        assert changed.topics == ["drama", "music"]
