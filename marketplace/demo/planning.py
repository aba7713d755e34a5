"""What the demo's exchanges are: about which listing, with whom, how far they came, and when."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from marketplace.demo.content import notes
from marketplace.demo.content.conversations import conversations_about
from marketplace.demo.content.listing_text import ListingText
from marketplace.exchanges.models import State
from marketplace.exchanges.steps import Step
from marketplace.listings.topics import TOPICS
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.formats import LONDON, today

NEAREST_OF = 10

# How often each state comes up; a network that is some time old has mostly finished exchanges.
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
    """A listing that has been put up."""

    id: int
    text: ListingText
    school: School
    at: datetime


@dataclass(slots=True)
class Plan:
    """One exchange to be made; ``asker`` is the school that found the listing."""

    posted: Posted
    asker: School
    state: State
    minutes: int
    delivered: int
    on: date
    begun: datetime
    details: str
    lines: tuple[str, ...]
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def gives(self) -> bool:
        """Whether the school behind the listing provides the help."""
        return self.posted.text.kind == "offer"

    @property
    def paid_at(self) -> datetime:
        """When its credits were held or, if it is confirmed, moved."""
        step = Step.CONFIRM if self.state is State.CONFIRMED else Step.AGREE
        return next(event["at"] for event in self.events if event["step"] == step)

    @property
    def provider(self) -> School:
        """The school that helps."""
        return self.posted.school if self.gives else self.asker

    @property
    def receiver(self) -> School:
        """The school that is helped."""
        return self.asker if self.gives else self.posted.school


class Planner:
    """Plans exchanges; keeps every school within its credit limit."""

    def __init__(
        self,
        schools: Sequence[School],
        main: tuple[School, School],
        policy: Policy,
        rng: random.Random,
    ) -> None:
        self.schools = schools
        self.main = main
        self.policy = policy
        self.rng = rng
        # A school spends from what it was granted and may owe; what it earns comes on top.
        self.free = {school.urn: policy.joining_grant + policy.credit_limit for school in schools}
        self.partners: dict[int, list[School]] = {}

    def plan(self, posted: Sequence[Posted], number: int) -> Plan | None:
        """One exchange: about which listing, with whom, how far it has come, and when."""
        rng = self.rng
        if number < len(_SHOWN):
            state, gives = _SHOWN[number]
            ours = [one for one in posted if one.school.urn == self.main[0].urn]
            others = [one for one in posted if one.school.urn != self.main[0].urn]
            # The main school gives what it offers and receives what others offer.
            offers = [one for one in (ours if gives else others) if one.text.kind == "offer"]
            one = rng.choice(offers or posted)
            asker = rng.choice(self._near(one.school)) if gives else self.main[0]
            if number % 4 < 2 and gives:
                asker = self.main[1]
        else:
            state = rng.choice(_STATES)
            one = rng.choice(posted)
            asker = rng.choice(self._near(one.school))
        if asker.urn == one.school.urn:
            return None
        step = self.policy.smallest_step
        minutes = max(step, min(one.text.minutes, self.policy.longest_exchange) // step * step)
        delivered = minutes if rng.random() < 0.8 else max(step, minutes // 2 // step * step)
        on, begun = self._when(one, state)
        return Plan(
            posted=one,
            asker=asker,
            state=state,
            minutes=minutes,
            delivered=delivered,
            on=on,
            begun=begun,
            details=self.note(notes.AGREED_DETAILS, one),
            lines=rng.choice(conversations_about(one.text.kind, one.text.mode)).between(
                asker.name,
                one.school.name,
                title=one.text.title,
                topic=TOPICS[one.text.topics[0]].name,
            ),
        )

    def note(self, among: tuple[notes.Note, ...], one: Posted) -> str:
        """One of ``among`` that fits where the listing happens."""
        return self.rng.choice(notes.notes_for(among, one.text.mode))

    def _when(self, one: Posted, state: State) -> tuple[date, datetime]:
        """The day of the help, and the instant the conversation began."""
        rng = self.rng
        now = today()
        age = max((now - one.at.date()).days, 4)
        if state in (State.CONFIRMED, State.DECLINED, State.CANCELLED):
            on = now - timedelta(days=rng.randint(3, max(age - 1, 3)))
            begun = on - timedelta(days=rng.randint(2, 20))
        elif state is State.DELIVERED:
            on = now - timedelta(days=rng.randint(1, 5))
            begun = on - timedelta(days=rng.randint(6, 20))
        else:
            on = now + timedelta(days=rng.randint(3, 45))
            begun = now - timedelta(days=rng.randint(1, 8))
        begun = max(begun, one.at.date())
        at = datetime(
            begun.year, begun.month, begun.day, rng.randint(8, 11), rng.randrange(60), tzinfo=LONDON
        )
        return max(on, begun), at

    def _near(self, school: School) -> list[School]:
        """A few schools not far away, with whom a school does most of its exchanges."""
        if school.urn not in self.partners:
            sample = self.rng.sample(self.schools, min(len(self.schools), 12 * NEAREST_OF))
            others = [one for one in sample if one.urn != school.urn] or list(self.schools)
            others.sort(key=lambda one: (_square(one, school), one.urn))
            self.partners[school.urn] = others[:NEAREST_OF]
        return self.partners[school.urn]

    def affordable(self, plan: Plan) -> bool:
        """Whether the receiver can pay; what it pays or has held is then taken off."""
        cost = {
            State.CONFIRMED: plan.delivered,
            State.AGREED: plan.minutes,
            State.DELIVERED: plan.minutes,
        }.get(plan.state, 0)
        if self.free[plan.receiver.urn] < cost:
            return False
        self.free[plan.receiver.urn] -= cost
        if plan.state is State.CONFIRMED:
            self.free[plan.provider.urn] += cost
        return True


def _square(one: School, other: School) -> int:
    if one.easting is None or other.easting is None:
        return 10**12
    return (one.easting - other.easting) ** 2 + ((one.northing or 0) - (other.northing or 0)) ** 2
