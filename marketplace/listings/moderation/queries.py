"""Reading reports and the trail of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import roles_held
from marketplace.accounts.roles import Permission
from marketplace.listings.models import Listing
from marketplace.listings.moderation.models import ListingReport, ModerationStep
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 30
MOST_STEPS = 100


def count_open_reports() -> sa.ScalarSelect[int]:
    """Return the query that counts the reports that wait for a decision."""
    return (
        sa.select(sa.func.count())
        .select_from(ListingReport)
        .where(ListingReport.step_id.is_(None))
        .scalar_subquery()
    )


def first_reported(session: Session, limit: int) -> list[tuple[int, str, str, str, datetime, int]]:
    """Return the first open reports: listing, title, school, reason, when, and how many in all."""
    rows = session.execute(
        sa.select(
            Listing.id,
            Listing.title,
            School.name,
            ListingReport.reason,
            ListingReport.created_at,
            sa.func.count().over(),
        )
        .join(Listing, Listing.id == ListingReport.listing_id)
        .join(School, School.urn == Listing.school_urn)
        .where(ListingReport.step_id.is_(None))
        .order_by(ListingReport.id)
        .limit(limit)
    )
    return [
        (listing_id, title, name, reason, at, count)
        for listing_id, title, name, reason, at, count in rows
    ]


def list_reports(
    session: Session, actor: Actor, *, decided: bool, after: str = "", limit: int = PAGE
) -> Page[ListingReport]:
    """Return a page of reports: those that wait, the oldest first, or the latest decided ones.

    Raises:
        NotAllowed: without the role.
    """
    actor.require(Permission.MANAGE_NETWORK)
    query = (
        sa.select(ListingReport)
        .where(ListingReport.step_id.is_not(None) if decided else ListingReport.step_id.is_(None))
        .options(
            joinedload(ListingReport.school),
            joinedload(ListingReport.step),
            joinedload(ListingReport.listing).joinedload(Listing.school),
        )
    )
    order = ListingReport.id.desc() if decided else ListingReport.id
    return paginate(session, query, order, after=after, limit=limit)


def reports_of(session: Session, listing_id: int) -> Sequence[ListingReport]:
    """Return the reports of a listing, the latest first."""
    return session.scalars(
        sa.select(ListingReport)
        .where(ListingReport.listing_id == listing_id)
        .options(joinedload(ListingReport.school), joinedload(ListingReport.reporter))
        .order_by(ListingReport.id.desc())
        .limit(MOST_STEPS)
    ).all()


def trail(session: Session, listing_id: int) -> Sequence[ModerationStep]:
    """Return what was decided about a listing, the latest first."""
    return session.scalars(
        sa.select(ModerationStep)
        .where(ModerationStep.listing_id == listing_id)
        .options(joinedload(ModerationStep.person))
        .order_by(ModerationStep.id.desc())
        .limit(MOST_STEPS)
    ).all()


def own_report(session: Session, actor: Actor, listing_id: int) -> ListingReport | None:
    """Return the latest report of a listing by the school acted for, with its decision."""
    return session.scalars(
        sa.select(ListingReport)
        .where(ListingReport.listing_id == listing_id, ListingReport.school_urn == actor.urn)
        .options(joinedload(ListingReport.step), joinedload(ListingReport.listing))
        .order_by(ListingReport.id.desc())
        .limit(1)
    ).first()


def why_not_decide(session: Session, actor: Actor, listing: Listing) -> str | None:
    """Say why the operator may not decide about a listing; None if they may."""
    if listing.school_urn in roles_held(session, actor.person_id):
        return "You work at the school that posted this, so another operator decides about it."
    return None
