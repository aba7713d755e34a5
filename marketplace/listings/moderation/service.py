"""The verbs of moderation: report; hide, keep, restore."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, NotAllowed, Refusal
from marketplace.limits import Writing, refuse_too_many
from marketplace.listings.models import Listing, ListingStatus
from marketplace.listings.moderation.events import (
    ListingHidden,
    ListingKept,
    ListingReported,
    ListingRestored,
)
from marketplace.listings.moderation.models import (
    Decision,
    ListingReport,
    ModerationStep,
    ReportReason,
)
from marketplace.listings.moderation.queries import why_not_decide
from marketplace.outbox.service import record
from marketplace.web.texts import visible

LONGEST_TEXT = 1000


def report_listing(
    session: Session, actor: Actor, listing: Listing, reason: str, text: str
) -> ListingReport:
    """Report a listing of another school to the operator; the same twice is one report.

    Raises:
        NotAllowed: without the role.
        Refusal: of one's own listing, or without a reason.
        TooMany: if the person or the school has reported too many already.
    """
    actor.require(Permission.ASK)
    actor.refuse_if_paused()
    urn = actor.school()
    if listing.school_urn == urn:
        raise Refusal("This is your own school’s listing: change it or withdraw it.")
    if reason not in list(ReportReason):
        raise Refusal("Choose what is wrong with it.", field="reason")
    if len(text.strip()) > LONGEST_TEXT:
        raise Refusal(f"Use at most {LONGEST_TEXT:,} characters.", field="text")
    if reason == ReportReason.OTHER and not visible(text):
        raise Refusal("Say in a few words what is wrong.", field="text")
    existing = session.scalar(
        sa.select(ListingReport).where(
            ListingReport.listing_id == listing.id,
            ListingReport.school_urn == urn,
            ListingReport.step_id.is_(None),
        )
    )
    if existing is not None:
        return existing
    refuse_too_many(
        session,
        Writing.REPORTS,
        ListingReport.created_at,
        {
            "person": ListingReport.reporter_id == actor.person_id,
            "school": ListingReport.school_urn == urn,
        },
    )
    report = ListingReport(
        listing_id=listing.id,
        school_urn=urn,
        reporter_id=actor.person_id,
        reason=reason,
        text=text.strip(),
        created_at=clock.now(),
    )
    session.add(report)
    session.flush()
    record(
        session,
        ListingReported(actor_id=actor.person_id, school_urns=(urn,), listing_id=listing.id),
    )
    return report


def decide(
    session: Session, actor: Actor, listing: Listing, decision: str, reason: str, *, version: int
) -> ModerationStep:
    """Hide a listing, keep it as it is, or restore it; its school and who reported it are told.

    Hidden, only its own school and the network see it.

    Raises:
        NotAllowed: without the role, or about a school where one works.
        Refusal: without a reason, or for what cannot be done with it now.
        Conflict: if the listing has been changed since it was seen.
    """
    actor.require(Permission.MANAGE_NETWORK)
    if (why_not := why_not_decide(session, actor, listing)) is not None:
        raise NotAllowed(why_not)
    if decision not in list(Decision):
        raise Refusal("Choose what to do.", field="decision")
    if not visible(reason) or len(reason.strip()) > LONGEST_TEXT:
        raise Refusal(
            f"Give a reason of at most {LONGEST_TEXT:,} characters. The school reads it.",
            field="reason",
        )
    session.refresh(listing, with_for_update={"of": Listing}, attribute_names=["version", "status"])
    if listing.version != version:
        raise Conflict("This listing was changed since you opened it. Read it again first.")
    is_hidden = listing.status == ListingStatus.HIDDEN
    if (decision == Decision.RESTORE) is not is_hidden:
        raise Refusal(
            "It is hidden already: restore it, or leave it." if is_hidden else "It is not hidden.",
            field="decision",
        )
    step = ModerationStep(
        listing_id=listing.id,
        decision=decision,
        reason=reason.strip(),
        person_id=actor.person_id,
        at=clock.now(),
    )
    session.add(step)
    session.flush()
    reporters = _close_reports(session, listing, step)
    if decision != Decision.KEEP:
        listing.status = ListingStatus.HIDDEN if decision == Decision.HIDE else ListingStatus.OPEN
        listing.public = False
        listing.version += 1
        listing.updated_at = clock.now()
        session.flush()
    kind = {
        Decision.HIDE: ListingHidden,
        Decision.KEEP: ListingKept,
        Decision.RESTORE: ListingRestored,
    }[Decision(decision)]
    record(
        session,
        kind(
            actor_id=actor.person_id,
            school_urns=(listing.school_urn,),
            listing_id=listing.id,
            reporter_ids=reporters,
        ),
    )
    return step


def _close_reports(session: Session, listing: Listing, step: ModerationStep) -> tuple[int, ...]:
    """Let the step decide every open report; return who is to be told of it."""
    session.execute(
        sa.update(ListingReport)
        .where(ListingReport.listing_id == listing.id, ListingReport.step_id.is_(None))
        .values(step_id=step.id)
        .execution_options(synchronize_session=False)
    )
    concerned = ListingReport.step_id == step.id
    if step.decision == Decision.RESTORE:
        # Who was told that it was hidden is told that it is not any more.
        concerned = ListingReport.listing_id == listing.id
    return tuple(
        session.scalars(
            sa.select(ListingReport.reporter_id)
            .where(concerned)
            .distinct()
            .order_by(ListingReport.reporter_id)
        )
    )
