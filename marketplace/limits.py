"""How much one person and one school may write in an hour and a day: one table of limits.

What is counted are the rows that the writing leaves, so a limit holds across all server
processes, and what was refused does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace import clock
from marketplace.errors import TooMany
from marketplace.web.formats import moment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
By = Literal["person", "school"]


class Writing(StrEnum):
    """A kind of writing that is limited, as people read it."""

    MESSAGES = "messages"
    CONVERSATIONS = "new conversations"
    LISTINGS = "listings"
    PROPOSALS = "proposals"
    INVITATIONS = "invitations"
    CLAIMS = "claims"
    GROUPS = "groups"
    GROUP_INVITATIONS = "invitations into one group"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many, by one person or by one school together, within ``per``."""

    by: By
    most: int
    per: timedelta


LIMITS: dict[Writing, tuple[Limit, ...]] = {
    Writing.MESSAGES: (
        Limit("person", 100, HOUR),
        Limit("person", 400, DAY),
        Limit("school", 300, HOUR),
        Limit("school", 1000, DAY),
    ),
    Writing.CONVERSATIONS: (Limit("school", 100, HOUR), Limit("school", 250, DAY)),
    Writing.LISTINGS: (
        Limit("person", 60, HOUR),
        Limit("school", 100, HOUR),
        Limit("school", 200, DAY),
    ),
    Writing.PROPOSALS: (Limit("school", 100, HOUR), Limit("school", 300, DAY)),
    Writing.INVITATIONS: (Limit("school", 200, DAY),),
    Writing.CLAIMS: (Limit("person", 5, DAY), Limit("school", 10, DAY)),
    Writing.GROUPS: (Limit("school", 20, DAY),),
    Writing.GROUP_INVITATIONS: (Limit("school", 300, DAY),),
}
"""What an honest school does not reach, and what a program reaches within a minute."""


def refuse_too_many(
    session: Session,
    writing: Writing,
    at: InstrumentedAttribute[datetime],
    by: Mapping[By, sa.ColumnElement[bool]],
) -> None:
    """Refuse another one of ``writing`` while as many as may be are not old enough.

    Two at the same instant may both be let through: it is a limit on floods, not an account.

    Args:
        at: the column that has when each one was written.
        by: the conditions that one was written by this person, and by this school.

    Raises:
        TooMany: saying how many there may be, and from when on it goes on.
    """
    now = clock.now()
    for limit in LIMITS[writing]:
        if limit.by not in by:
            continue
        query: sa.Select[Any] = (
            sa.select(at)
            .where(by[limit.by], at > now - limit.per)
            .order_by(at.desc())
            .offset(limit.most - 1)
            .limit(1)
        )
        decisive = session.scalar(query)
        if decisive is not None:
            raise TooMany(_refusal(writing, limit, decisive + limit.per))


def _refusal(writing: Writing, limit: Limit, goes_on_at: datetime) -> str:
    who = "You have" if limit.by == "person" else "Your school has"
    span = "an hour" if limit.per == HOUR else "a day"
    return (
        f"{who} reached the limit of {limit.most:,} {writing} within {span}. What you wrote is"
        f" still here: send it again after {moment(goes_on_at)}."
    )
