"""Writing to another school: when nobody there can read it any more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.conversations.models import Message
from marketplace.conversations.service import write
from marketplace.errors import Refusal
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.conversations.factories import asked
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school


@pytest.mark.parametrize("owner_closes", [True, False])
def test_a_school_that_has_closed_gets_no_messages(app: Skillbank, owner_closes: bool) -> None:
    with saved(app) as session:
        owner, other = actor_for(joined_school()), actor_for(joined_school())
        enquiry = asked(other, posted(owner))
        closed, writer = (owner, other) if owner_closes else (other, owner)
        session.get_one(School, closed.urn).status = "closed"
        with pytest.raises(Refusal, match="has closed, so nobody there can read a message"):
            write(session, writer, enquiry, "Are you there?", idempotency_key="a key of a form")
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
