"""Made-up offers and requests."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Audience, Reach
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.listings.service import Draft, post_listing


def draft(**changes: Any) -> Draft:
    """What a listing says, unless told otherwise; of an audience, the reach may be enough."""
    said = Draft(
        kind="offer",
        title="Phonics coaching",
        description="A colleague coaches your Year 1 teachers.",
        topics=("phonics",),
        phases=("ks1",),
        mode="on_site",
        minutes=180,
        audience=Audience(),
    )
    if isinstance(changes.get("audience"), str):
        reach = Reach(changes["audience"])
        has_distance = reach in (Reach.NEAR, Reach.CONFIDENTIAL)
        changes["audience"] = Audience(reach, miles=10 if has_distance else None)
    return replace(said, **changes)


def posted(acting: Actor, **changes: Any) -> Listing:
    """A listing put up by ``acting``; ``changes`` to ``draft``."""
    return post_listing(
        db.session(), acting, draft(**changes), idempotency_key=secrets.token_urlsafe(16)
    )
