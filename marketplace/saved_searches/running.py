"""The job that runs saved searches and makes their alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.audiences.audience import Belonging
from marketplace.clock import LONDON
from marketplace.listings.models import Listing
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.events import SearchAlerted
from marketplace.saved_searches.matching import MOST_TOLD, NewListings
from marketplace.saved_searches.models import (
    MOST_AT_ONCE_A_DAY,
    AlertedListing,
    AlertFrequency,
    SavedSearch,
    SearchAlert,
)
from marketplace.saved_searches.queries import groups_by_school
from marketplace.schools.models import School

EVERY = timedelta(minutes=1)
MORNING = time(7, 0)
"""When daily searches run, before digests are made, and on ``WEEKDAY`` the weekly ones."""
WEEKDAY = 0
CHUNK = 500
OVERTAKEN_WITHIN = timedelta(minutes=10)
"""For so long a transaction may still commit a listing with a lower number than a later one."""


def run_saved_searches_job(run: JobRun) -> str:
    """Run every saved search that is due; each chunk of them is one transaction."""
    searches, alerts = run_saved_searches(run.session, run.commit)
    return f"{searches:,} saved searches ran, and {alerts:,} told of new listings."


def run_saved_searches(session: Session, commit: Callable[[], None]) -> tuple[int, int]:
    """Run what is due, calling ``commit`` after each chunk; count searches and alerts.

    A search that runs each day or week runs once in it; one that tells at once runs as soon as
    there is something new, and makes at most ``MOST_AT_ONCE_A_DAY`` alerts a day.
    """
    now = clock.now()
    newest, settled = _newest(session, now)
    due = _due(now, newest)
    after = session.scalar(sa.select(sa.func.min(SavedSearch.seen_up_to)).where(due))
    if after is None:
        return 0, 0
    new = NewListings(session, after)
    ids = session.scalars(sa.select(SavedSearch.id).where(due).order_by(SavedSearch.id)).all()
    alerts = 0
    for start in range(0, len(ids), CHUNK):
        alerts += _run_chunk(session, ids[start : start + CHUNK], new, now, settled)
        commit()
    return len(ids), alerts


def last_morning(now: datetime, weekday: int | None = None) -> datetime:
    """Return the last time at or before ``now`` at which daily (or weekly) searches were due."""
    local = now.astimezone(LONDON)
    day = local.date()
    step = timedelta(days=1)
    if weekday is not None:
        day -= timedelta(days=(day.weekday() - weekday) % 7)
        step = timedelta(days=7)
    due = datetime.combine(day, MORNING, LONDON)
    return due if due <= local else datetime.combine(day - step, MORNING, LONDON)


def _due(now: datetime, newest: int) -> sa.ColumnElement[bool]:
    """Whether a search is due; who has seen everything is left out."""
    return sa.and_(
        SavedSearch.seen_up_to < newest,
        sa.or_(
            SavedSearch.frequency == AlertFrequency.AT_ONCE,
            sa.and_(
                SavedSearch.frequency == AlertFrequency.DAILY,
                SavedSearch.last_run_at < last_morning(now),
            ),
            sa.and_(
                SavedSearch.frequency == AlertFrequency.WEEKLY,
                SavedSearch.last_run_at < last_morning(now, WEEKDAY),
            ),
        ),
    )


def _newest(session: Session, now: datetime) -> tuple[int, int]:
    """The newest number of a listing, and the newest below which none can come any more."""
    rows = sa.select(Listing.id).order_by(Listing.id.desc()).limit(1)
    newest = session.scalar(rows) or 0
    settled = session.scalar(rows.where(Listing.created_at < now - OVERTAKEN_WITHIN)) or 0
    return newest, settled


def _run_chunk(
    session: Session, ids: Sequence[int], new: NewListings, now: datetime, settled: int
) -> int:
    """Run these searches; what they tell of is logged and recorded as events."""
    rows = session.execute(
        sa.select(SavedSearch, School)
        .join(School, School.urn == SavedSearch.school_urn)
        .where(SavedSearch.id.in_(ids))
        .order_by(SavedSearch.id)
        .with_for_update(of=SavedSearch)
    ).all()
    groups = groups_by_school(session, {school.urn for _search, school in rows})
    told = _told(session, ids, now)
    found: list[tuple[SavedSearch, list[int]]] = []
    seen: dict[int, list[int]] = {}
    for search, school in rows:
        viewer = Belonging.of_school(school, groups.get(school.urn, frozenset()))
        is_at_once = search.frequency == AlertFrequency.AT_ONCE
        if is_at_once and told.get(search.id, 0) >= MOST_AT_ONCE_A_DAY:
            continue
        criteria = SavedCriteria.restore(search.criteria)
        fitting = new.fitting(criteria, viewer, search.person_id, search.seen_up_to)
        # What did not fit into one alert is looked at again, and so is what may be overtaken.
        up_to = fitting[-1] if len(fitting) == MOST_TOLD else settled
        seen.setdefault(max(min(up_to, settled), search.seen_up_to), []).append(search.id)
        if fitting:
            found.append((search, fitting))
    alerts = _alert(session, found, now)
    for up_to, search_ids in seen.items():
        session.execute(
            sa.update(SavedSearch)
            .where(SavedSearch.id.in_(search_ids))
            .values(seen_up_to=up_to, last_run_at=now),
            execution_options={"synchronize_session": False},
        )
    return alerts


def _alert(session: Session, found: Sequence[tuple[SavedSearch, list[int]]], now: datetime) -> int:
    """Log and record what is new for each search, without what it has told of before."""
    logged: dict[int, set[int]] = {}
    for search_id, listing_id in session.execute(
        sa.select(AlertedListing.saved_search_id, AlertedListing.listing_id).where(
            AlertedListing.saved_search_id.in_([search.id for search, _ids in found]),
            AlertedListing.listing_id.in_({number for _search, ids in found for number in ids}),
        )
    ):
        logged.setdefault(search_id, set()).add(listing_id)
    to_tell = [
        (search, [number for number in ids if number not in logged.get(search.id, ())])
        for search, ids in found
    ]
    to_tell = [(search, ids) for search, ids in to_tell if ids]
    alerts = [SearchAlert(saved_search_id=search.id, made_at=now) for search, _ids in to_tell]
    session.add_all(alerts)
    session.flush()
    rows = [
        {"saved_search_id": search.id, "listing_id": number, "alert_id": alert.id}
        for (search, ids), alert in zip(to_tell, alerts, strict=True)
        for number in ids
    ]
    if rows:
        session.execute(sa.insert(AlertedListing), rows)
    for (search, _ids), alert in zip(to_tell, alerts, strict=True):
        record(
            session,
            SearchAlerted(actor_id=None, school_urns=(search.school_urn,), alert_id=alert.id),
        )
    return len(alerts)


def _told(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """How many alerts each search has made since midnight."""
    midnight = datetime.combine(now.astimezone(LONDON).date(), time(), LONDON)
    rows = session.execute(
        sa.select(SearchAlert.saved_search_id, sa.func.count())
        .where(SearchAlert.saved_search_id.in_(ids), SearchAlert.made_at >= midnight)
        .group_by(SearchAlert.saved_search_id)
    )
    return dict(rows.all())
