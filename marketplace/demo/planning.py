"""What the demo's exchanges are: about which listing, with whom, how far they came, and when."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from marketplace.demo.content import conversations_about, demo_content
from marketplace.demo.history import AGREED_STATES, Days, PastStep, choose_days, history
from marketplace.demo.texts import ListingText, notes_for
from marketplace.exchanges.models import State
from marketplace.exchanges.states import Step
from marketplace.listings.topics import BUILT_IN
from marketplace.schools.models import School
from marketplace.settings import Policy

NEAREST_OF = 10

# How often each state occurs: in an established network, most exchanges are finished.
_STATES = (
    [State.CONFIRMED] * 70
    + [State.PROPOSED] * 9
    + [State.AGREED] * 9
    + [State.DELIVERED] * 5
    + [State.DECLINED] * 4
    + [State.CANCELLED] * 3
)
# The main school's first exchanges show every state from both sides.
_SHOWN = tuple(
    (state, gives)
    for state in (
        State.PROPOSED,
        State.AGREED,
        State.DELIVERED,
        State.DELIVERED,  # of these one is disputed
        State.CONFIRMED,
        State.CONFIRMED,
        State.CONFIRMED,
        State.DECLINED,
        State.CANCELLED,
    )
    for gives in (True, False)
)


@dataclass(frozen=True, slots=True)
class Posted:
    """A listing that has been posted."""

    id: int
    text: ListingText
    school: School
    at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """One exchange to be made; ``asker`` is the school that found the listing."""

    posted: Posted
    asker: School
    state: State
    minutes: int
    delivered: int
    days: Days
    details: str
    lines: tuple[str, ...]
    provider: School
    receiver: School
    steps: tuple[PastStep, ...]

    @property
    def needs_credits(self) -> bool:
        """Whether credits are or were held for it, or have moved."""
        return self.state in AGREED_STATES

    @property
    def counts_at(self) -> datetime:
        """When its credits were held or, if it is confirmed, moved; else when it began."""
        step = {State.CONFIRMED: Step.CONFIRM}.get(
            self.state, Step.AGREE if self.needs_credits else Step.PROPOSE
        )
        return next(past_step.at for past_step in self.steps if past_step.step is step)

    @property
    def order(self) -> tuple[date, bool, datetime, int, int]:
        """Where it stands among the others: by day, and within a day what is paid goes first."""
        return (
            self.counts_at.date(),
            self.state is not State.CONFIRMED,
            self.counts_at,
            self.posted.id,
            self.asker.urn,
        )


class Planner:
    """Plans exchanges; keeps every school within its credit limit."""

    def __init__(
        self,
        schools: Sequence[School],
        main: Sequence[School],
        policy: Policy,
        rng: random.Random,
        day: date,
    ) -> None:
        self.day = day
        self.schools = schools
        self.main = main
        self.policy = policy
        self.rng = rng
        # A school spends from what it was granted and may owe; what it earns comes on top.
        self.free = {school.urn: policy.joining_grant + policy.credit_limit for school in schools}
        self.partners: dict[int, list[School]] = {}

    def plan(self, listings: Sequence[Posted], number: int) -> Plan | None:
        """Return a plan for one exchange: which listing, which schools, which state, and when."""
        rng = self.rng
        if number < len(_SHOWN):
            state, main_school_gives = _SHOWN[number]
            ours = [listing for listing in listings if listing.school.urn == self.main[0].urn]
            others = [listing for listing in listings if listing.school.urn != self.main[0].urn]
            # The main school gives what it offers and receives what others offer.
            offers = [
                listing
                for listing in (ours if main_school_gives else others)
                if listing.text.kind == "offer"
            ]
            listing = rng.choice(offers or listings)
            asker = rng.choice(self._near(listing.school)) if main_school_gives else self.main[0]
            if number % 4 < 2 and main_school_gives:
                asker = self.main[1]
        else:
            state = rng.choice(_STATES)
            listing = rng.choice(listings)
            asker = rng.choice(self._near(listing.school))
        if asker.urn == listing.school.urn:
            return None
        return self._plan(listing, asker, state)

    def called_off(self, plan: Plan) -> Plan:
        """Return the plan, declined or cancelled because its receiver cannot pay."""
        return self._plan(
            plan.posted, plan.asker, self.rng.choice([State.DECLINED, State.CANCELLED])
        )

    def _plan(self, listing: Posted, asker: School, state: State) -> Plan:
        rng = self.rng
        step = self.policy.smallest_step
        minutes = max(step, min(listing.text.minutes, self.policy.longest_exchange) // step * step)
        delivered = minutes if rng.random() < 0.8 else max(step, minutes // 2 // step * step)
        days = choose_days(rng, state, listing.at.date(), self.day)
        details = rng.choice(notes_for(demo_content().notes.agreed_details, listing.text.mode))
        gives = listing.text.kind == "offer"
        provider, receiver = (listing.school, asker) if gives else (asker, listing.school)
        return Plan(
            posted=listing,
            asker=asker,
            state=state,
            minutes=minutes,
            delivered=delivered,
            days=days,
            details=details,
            lines=rng.choice(conversations_about(listing.text.kind, listing.text.mode)).between(
                asker.name,
                listing.school.name,
                title=listing.text.title,
                topic=BUILT_IN.by_slug[listing.text.topics[0]].name,
            ),
            provider=provider,
            receiver=receiver,
            steps=history(
                rng,
                state,
                days,
                asker=asker.urn,
                owner=listing.school.urn,
                provider=provider.urn,
                receiver=receiver.urn,
                minutes=minutes,
                delivered=delivered,
                details=details,
                mode=listing.text.mode,
            ),
        )

    def _near(self, school: School) -> list[School]:
        """A few schools not far away, with whom a school does most of its exchanges."""
        if school.urn not in self.partners:
            sample = self.rng.sample(self.schools, min(len(self.schools), 12 * NEAREST_OF))
            neighbours = [neighbour for neighbour in sample if neighbour.urn != school.urn] or list(
                self.schools
            )
            neighbours.sort(key=lambda neighbour: (_square(neighbour, school), neighbour.urn))
            self.partners[school.urn] = neighbours[:NEAREST_OF]
        return self.partners[school.urn]

    def affordable(self, plan: Plan) -> bool:
        """Say whether the receiver can pay, and if so take the cost off its free credits.

        Call it in the order of the plans.
        """
        if not plan.needs_credits:
            return True
        cost = plan.delivered if plan.state is State.CONFIRMED else plan.minutes
        if self.free[plan.receiver.urn] < cost:
            return False
        self.free[plan.receiver.urn] -= cost
        if plan.state is State.CONFIRMED:
            self.free[plan.provider.urn] += cost
        return True


def _square(school: School, other: School) -> int:
    if school.easting is None or other.easting is None:
        return 10**12
    return (school.easting - other.easting) ** 2 + (
        (school.northing or 0) - (other.northing or 0)
    ) ** 2
