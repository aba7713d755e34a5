"""Made-up offers and requests."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.listings.draft_models import ListingDraft
from marketplace.listings.drafts import save_draft
from marketplace.listings.models import Listing
from marketplace.listings.service import Draft, post_listing


def draft(**changes: Any) -> Draft:
    """What a listing says, unless told otherwise."""
    said = Draft(
        kind="offer",
        title="Phonics coaching",
        description="A colleague coaches your Year 1 teachers.",
        topics=("phonics",),
        phases=("ks1",),
        mode="on_site",
        minutes=180,
        audience="national",
    )
    return replace(said, **changes)


def posted(acting: Actor, **changes: Any) -> Listing:
    """A listing put up by ``acting``; ``changes`` to ``draft``."""
    return post_listing(
        db.session(), acting, draft(**changes), idempotency_key=secrets.token_urlsafe(16)
    )


def drafted(acting: Actor, **typed: list[str]) -> ListingDraft:
    """A draft that ``acting`` has saved."""
    return save_draft(
        db.session(),
        acting,
        typed or {"title": ["Half a thought"]},
        draft_id=None,
        idempotency_key=secrets.token_urlsafe(16),
    )
