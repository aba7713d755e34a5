"""The demo's exchange that has lapsed: agreed, never delivered, and its credits came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from marketplace.clock import LONDON
from marketplace.demo.history import PastStep
from marketplace.demo.planning import Plan
from marketplace.exchanges.models import State
from marketplace.exchanges.states import Step
from marketplace.schools.models import School
from marketplace.settings import Policy


def let_one_lapse(plans: Sequence[Plan], main: School, policy: Policy, day: date) -> list[Plan]:
    """Return ``plans``, of which one has lapsed by ``day``: the latest that can, for ``main``.

    It is one in which ``main`` would have received help, if there is one.
    """
    possible = [
        plan
        for plan in plans
        if plan.state is State.CONFIRMED and lapsed_at(plan, policy).date() < day
    ]
    if not possible:
        return list(plans)
    chosen = max(
        possible,
        key=lambda plan: (
            plan.receiver.urn == main.urn,
            plan.days.on,
            plan.posted.id,
            plan.asker.urn,
        ),
    )
    return [_lapsed(plan, policy) if plan is chosen else plan for plan in plans]


def lapsed_at(plan: Plan, policy: Policy) -> datetime:
    """Return when the credits of ``plan`` are no longer held, if the help is not delivered."""
    return datetime.combine(plan.days.on + timedelta(days=policy.hold_days), time(23, 59), LONDON)


def _lapsed(plan: Plan, policy: Policy) -> Plan:
    steps = [step for step in plan.steps if step.step in (Step.PROPOSE, Step.AGREE)]
    lapse = PastStep(Step.LAPSE, plan.receiver.urn, lapsed_at(plan, policy))
    return replace(plan, state=State.LAPSED, steps=(*steps, lapse))
