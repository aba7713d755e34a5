"""The demo's conversations and exchanges, in every state, on a book that balances."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, LedgerError, Line, Posting
from marketplace.conversations.models import Enquiry, Message
from marketplace.demo.accounts import Staff
from marketplace.demo.content import conversations, notes
from marketplace.demo.content.listing_text import ListingText
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.steps import Step
from marketplace.schools.models import School, account_code
from marketplace.settings import Policy
from marketplace.web.formats import LONDON, today

BATCH = 1000
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


class Exchanging:
    """Makes conversations and exchanges; keeps every school within its credit limit."""

    def __init__(
        self,
        session: Session,
        schools: Sequence[School],
        main: tuple[School, School],
        staff: Staff,
        policy: Policy,
        rng: random.Random,
    ) -> None:
        self.session = session
        self.schools = schools
        self.main = main
        self.staff = staff
        self.policy = policy
        self.rng = rng
        # A school spends from what it was granted and may owe; what it earns comes on top.
        self.free = {school.urn: policy.joining_grant + policy.credit_limit for school in schools}
        self.partners: dict[int, list[School]] = {}

    def make(
        self, posted: Sequence[Posted], count: int, tell: Callable[[str, int, int], None]
    ) -> int:
        """Make ``count`` exchanges about the listings; gives how many could be made."""
        if not posted:
            return 0
        plans = [plan for number in range(count) if (plan := self._plan(posted, number))]
        plans.sort(key=lambda plan: (plan.on, plan.posted.id, plan.asker.urn))
        plans = [plan for plan in plans if self._affordable(plan)]
        done = 0
        for start in range(0, len(plans), BATCH):
            self._write(plans[start : start + BATCH])
            done += len(plans[start : start + BATCH])
            tell("Exchanging help", done, len(plans))
        return done

    def _plan(self, posted: Sequence[Posted], number: int) -> Plan | None:
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
        kind = one.text.kind
        return Plan(
            posted=one,
            asker=asker,
            state=state,
            minutes=minutes,
            delivered=delivered,
            on=on,
            begun=begun,
            details=rng.choice(notes.AGREED_DETAILS),
            lines=conversations.lines(
                rng.choice(conversations.CONVERSATIONS[kind]),
                title=one.text.title,
                topics=one.text.topics,
                their_school=one.school.name,
                our_school=asker.name,
            ),
        )

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

    def _affordable(self, plan: Plan) -> bool:
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

    def _write(self, plans: Sequence[Plan]) -> None:
        enquiries = self._enquiries(plans)
        rows = [
            self._row(plan, enquiries[plan.posted.id, plan.asker.urn], plan_number)
            for plan_number, plan in enumerate(plans)
        ]
        ids = self.session.scalars(
            sa.insert(Exchange).returning(Exchange.id, sort_by_parameter_order=True), rows
        ).all()
        self._credits(plans, ids)
        events = [
            {"exchange_id": exchange_id, **event}
            for exchange_id, plan in zip(ids, plans, strict=True)
            for event in plan.events
        ]
        self.session.execute(sa.insert(ExchangeEvent), events)

    def _enquiries(self, plans: Sequence[Plan]) -> dict[tuple[int, int], int]:
        """A conversation for each pair of listing and asking school, with its messages."""
        first: dict[tuple[int, int], Plan] = {}
        for plan in plans:
            first.setdefault((plan.posted.id, plan.asker.urn), plan)
        known = {
            (listing_id, urn): enquiry_id
            for enquiry_id, listing_id, urn in self.session.execute(
                sa.select(Enquiry.id, Enquiry.listing_id, Enquiry.asking_urn).where(
                    Enquiry.listing_id.in_({listing_id for listing_id, _ in first})
                )
            )
        }
        new = [key for key in first if key not in known]
        rows, threads = [], []
        for key in new:
            plan = first[key]
            messages = self._messages(plan)
            threads.append(messages)
            last = messages[-1]
            asker, owner = plan.asker.urn, plan.posted.school.urn
            waits = plan.state is State.PROPOSED and len(messages) % 2 == 1
            rows.append(
                {
                    "listing_id": plan.posted.id,
                    "asking_urn": asker,
                    "owner_urn": owner,
                    "awaiting_urn": (owner if last["urn"] == asker else asker) if waits else None,
                    "created_at": messages[0]["created_at"],
                    "last_at": last["created_at"],
                }
            )
        if rows:
            ids = self.session.scalars(
                sa.insert(Enquiry).returning(Enquiry.id, sort_by_parameter_order=True), rows
            ).all()
            known |= dict(zip(new, ids, strict=True))
            self.session.execute(
                sa.insert(Message),
                [
                    {"enquiry_id": enquiry_id, "once": f"demo:{enquiry_id}:{number}", **message}
                    for enquiry_id, thread in zip(ids, threads, strict=True)
                    for number, message in enumerate(thread)
                ],
            )
        return known

    def _messages(self, plan: Plan) -> list[dict[str, Any]]:
        at = plan.begun
        messages = []
        for number, body in enumerate(plan.lines):
            urn = plan.asker.urn if number % 2 == 0 else plan.posted.school.urn
            messages.append(
                {
                    "author_id": self.staff.of(urn),
                    "urn": urn,
                    "body": body,
                    "created_at": min(at, datetime.now(LONDON)),
                }
            )
            at += timedelta(minutes=self.rng.randint(20, 300))
        return messages

    def _row(self, plan: Plan, enquiry_id: int, number: int) -> dict[str, Any]:
        """The exchange's row; the steps of its history go into the plan."""
        proposer = plan.asker.urn
        asked = plan.posted.school.urn
        provider, receiver = plan.provider.urn, plan.receiver.urn
        at = min(plan.begun + timedelta(days=1), datetime.now(LONDON))
        steps: list[tuple[Step, int, datetime, str, int | None, date | None]] = [
            (Step.PROPOSE, proposer, at, plan.details, plan.minutes, plan.on)
        ]
        after = min(at + timedelta(hours=5), datetime.now(LONDON))
        given = datetime(plan.on.year, plan.on.month, plan.on.day, 16, 5, tzinfo=LONDON)
        if plan.state in (State.AGREED, State.DELIVERED, State.CONFIRMED):
            steps.append((Step.AGREE, asked, after, "", None, None))
        if plan.state in (State.DELIVERED, State.CONFIRMED):
            note = self.rng.choice(notes.DELIVERY_NOTES)
            given = max(min(given, datetime.now(LONDON)), after)
            steps.append((Step.DELIVER, provider, given, note, plan.delivered, plan.on))
        if plan.state is State.CONFIRMED:
            confirmed = min(given + timedelta(hours=self.rng.randint(1, 5)), datetime.now(LONDON))
            steps.append((Step.CONFIRM, receiver, confirmed, "", None, None))
        if plan.state is State.DECLINED:
            steps.append(
                (Step.DECLINE, asked, after, self.rng.choice(notes.DECLINE_REASONS), None, None)
            )
        if plan.state is State.CANCELLED:
            steps.append(
                (Step.CANCEL, proposer, after, self.rng.choice(notes.CANCEL_REASONS), None, None)
            )
        plan.events = [
            {
                "step": step,
                "version": version,
                "person_id": self.staff.of(urn),
                "urn": urn,
                "at": moment,
                "text": text,
                "minutes": minutes,
                "on_date": on,
            }
            for version, (step, urn, moment, text, minutes, on) in enumerate(steps, 1)
        ]
        said = plan.state in (State.DELIVERED, State.CONFIRMED)
        return {
            "enquiry_id": enquiry_id,
            "provider_urn": provider,
            "receiver_urn": receiver,
            "proposed_by_urn": proposer,
            "awaiting_urn": {
                State.PROPOSED: asked,
                State.AGREED: provider,
                State.DELIVERED: receiver,
            }.get(plan.state),
            "title": plan.posted.text.title,
            "details": plan.details,
            "minutes": plan.minutes,
            "on_date": plan.on,
            # What needs credits is proposed first; the credits and the state come together.
            "state": State.PROPOSED if _needs_credits(plan.state) else plan.state,
            "version": len(steps),
            "delivered_minutes": plan.delivered if said else None,
            "delivered_on": plan.on if said else None,
            "created_at": steps[0][2],
            "updated_at": steps[-1][2],
            "once": f"demo:{enquiry_id}:{number}:{plan.begun.isoformat()}",
        }

    def _credits(self, plans: Sequence[Plan], ids: Sequence[int]) -> None:
        """Day by day, post what was confirmed, hold what was agreed, and set the states."""
        days: dict[date, list[tuple[int, Plan]]] = {}
        for exchange_id, plan in zip(ids, plans, strict=True):
            if _needs_credits(plan.state):
                days.setdefault(plan.paid_at.date(), []).append((exchange_id, plan))
        updates: list[dict[str, Any]] = []
        for day in sorted(days):
            self._day(days[day], updates)
        if updates:
            self.session.execute(sa.update(Exchange), updates)

    def _day(self, dealings: list[tuple[int, Plan]], updates: list[dict[str, Any]]) -> None:
        """The credits of one day, in a book whose clock stands at that day."""
        at = min(plan.paid_at for _, plan in dealings)
        book = Book(self.session, clock=lambda: at)
        confirmed = [one for one in dealings if one[1].state is State.CONFIRMED]
        results = book.post_many([self._posting(*one) for one in confirmed]) if confirmed else []
        for (exchange_id, plan), posted in zip(confirmed, results, strict=True):
            if isinstance(posted, LedgerError):
                raise posted
            updates.append(
                {"id": exchange_id, "state": plan.state, "transaction_id": posted.id,
                 "hold_id": None}
            )  # fmt: skip
        for exchange_id, plan in dealings:
            if plan.state is State.CONFIRMED:
                continue
            hold = book.hold(
                account_code(plan.receiver.urn),
                account_code(plan.provider.urn),
                plan.minutes,
                key=f"exchange:{exchange_id}:hold",
                kind="exchange",
                memo=plan.posted.text.title,
                actor=f"person:{plan.events[1]['person_id']}",
                reference=f"exchange:{exchange_id}",
            )
            updates.append(
                {"id": exchange_id, "state": plan.state, "transaction_id": None,
                 "hold_id": hold.id}
            )  # fmt: skip

    def _posting(self, exchange_id: int, plan: Plan) -> Posting:
        return Posting(
            lines=[
                Line(account_code(plan.receiver.urn), -plan.delivered),
                Line(account_code(plan.provider.urn), plan.delivered),
            ],
            key=f"exchange:{exchange_id}:settle",
            kind="exchange",
            memo=plan.posted.text.title,
            actor=f"person:{plan.events[-1]['person_id']}",
            reference=f"exchange:{exchange_id}",
        )


def _needs_credits(state: State) -> bool:
    return state in (State.AGREED, State.DELIVERED, State.CONFIRMED)


def _square(one: School, other: School) -> int:
    if one.easting is None or other.easting is None:
        return 10**12
    return (one.easting - other.easting) ** 2 + ((one.northing or 0) - (other.northing or 0)) ** 2
