"""Posting, changing and withdrawing; who may see what."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.listings.models import Listing
from marketplace.listings.queries import get_listing
from marketplace.listings.service import (
    change_listing,
    post_listing,
    reopen_listing,
    withdraw_listing,
)
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import LocalAuthorityFactory, TrustFactory


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


def test_the_same_form_sent_twice_posts_once(session: Session) -> None:
    acting = actor_for(joined_school())
    first = post_listing(session, acting, draft(), idempotency_key="a-form-that-is-sent")
    again = post_listing(session, acting, draft(), idempotency_key="a-form-that-is-sent")
    assert first.id == again.id
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 1


def test_a_member_may_not_post(session: Session) -> None:
    with pytest.raises(NotAllowed, match="member"):
        posted(actor_for(joined_school(), Role.MEMBER))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"description": ""}, "description"),
        ({"topics": ()}, "topics"),
        ({"topics": ("juggling",)}, "topics"),
        ({"topics": ("phonics", "reading", "writing", "oracy", "english", "mfl")}, "topics"),
        ({"phases": ()}, "phases"),
        ({"phases": ("ks9",)}, "phases"),
        ({"mode": "by_post"}, "mode"),
        ({"kind": "wish"}, "kind"),
        ({"minutes": 0}, "minutes"),
        ({"audience": "trust"}, "audience"),
    ],
)
def test_what_cannot_be_shown_is_refused_naming_the_field(
    session: Session, changes: dict[str, object], field: str
) -> None:
    acting = actor_for(joined_school())
    with pytest.raises(Refusal) as refused:
        posted(acting, **changes)
    assert refused.value.field == field


def test_each_audience_reaches_whom_it_says_and_nobody_else(session: Session) -> None:
    trust = TrustFactory()
    owner = joined_school(trust=trust, region="North West")
    bolton = LocalAuthorityFactory(code="350", name="Bolton")
    kent = LocalAuthorityFactory(code="886", name="Kent")
    viewers = {
        "own school": actor_for(owner, Role.MEMBER),
        "same trust, far away": actor_for(
            joined_school(trust=trust, local_authority=kent, region="South East")
        ),
        "same authority": actor_for(joined_school()),
        "same region": actor_for(joined_school(local_authority=bolton)),
        "elsewhere": actor_for(joined_school(local_authority=kent, region="South East")),
        "elsewhere, facts unknown": actor_for(joined_school(local_authority=kent, region=None)),
    }
    everyone = set(viewers)
    reached = {
        Reach.SCHOOL: {"own school"},
        Reach.TRUST: {"own school", "same trust, far away"},
        Reach.LOCAL_AUTHORITY: {"own school", "same authority"},
        Reach.REGION: {"own school", "same authority", "same region"},
        Reach.NATIONAL: everyone,
    }
    author = actor_for(owner)
    for audience, expected in reached.items():
        listing = posted(author, audience=audience)
        seen = set()
        for name, viewer in viewers.items():
            try:
                get_listing(session, listing.id, viewer)
            except NotFound:
                continue
            seen.add(name)
        assert seen == expected, audience


def test_two_schools_without_a_trust_share_none(session: Session) -> None:
    owner = actor_for(joined_school(trust=TrustFactory()))
    listing = posted(owner, audience="trust")
    with pytest.raises(NotFound):
        get_listing(session, listing.id, actor_for(joined_school(trust=None)))


def test_a_colleagues_change_is_not_overwritten_unseen(session: Session) -> None:
    acting = actor_for(joined_school())
    listing = posted(acting)
    change_listing(session, acting, listing, draft(title="Phonics for all"), version=1)
    with pytest.raises(Conflict, match="colleague"):
        change_listing(session, acting, listing, draft(title="Mine"), version=1)
    assert listing.title == "Phonics for all"
    change_listing(session, acting, listing, draft(title="Mine"), version=2)
    assert listing.title == "Mine"


def test_another_school_cannot_change_or_withdraw(session: Session) -> None:
    listing = posted(actor_for(joined_school()))
    other = actor_for(joined_school())
    with pytest.raises(NotFound):
        change_listing(session, other, listing, draft(), version=1)
    with pytest.raises(NotFound):
        withdraw_listing(session, other, listing)


def test_withdrawn_can_be_put_up_again_once(session: Session) -> None:
    acting = actor_for(joined_school())
    listing = posted(acting)
    assert withdraw_listing(session, acting, listing).status == "withdrawn"
    assert reopen_listing(session, acting, listing).status == "open"
    with pytest.raises(Conflict):
        reopen_listing(session, acting, listing)
