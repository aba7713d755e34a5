"""The demo's conversations and exchanges, in every state, on a book that balances."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, Hold, LedgerError, NewTransaction, Posting
from marketplace.accounts.ledger_actor import LedgerActor
from marketplace.accounts.roles import Role
from marketplace.conversations.models import Enquiry, Message
from marketplace.credits.chart import account_code
from marketplace.demo.accounts import Staff
from marketplace.demo.lapsing import lapsed_at, let_one_lapse
from marketplace.demo.planning import Plan, Planner, Posted
from marketplace.exchanges.lapsing import WORKER, hold_end
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.states import Step
from marketplace.schools.models import School

BATCH = 1000


class Exchanging:
    """Writes conversations and exchanges, with the credits they move."""

    def __init__(
        self, session: Session, planner: Planner, staff: Staff, rng: random.Random
    ) -> None:
        self.session = session
        self.planner = planner
        self.staff = staff
        self.rng = rng
        # Two schools that exchange the same help again do so in the same conversation.
        self.first: dict[tuple[int, int], Plan] = {}
        self.to_release: list[tuple[datetime, Hold]] = []

    def make(
        self, listings: Sequence[Posted], count: int, tell: Callable[[str, int, int], None]
    ) -> int:
        """Make ``count`` exchanges about the listings; return how many could be made."""
        plans: list[Plan] = []
        for number in range(2 * count if listings else 0):
            if len(plans) == count:
                break
            if plan := self.planner.plan(listings, number):
                plans.append(plan)
        planner = self.planner
        plans = let_one_lapse(plans, planner.main[0], planner.policy, planner.day)
        plans.sort(key=lambda plan: plan.order)
        plans = [
            plan if self.planner.affordable(plan) else self.planner.called_off(plan)
            for plan in plans
        ]
        plans.sort(key=lambda plan: plan.order)
        for plan in sorted(plans, key=lambda plan: plan.days.begun):
            self.first.setdefault((plan.posted.id, plan.asker.urn), plan)
        count_written = 0
        for start in range(0, len(plans), BATCH):
            self._write(plans[start : start + BATCH], start)
            count_written += len(plans[start : start + BATCH])
            tell("Exchanging help", count_written, len(plans))
        self._release_before(self.planner.day)
        return count_written

    def _write(self, plans: Sequence[Plan], start: int) -> None:
        enquiries = self._enquiries(plans)
        rows = [
            _row(plan, enquiries[plan.posted.id, plan.asker.urn], number)
            for number, plan in enumerate(plans, start)
        ]
        ids = self.session.scalars(
            sa.insert(Exchange).returning(Exchange.id, sort_by_parameter_order=True), rows
        ).all()
        self._credits(plans, ids)
        events = [
            {
                "exchange_id": exchange_id,
                "step": past_step.step,
                "version": version,
                "person_id": None if past_step.step is Step.LAPSE else self.staff.of(past_step.urn),
                "school_urn": past_step.urn,
                "at": past_step.at,
                "text": past_step.text,
                "minutes": past_step.minutes,
                "on_date": past_step.on,
            }
            for exchange_id, plan in zip(ids, plans, strict=True)
            for version, past_step in enumerate(plan.steps, 1)
        ]
        self.session.execute(sa.insert(ExchangeEvent), events)

    def _enquiries(self, plans: Sequence[Plan]) -> dict[tuple[int, int], int]:
        """A conversation for each pair of listing and asking school, with its messages."""
        keys = dict.fromkeys((plan.posted.id, plan.asker.urn) for plan in plans)
        enquiries = {
            (listing_id, urn): enquiry_id
            for enquiry_id, listing_id, urn in self.session.execute(
                sa.select(Enquiry.id, Enquiry.listing_id, Enquiry.asking_urn).where(
                    Enquiry.listing_id.in_({listing_id for listing_id, _ in keys})
                )
            )
        }
        new = [key for key in keys if key not in enquiries]
        rows, threads = [], []
        for key in new:
            plan = self.first[key]
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
                    "awaiting_urn": (owner if last["school_urn"] == asker else asker)
                    if waits
                    else None,
                    "created_at": messages[0]["created_at"],
                    "last_at": last["created_at"],
                }
            )
        if rows:
            ids = self.session.scalars(
                sa.insert(Enquiry).returning(Enquiry.id, sort_by_parameter_order=True), rows
            ).all()
            enquiries |= dict(zip(new, ids, strict=True))
            self.session.execute(
                sa.insert(Message),
                [
                    {
                        "enquiry_id": enquiry_id,
                        "idempotency_key": f"demo:{enquiry_id}:{number}",
                        **message,
                    }
                    for enquiry_id, thread in zip(ids, threads, strict=True)
                    for number, message in enumerate(thread)
                ],
            )
        return enquiries

    def _messages(self, plan: Plan) -> list[dict[str, Any]]:
        at = plan.days.begun
        messages = []
        for number, body in enumerate(plan.lines):
            urn = plan.asker.urn if number % 2 == 0 else plan.posted.school.urn
            messages.append(
                {
                    "author_id": self.staff.of(urn),
                    "school_urn": urn,
                    "body": body,
                    "created_at": at,
                }
            )
            at += timedelta(minutes=self.rng.randint(20, 300))
        return messages

    def _credits(self, plans: Sequence[Plan], ids: Sequence[int]) -> None:
        """Day by day, post what was confirmed, hold what was agreed, and set the states."""
        days: dict[date, list[tuple[int, Plan]]] = {}
        for exchange_id, plan in zip(ids, plans, strict=True):
            if plan.needs_credits:
                days.setdefault(plan.counts_at.date(), []).append((exchange_id, plan))
        updates: list[dict[str, Any]] = []
        for day in sorted(days):
            self._release_before(day)
            self._day(days[day], updates)
        if updates:
            self.session.execute(sa.update(Exchange), updates)

    def _day(self, dealings: list[tuple[int, Plan]], updates: list[dict[str, Any]]) -> None:
        """Post and hold the credits of one day, in a book whose clock shows that day."""
        at = min(plan.counts_at for _, plan in dealings)
        book = Book(self.session, clock=lambda: at)
        confirmed = [dealing for dealing in dealings if dealing[1].state is State.CONFIRMED]
        results = (
            book.post_many([self._posting(*dealing) for dealing in confirmed]) if confirmed else []
        )
        for (exchange_id, plan), transaction in zip(confirmed, results, strict=True):
            if isinstance(transaction, LedgerError):
                raise transaction
            updates.append(
                {"id": exchange_id, "state": plan.state, "transaction_id": transaction.id,
                 "standing_transaction_id": transaction.id, "standing_minutes": plan.delivered,
                 "hold_id": None}
            )  # fmt: skip
        for exchange_id, plan in dealings:
            if plan.state is State.CONFIRMED:
                continue
            hold = book.hold(
                account_code(plan.receiver.urn),
                account_code(plan.provider.urn),
                plan.minutes,
                expires_at=hold_end(plan.days.on, self.planner.policy),
                key=f"exchange:{exchange_id}:hold",
                kind="exchange",
                memo=plan.posted.text.title,
                actor=self._coordinator_of(plan.posted.school),
                reference=f"exchange:{exchange_id}",
            )
            updates.append(
                {"id": exchange_id, "state": plan.state, "transaction_id": None,
                 "standing_transaction_id": None, "standing_minutes": None, "hold_id": hold.id}
            )  # fmt: skip
            if plan.state is State.LAPSED:
                self.to_release.append((lapsed_at(plan, self.planner.policy), hold))

    def _release_before(self, day: date) -> None:
        """Release what was held for exchanges that lapsed before ``day``."""
        due = [(at, hold) for at, hold in self.to_release if at.date() < day]
        for at, hold in due:
            self._release(hold, at)
            self.to_release.remove((at, hold))

    def _release(self, hold: Hold, at: datetime) -> None:
        Book(self.session, clock=lambda: at).void(
            hold.id,
            key=f"{hold.reference}:void",
            memo=hold.memo,
            actor=WORKER,
            reference=hold.reference,
        )

    def _coordinator_of(self, school: School) -> str:
        person_id = self.staff.of(school.urn)
        return str(LedgerActor(person_id, school.urn, (Role.COORDINATOR,)))

    def _posting(self, exchange_id: int, plan: Plan) -> NewTransaction:
        return NewTransaction(
            postings=[
                Posting(account_code(plan.receiver.urn), -plan.delivered),
                Posting(account_code(plan.provider.urn), plan.delivered),
            ],
            key=f"exchange:{exchange_id}:settle",
            kind="exchange",
            memo=plan.posted.text.title,
            actor=self._coordinator_of(plan.receiver),
            reference=f"exchange:{exchange_id}",
        )


def _row(plan: Plan, enquiry_id: int, number: int) -> dict[str, Any]:
    is_delivered = plan.state in (State.DELIVERED, State.CONFIRMED)
    return {
        "enquiry_id": enquiry_id,
        "provider_urn": plan.provider.urn,
        "receiver_urn": plan.receiver.urn,
        "proposed_by_urn": plan.asker.urn,
        "awaiting_urn": {
            State.PROPOSED: plan.posted.school.urn,
            State.AGREED: plan.provider.urn,
            State.DELIVERED: plan.receiver.urn,
        }.get(plan.state),
        "title": plan.posted.text.title,
        "topic": min(plan.posted.text.topics, default=None),
        "details": plan.details,
        "minutes": plan.minutes,
        "on_date": plan.days.on,
        # What needs credits is proposed first; the credits and the state come together.
        "state": State.PROPOSED if plan.needs_credits else plan.state,
        "version": len(plan.steps),
        "delivered_minutes": plan.delivered if is_delivered else None,
        "delivered_on": plan.days.on if is_delivered else None,
        "created_at": plan.steps[0].at,
        "updated_at": plan.steps[-1].at,
        "idempotency_key": f"demo:{number}",
    }
