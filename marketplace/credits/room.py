"""How much room a school’s account has to earn, as one of a few bands and never as an amount.

Where two schools could help equally well, it is better for everybody that the one helps that owes,
or that has room below its upper soft limit: credits that pile up at a few schools are credits that
the others do not have. Other schools may not learn a balance. So all that leaves this module is a
band, a quarter of the way between a school’s own limits, which others do not know either.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger import schema
from marketplace.credits.chart import SCHOOLS
from marketplace.settings import Policy

BANDS = 4
"""The highest band, of schools at their credit limit or near it; 0 is at the upper soft limit."""


def band_of(urn: Any, policy: Policy) -> sa.ScalarSelect[Any]:
    """Return the SQL expression of the band of the school ``urn`` (a column); null without account.

    What is agreed and not paid yet counts as if it were: a school with much to come has less room.
    The upper soft limit is the account’s own, or the policy’s. A frozen account can earn nothing.
    """
    account, balance = schema.account, schema.balance
    expected = balance.c.posted + balance.c.held_in - balance.c.held_out
    lower = sa.func.coalesce(balance.c.floor, -policy.credit_limit)
    upper = sa.func.coalesce(balance.c.soft_ceiling, policy.upper_soft_limit)
    band = sa.case(
        (sa.or_(balance.c.status != "open", expected >= upper), 0),
        (expected <= lower, BANDS),
        else_=1 + (upper - expected - 1) * BANDS // (upper - lower),
    )
    return (
        sa.select(band)
        .select_from(account.join(balance, account.c.id == balance.c.account_id))
        .where(account.c.code == sa.literal(SCHOOLS) + sa.cast(urn, sa.String))
        .scalar_subquery()
    )
