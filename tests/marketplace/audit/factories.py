"""Things of the auditors' desk, made by way of the services."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audit.closing.models import PeriodClosing
from marketplace.audit.closing.service import propose_closing


def proposed_closing(
    session: Session, actor: Actor | None, ends_on: date = date(2026, 1, 31)
) -> PeriodClosing:
    """A proposal to close the books."""
    assert actor is not None
    return propose_closing(session, actor, ends_on, "Agreed at the meeting.")
