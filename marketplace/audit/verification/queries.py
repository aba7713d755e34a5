"""Reading the verifications."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.errors import NotFound
from marketplace.web.paging import Page, paginate

PAGE = 30


def list_runs(session: Session, *, after: str = "", limit: int = PAGE) -> Page[VerificationRun]:
    """Return a page of the verifications, the newest first."""
    query = sa.select(VerificationRun).options(joinedload(VerificationRun.asked_by))
    return paginate(session, query, VerificationRun.id.desc(), after=after, limit=limit)


def get_run(session: Session, run_id: int) -> VerificationRun:
    """Return one verification.

    Raises:
        NotFound: there is none of this number.
    """
    run = session.get(VerificationRun, run_id, options=[joinedload(VerificationRun.asked_by)])
    if run is None:
        raise NotFound("There is no verification with this number.")
    return run


def last_unsound(session: Session) -> VerificationRun | None:
    """Return the last finished verification if it found faults or broke off: one statement."""
    return session.scalar(_last_unsound())


@cache
def _last_unsound() -> sa.Select[VerificationRun]:
    """Made once, as it is asked on each start page of the network's people."""
    last = sa.select(sa.func.max(VerificationRun.id)).where(VerificationRun.result.is_not(None))
    return sa.select(VerificationRun).where(
        VerificationRun.id == last.scalar_subquery(), VerificationRun.result != Result.SOUND
    )
