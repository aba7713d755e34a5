"""The verbs and queries of drafts: save as typed, go on, post, delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound, Refusal
from marketplace.idempotency import key_of
from marketplace.listings.draft_models import ListingDraft
from marketplace.listings.models import Listing
from marketplace.listings.service import Draft, post_listing
from marketplace.web.paging import Page, paginate

Typed = Mapping[str, list[str]]

PAGE = 30
MOST_DRAFTS = 200
LONGEST_VALUE = 12_000
MOST_VALUES = 80
KEPT_DAYS = 365


def save_draft(
    session: Session, actor: Actor, typed: Typed, *, draft_id: int | None, idempotency_key: str
) -> ListingDraft:
    """Keep what is typed, whatever it is; the same draft or the same form is one draft.

    Raises:
        NotAllowed: without the role.
        Refusal: if the school has as many drafts as may be.
    """
    actor.require(Permission.POST_LISTINGS)
    urn = actor.school()
    now = clock.now()
    draft = _find(session, actor, draft_id, idempotency_key)
    if draft is None:
        if _count(session, urn) >= MOST_DRAFTS:
            raise Refusal(
                f"Your school has {MOST_DRAFTS} drafts. Delete some of them under “Our listings”,"
                " or post this one."
            )
        draft = ListingDraft(
            school_urn=urn,
            created_at=now,
            idempotency_key=key_of(actor.person_id, idempotency_key),
        )
        session.add(draft)
    draft.author_id = actor.person_id
    draft.typed = _storable(typed)
    draft.title = "".join(draft.typed.get("title", [""])[:1]).strip()[:100]
    draft.updated_at = now
    session.flush()
    return draft


def post_draft(
    session: Session, actor: Actor, draft: Draft, *, draft_id: int | None, idempotency_key: str
) -> Listing:
    """Post a listing, and forget what was saved of it while it was typed.

    Raises:
        Refusal: as for ``post_listing``.
    """
    listing = post_listing(session, actor, draft, idempotency_key=idempotency_key)
    saved = _find(session, actor, draft_id, idempotency_key)
    if saved is not None:
        session.delete(saved)
        session.flush()
    return listing


def delete_draft(session: Session, actor: Actor, draft_id: int) -> None:
    """Delete a draft of the school acted for.

    Raises:
        NotFound: if it is not this school's.
        NotAllowed: without the role.
    """
    draft = get_draft(session, actor, draft_id)
    session.delete(draft)
    session.flush()


def get_draft(session: Session, actor: Actor, draft_id: int) -> ListingDraft:
    """Return a draft of the school acted for.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is not this school's, or has been posted or deleted.
    """
    actor.require(Permission.POST_LISTINGS)
    draft = session.scalar(
        sa.select(ListingDraft).where(
            ListingDraft.id == draft_id, ListingDraft.school_urn == actor.school()
        )
    )
    if draft is None:
        raise NotFound("This draft is not there any more: it may have been posted or deleted.")
    return draft


def list_drafts(
    session: Session, actor: Actor, *, after: str = "", limit: int = PAGE
) -> Page[ListingDraft]:
    """Return a page of the drafts of the school acted for, the latest change first."""
    query = (
        sa.select(ListingDraft)
        .where(ListingDraft.school_urn == actor.school())
        .options(joinedload(ListingDraft.author))
    )
    return paginate(
        session,
        query,
        ListingDraft.updated_at.desc(),
        ListingDraft.id.desc(),
        after=after,
        limit=limit,
    )


def purge_drafts(session: Session, before: datetime) -> int:
    """Delete the drafts that nobody has touched since ``before``; return how many."""
    old = session.scalars(
        sa.delete(ListingDraft).where(ListingDraft.updated_at < before).returning(ListingDraft.id)
    )
    return len(old.all())


def _find(
    session: Session, actor: Actor, draft_id: int | None, form_key: str
) -> ListingDraft | None:
    """The draft that a form was opened with, or the one that it has been saved as."""
    of_form = ListingDraft.idempotency_key == key_of(actor.person_id, form_key)
    same = of_form if draft_id is None else sa.or_(ListingDraft.id == draft_id, of_form)
    return session.scalars(
        sa.select(ListingDraft)
        .where(ListingDraft.school_urn == actor.school(), same)
        .order_by(ListingDraft.id)
        .limit(1)
    ).first()


def _count(session: Session, urn: int) -> int:
    count = sa.select(sa.func.count()).where(ListingDraft.school_urn == urn)
    return session.scalar(count) or 0


def _storable(typed: Typed) -> dict[str, list[str]]:
    """What is typed, within bounds and without what a database cannot hold."""
    return {
        name: [value.replace("\0", "")[:LONGEST_VALUE] for value in values[:MOST_VALUES]]
        for name, values in typed.items()
    }
