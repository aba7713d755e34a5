"""What saved searches tell of: what is new, fits and may be seen, each listing once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.application import Skillbank
from marketplace.audiences.audience import MILES, Audience, Reach
from marketplace.listings.models import Listing
from marketplace.listings.service import withdraw_listing
from marketplace.mail.models import Email
from marketplace.saved_searches import running
from marketplace.saved_searches.models import (
    MOST_AT_ONCE_A_DAY,
    AlertedListing,
    AlertFrequency,
    SearchAlert,
)
from marketplace.saved_searches.running import last_morning
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.days import noon_on_a_thursday
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.telling import tell
from tests.marketplace.outbox.bells import SetClock
from tests.marketplace.saved_searches.factories import run_searches, saved_search
from tests.marketplace.schools.factories import LocalAuthorityFactory, TrustFactory


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    set_clock = SetClock(noon_on_a_thursday())
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock


@pytest.fixture
def session(app: Skillbank, set_clock: SetClock) -> Iterator[Session]:
    with saved(app) as session:
        yield session


@pytest.fixture
def us(session: Session) -> Actor:
    return actor_for(joined_school())


@pytest.fixture
def them(session: Session) -> Actor:
    return actor_for(joined_school())


def told(session: Session) -> list[str]:
    """The titles that alerts told of, the first one first."""
    run_searches(session)
    return list(
        session.scalars(
            sa.select(Listing.title)
            .join(AlertedListing, AlertedListing.listing_id == Listing.id)
            .order_by(AlertedListing.alert_id, Listing.id)
        )
    )


def letters(session: Session, who: Actor) -> list[Email]:
    tell(session)
    return list(session.scalars(sa.select(Email).where(Email.person_id == who.person_id)))


def test_only_what_is_new_and_fits_is_told_and_once(
    session: Session, us: Actor, them: Actor
) -> None:
    posted(them, title="Old phonics")
    saved_search(us)
    posted(them, title="New phonics")
    posted(them, title="Netball", description="Sport for everybody.", topics=("pe",))
    posted(them, title="Phonics wanted", kind="request")
    posted(us, title="Our own phonics")
    assert told(session) == ["New phonics"]
    assert told(session) == ["New phonics"]
    [email] = letters(session, us)
    assert "New phonics" in email.subject
    assert "/saved-searches/end/" in (email.unsubscribe_url or "")


@pytest.mark.parametrize(
    ("criteria", "fits"),
    [
        ({"topic": "phonics"}, True),
        ({"topic": ["phonics", "science"]}, True),
        ({"topic": "science"}, False),
        ({"phase": "ks2"}, False),
        ({"mode": "online"}, False),
        ({"region": "North West"}, True),
        ({"region": "London"}, False),
        ({"school": "secondary"}, False),
        ({"circle": "authority"}, True),
        ({"circle": "trust"}, False),
        ({"within": "5"}, True),
        ({"near": "our school", "within": "5"}, True),
        ({"q": "phonics timetabling"}, False),
        ({"q": "grapheme phoneme"}, True),
        ({"kind": "request"}, False),
    ],
)
def test_each_criterion_counts(
    session: Session, us: Actor, them: Actor, criteria: dict[str, str], fits: bool
) -> None:
    saved_search(us, words=criteria.get("q", ""), **{k: v for k, v in criteria.items() if k != "q"})
    posted(them)
    assert bool(told(session)) is fits


@pytest.mark.parametrize(
    "frequency", [AlertFrequency.AT_ONCE, AlertFrequency.DAILY, AlertFrequency.WEEKLY]
)
def test_what_our_own_school_and_trust_have_is_told_however_often(
    session: Session, them: Actor, set_clock: SetClock, frequency: AlertFrequency
) -> None:
    """A search for offers has those of the own trust, too, and the tab for it has nothing else."""
    trust = TrustFactory()
    ours, kin = joined_school(trust=trust), actor_for(joined_school(trust=trust))
    us, colleague = actor_for(ours), actor_for(ours)
    alone = actor_for(joined_school(trust=None))
    of_ours = saved_search(us, frequency=frequency, kind="ours")
    of_offers = saved_search(us, frequency=frequency)
    of_one_school = saved_search(alone, frequency=frequency, kind="ours")
    posted(kin, title="Of our trust")
    posted(kin, title="Sought by our trust", kind="request")
    posted(colleague, title="Of a colleague")
    posted(us, title="By us")
    posted(them, title="Of others")
    set_clock.move(days=7)
    run_searches(session)
    found: dict[int, set[str]] = {}
    for search_id, title in session.execute(
        sa.select(AlertedListing.saved_search_id, Listing.title).join(
            Listing, Listing.id == AlertedListing.listing_id
        )
    ):
        found.setdefault(search_id, set()).add(title)
    assert found == {
        of_ours.id: {"Of our trust", "Sought by our trust", "Of a colleague"},
        of_offers.id: {"Of our trust", "Of others"},
    }
    assert of_one_school.id not in found


def test_distance_is_measured_from_the_place_or_our_school(session: Session, us: Actor) -> None:
    saved_search(us, within="10")
    far = actor_for(joined_school(easting=500_000, northing=200_000))
    posted(far)
    assert told(session) == []


def test_nobody_is_told_of_what_they_may_not_see(session: Session) -> None:
    """Every reach, for schools that share nothing, a trust, an authority or a neighbourhood."""
    trust, authority = TrustFactory(), LocalAuthorityFactory(code="999", name="Elsewhere")
    owner = actor_for(joined_school(trust=trust, local_authority=authority))
    viewers = {
        "stranger": actor_for(joined_school(easting=500_000, northing=200_000, region="London")),
        "trust": actor_for(joined_school(trust=trust, easting=500_000, region="London")),
        "authority": actor_for(
            joined_school(local_authority=authority, easting=500_000, region="London")
        ),
        "near": actor_for(joined_school(easting=381_000)),
    }
    searches = {saved_search(who).id: name for name, who in viewers.items()}
    for reach in (Reach.SCHOOL, Reach.TRUST, Reach.LOCAL_AUTHORITY, Reach.REGION):
        posted(owner, title=reach.value, audience=Audience(reach))
    posted(owner, title="near", audience=Audience(Reach.NEAR, miles=MILES[0]))
    posted(
        owner,
        title="confidential",
        kind="request",
        audience=Audience(Reach.CONFIDENTIAL, miles=MILES[0]),
    )
    run_searches(session)
    found: dict[str, set[str]] = {}
    for search_id, title in session.execute(
        sa.select(AlertedListing.saved_search_id, Listing.title).join(
            Listing, Listing.id == AlertedListing.listing_id
        )
    ):
        found.setdefault(searches[search_id], set()).add(title)
    assert found == {
        "trust": {"trust"},
        "authority": {"local_authority"},
        "near": {"region", "near"},
    }


def test_what_is_gone_when_it_is_sent_is_not_told(session: Session, us: Actor, them: Actor) -> None:
    saved_search(us)
    listing = posted(them)
    run_searches(session)
    withdraw_listing(session, them, listing)
    assert letters(session, us) == []


def test_at_once_is_a_few_times_a_day_and_the_rest_comes_the_day_after(
    session: Session, us: Actor, them: Actor, set_clock: SetClock
) -> None:
    saved_search(us)
    for number in range(MOST_AT_ONCE_A_DAY + 2):
        posted(them, title=f"Phonics {number}")
        run_searches(session)
    assert len(told(session)) == MOST_AT_ONCE_A_DAY
    set_clock.move(days=1)
    assert len(told(session)) == MOST_AT_ONCE_A_DAY + 2
    alerts = sa.select(sa.func.count()).select_from(SearchAlert)
    assert session.scalar(alerts) == MOST_AT_ONCE_A_DAY + 1


def test_daily_runs_once_a_day_and_weekly_on_monday(
    session: Session, us: Actor, them: Actor, set_clock: SetClock
) -> None:
    saved_search(us, frequency=AlertFrequency.DAILY)
    saved_search(us, frequency=AlertFrequency.WEEKLY)
    saved_search(us, frequency=AlertFrequency.OFF)
    posted(them, title="Phonics")
    assert told(session) == []
    set_clock.move(days=1)  # Friday, noon
    assert told(session) == ["Phonics"]
    posted(them, title="More phonics")
    assert told(session) == ["Phonics"]
    set_clock.move(days=3)  # Monday, noon
    assert sorted(told(session)) == ["More phonics", "More phonics", "Phonics", "Phonics"]


def test_the_last_morning_is_before_now() -> None:
    monday = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)
    assert last_morning(monday).date().isoformat() == "2026-11-22"
    assert last_morning(monday, running.WEEKDAY).date().isoformat() == "2026-11-16"
    seven = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert last_morning(seven, running.WEEKDAY) == seven
    # In summer the clock in London is an hour ahead.
    summer = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert last_morning(summer) == summer


def test_who_may_not_look_any_more_is_told_nothing(
    session: Session, us: Actor, them: Actor
) -> None:
    saved_search(us)
    posted(them)
    run_searches(session)
    session.get_one(Person, us.person_id).active = False
    assert letters(session, us) == []
