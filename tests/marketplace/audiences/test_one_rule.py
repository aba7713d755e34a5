"""The database, the search index and the rule in plain Python agree who may see what."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session

from marketplace.accounts.current_user import actor_of
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import MILES, Audience, Belonging, Reach, may_see
from marketplace.audiences.models import GroupMember, MemberState, SchoolGroup, audience_values
from marketplace.audiences.queries import (
    count_viewers,
    get_belonging,
    groups_of,
    reached_by,
    visible_to,
)
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.schools.facts import REGIONS, Phase, SizeBand, UrbanRural
from marketplace.schools.models import School
from marketplace.schools.traits import (
    DIMENSIONS,
    NO_TRAITS,
    Trait,
    fits,
    fits_in_sql,
    traits_alike,
    traits_of,
)
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.index.documents import document, open_listings
from marketplace.search.index.fields import schema
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.network.factories import auditor, operator
from tests.marketplace.schools.factories import LocalAuthorityFactory, SchoolFactory, TrustFactory

SCHOOLS, LISTINGS, GROUPS = 60, 400, 4
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TYPES = (
    "Community school",
    "Academy converter",
    "Free schools special",
    "Free schools alternative provision",
    "Pupil referral unit",
    "Other independent school",
    "Other independent special school",
    "Local authority nursery school",
    "Voluntary aided school",
    "Further education",
    "Studio schools",
    "Miscellaneous",
)
FAITHS = (None, "None", "Does not apply", "Church of England", "Jewish")


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    """The application's session."""
    with app.app_context():
        yield db.session()


