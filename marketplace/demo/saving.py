"""The demo’s saved searches: two of a coordinator of the main school, which the worker will run."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.demo.accounts import Staff
from marketplace.listings.models import Kind, Listing
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.models import AlertFrequency, SavedSearch
from marketplace.schools.models import School

NEW = 40
"""How many of the newest listings count as new."""
SEARCHES = (
    (SavedCriteria(words="reading"), AlertFrequency.DAILY),
    (SavedCriteria(kind=Kind.REQUEST, within_miles=20), AlertFrequency.WEEKLY),
)


def make_saved_searches(session: Session, main: School, staff: Staff) -> None:
    """Save the searches, so that the next run of the worker tells of what is new to them."""
    newest = session.scalar(sa.select(sa.func.max(Listing.id))) or 0
    saved_at = clock.now() - timedelta(days=8)
    for number, (criteria, frequency) in enumerate(SEARCHES):
        session.add(
            SavedSearch(
                person_id=staff.of(main.urn),
                school_urn=main.urn,
                name=criteria.in_words(),
                criteria=criteria.stored(),
                frequency=frequency,
                seen_up_to=max(newest - NEW, 0),
                last_run_at=saved_at,
                created_at=saved_at,
                version=1,
                idempotency_key=f"demo:saved:{number}",
            )
        )
    session.flush()
