"""What can be exchanged: whole steps, more than zero, not too many at once."""

from __future__ import annotations

from marketplace.credits.formats import credits, hours
from marketplace.errors import Refusal
from marketplace.settings import Policy


def refuse_minutes(
    minutes: int, policy: Policy, *, field: str | None = None, free: bool = False
) -> None:
    """Refuse ``minutes`` that cannot be exchanged; of ``free`` help they are hours, not credits.

    Raises:
        Refusal: if they are not positive, not a multiple of the policy's step, or beyond its most;
            ``field`` is the input that it names.
    """
    step = policy.smallest_step
    if minutes <= 0:
        raise Refusal(f"The {'hours' if free else 'credits'} must be more than zero.", field=field)
    if minutes % step:
        raise Refusal(
            f"Hours go in steps of {step} minutes: {hours(minutes)} is between two steps."
            if free
            else f"Credits go in steps of {step} minutes ({credits(step)}):"
            f" {credits(minutes)} is between two steps.",
            field=field,
        )
    if minutes > policy.longest_exchange:
        most = policy.longest_exchange
        raise Refusal(
            f"One exchange may take at most {hours(most)}."
            if free
            else f"One exchange may cost at most {credits(most)}.",
            field=field,
        )