class World:
    """Schools of every kind in a few counties, in groups, with listings for every audience."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.rng = session, random.Random(seed)
        self.person = PersonFactory()
        self.authorities = [
            LocalAuthorityFactory(code=code, name=f"Authority {code}") for code in ("801", "802")
        ]
        self.trusts = [None, *(TrustFactory() for _ in range(3))]
        self.schools = [self.school(number) for number in range(SCHOOLS)]
        session.flush()
        self.groups = [self.group(number) for number in range(GROUPS)]
        self.belongings = {school.urn: get_belonging(session, school) for school in self.schools}
        self.audiences = {number: self.listing(number) for number in range(1, LISTINGS + 1)}

    def school(self, number: int) -> School:
        """A school of any kind; some exactly as far from the first as an audience reaches."""
        rng = self.rng
        position: Any = (rng.randrange(400_000, 460_000), rng.randrange(300_000, 360_000))
        if number % 7 == 1:
            position = (400_000 + int(rng.choice(MILES) * 1609.344) + rng.randrange(2), 300_000)
        if number % 11 == 5:
            position = (None, None)
        if number == 0:
            position = (400_000, 300_000)
        ages = rng.choice([(None, None), (3, 5), (2, 11), (11, 16), (7, 13), (4, 19), (16, 19)])
        school: School = SchoolFactory(
            joined_at=NOW,
            phase=rng.choice([None, *Phase]),
            age_low=ages[0],
            age_high=ages[1],
            size_band=rng.choice([None, *SizeBand]),
            type_name=rng.choice(TYPES),
            setting=rng.choice([None, *UrbanRural]),
            religious_character=rng.choice(FAITHS),
            region=rng.choice([None, *REGIONS[:2]]),
            easting=position[0],
            northing=position[1],
            local_authority=rng.choice(self.authorities),
            trust=rng.choice(self.trusts),
        )
        return school

    def group(self, number: int) -> SchoolGroup:
        """A group that some schools are in; others were asked, declined or left."""
        members = self.rng.sample(self.schools, 24)
        group = SchoolGroup(
            name=f"Group {number}",
            purpose="Help",
            lead_urn=members[0].urn,
            founded_by_id=self.person.id,
            founded_at=NOW,
            idempotency_key=f"group:{number}",
        )
        self.session.add(group)
        self.session.flush()
        for school in members:
            state = self.rng.choice([MemberState.MEMBER, MemberState.MEMBER, *MemberState])
            is_asked = state == MemberState.INVITED
            self.session.add(
                GroupMember(
                    group_id=group.id,
                    school_urn=school.urn,
                    state=state,
                    invited_by_id=self.person.id,
                    invited_at=NOW,
                    answered_by_id=None if is_asked else self.person.id,
                    answered_at=None if is_asked else NOW,
                )
            )
        self.session.flush()
        return group

    def audience(self, owner: School) -> Audience:
        """Any audience, narrowed in up to three ways."""
        rng, only, alike = self.rng, NO_TRAITS, False
        reach = rng.choice(list(Reach))
        for dimension in rng.sample(DIMENSIONS, rng.choice([0, 0, 1, 1, 2, 3])):
            traits = list(dimension)
            for trait in rng.sample(traits, rng.randint(1, len(traits))):
                only |= trait
        if not only and rng.random() < 0.2:
            only, alike = traits_alike(traits_of(owner)), True
        groups = rng.sample([group.id for group in self.groups], 2)
        return Audience(
            reach,
            groups[0] if reach == Reach.GROUP else None,
            rng.choice(MILES) if reach in (Reach.NEAR, Reach.CONFIDENTIAL) else None,
            only,
            alike,
            groups[1] if reach == Reach.GROUP and rng.random() < 0.5 else None,
        )

    def listing(self, number: int) -> tuple[Belonging, Audience]:
        """A request of any school for any audience, written as many at once are."""
        owner = self.rng.choice(self.schools)
        audience = self.audience(owner)
        self.session.execute(
            sa.insert(Listing).values(
                id=number,
                kind="request",
                school_urn=owner.urn,
                author_id=self.person.id,
                title="Phonics",
                description="Phonics",
                mode="online",
                minutes=60,
                status="open",
                created_at=NOW,
                updated_at=NOW - timedelta(days=9),
                idempotency_key=f"listing:{number}",
                **audience_values(audience),
            )
        )
        return self.belongings[owner.urn], audience

    def index(self) -> tantivy.Searcher:
        """The listings as the search index has them, in memory."""
        index = tantivy.Index(schema())
        writer = index.writer(heap_size=15_000_000, num_threads=1)
        for batch in open_listings(self.session):
            for facts in batch:
                writer.add_document(document(facts))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index.searcher()


def in_database(session: Session, actor: Any) -> set[int]:
    """The numbers of the listings that the actor may see, as the database says."""
    query = sa.select(Listing.id).join(Listing.school).where(visible_to(actor, Listing))
    return set(session.scalars(query))


def in_index(session: Session, searcher: tantivy.Searcher, actor: Any) -> set[int]:
    """The same, as the index says; what it counts must be what it finds."""
    groups = groups_of(session, actor.urn) if actor.urn is not None else frozenset[int]()
    engine = Engine(searcher, actor, group_ids=groups)
    hits = engine.newest(tantivy.Query.all_query(), Filters(), LISTINGS + 1)
    assert engine.count(tantivy.Query.all_query(), Filters()) == len(hits)
    return {hit.id for hit in hits}


@pytest.mark.parametrize("seed", [1, 2])
def test_database_index_and_plain_rule_agree_about_every_pair(session: Session, seed: int) -> None:
    world = World(session, seed)
    searcher = world.index()
    confidential = {
        number
        for number, (_owner, audience) in world.audiences.items()
        if audience.reach == Reach.CONFIDENTIAL
    }
    pairs = seen = 0
    for school in world.schools:
        actor = actor_of(world.person, frozenset({Role.MEMBER}), school)
        viewer = world.belongings[school.urn]
        assert Belonging.of_actor(actor, viewer.group_ids) == viewer
        plain = {
            number
            for number, (owner, audience) in world.audiences.items()
            if may_see(viewer, owner, audience)
        }
        assert in_database(session, actor) == plain, school.urn
        # What is confidential no search finds, not even that of its own school.
        assert in_index(session, searcher, actor) == plain - confidential, school.urn
        pairs, seen = pairs + len(world.audiences), seen + len(plain)
    assert pairs == SCHOOLS * LISTINGS
    assert 0.1 * pairs < seen < 0.9 * pairs


def test_the_network_sees_all_but_what_is_for_own_staff(session: Session) -> None:
    world = World(session, 3)
    searcher = world.index()
    for_others = {
        number
        for number, (_owner, audience) in world.audiences.items()
        if audience.reach not in (Reach.SCHOOL, Reach.CONFIDENTIAL)
    }
    for actor in (operator(), auditor()):
        assert in_database(session, actor) == for_others
        assert in_index(session, searcher, actor) == for_others


def test_the_schools_that_are_counted_are_those_that_see_it(session: Session) -> None:
    world = World(session, 4)
    for owner, audience in world.audiences.values():
        query = sa.select(School.urn).where(reached_by(audience, owner))
        reached = set(session.scalars(query.where(School.joined_at.is_not(None))))
        assert reached == {
            urn
            for urn, viewer in world.belongings.items()
            if urn != owner.urn and may_see(viewer, owner, audience)
        }, audience
        assert count_viewers(session, audience, owner) == len(reached)


def test_traits_that_the_database_makes_are_those_of_the_rule(session: Session) -> None:
    world = World(session, 5)
    for only in [*Trait, *DIMENSIONS, Trait.PRIMARY | Trait.RURAL, Trait.FAITH | Trait.SMALL]:
        in_sql = set(session.scalars(sa.select(School.urn).where(fits_in_sql(only))))
        assert in_sql == {s.urn for s in world.schools if fits(traits_of(s), only)}, only
