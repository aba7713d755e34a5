"""Open claims for a school that another one succeeds."""

from __future__ import annotations

import pytest

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.claims.handing_over import hand_over_claims
from marketplace.claims.models import ClaimState
from marketplace.claims.service import confirm_claim
from marketplace.network.events import SchoolSucceeded
from marketplace.network.models import Succession, SuccessionState
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import staff
from tests.marketplace.claims.factories import claimed, emails_to, token_for, waiting_claim
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


def succeeded(succession: Succession) -> SchoolSucceeded:
    """What the outbox hands over once a succession is carried out."""
    assert succession.to_urn is not None
    urns = (succession.from_urn, succession.to_urn)
    return SchoolSucceeded(actor_id=None, school_urns=urns, succession_id=succession.id)


@pytest.mark.parametrize("has_administrator", [False, True])
def test_open_claims_go_on_at_the_successor_or_are_answered(
    app: Skillbank, has_administrator: bool
) -> None:
    with saved(app) as session:
        old, new, other = joined_school(), joined_school(), joined_school()
        waiting, sent, elsewhere = waiting_claim(old), claimed(old), waiting_claim(other)
        token = token_for(sent.email)
        if has_administrator:
            staff(new, Role.ADMINISTRATOR)
        row = Succession(
            from_urn=old.urn,
            to_urn=new.urn,
            state=SuccessionState.DONE,
            created_at=waiting.created_at,
            done_at=waiting.created_at,
        )
        session.add(row)
        session.flush()
        for _ in range(2):  # the worker may come twice
            hand_over_claims(session, succeeded(row))
        assert (waiting.school_urn, sent.school_urn) == (new.urn, new.urn)
        assert (elsewhere.school_urn, elsewhere.state) == (other.urn, ClaimState.WAITING)
        overtaken = emails_to(waiting.email, "claim_overtaken")
        if has_administrator:
            assert (waiting.state, len(overtaken)) == (ClaimState.OVERTAKEN, 1)
            assert new.name in (overtaken[0].text or "")
        else:
            assert (waiting.state, overtaken) == (ClaimState.WAITING, [])
        confirmed = confirm_claim(session, token, Policy())
        assert confirmed is sent
        assert sent.state == (ClaimState.OVERTAKEN if has_administrator else ClaimState.WAITING)
