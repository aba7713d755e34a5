"""Made-up conversations."""

from __future__ import annotations

import secrets

from marketplace.accounts.actor import Actor
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import ask
from marketplace.database import db
from marketplace.listings.models import Listing


def asked(acting: Actor, listing: Listing, body: str = "Would you help us?") -> Enquiry:
    """A conversation about ``listing`` that ``acting`` has begun."""
    return ask(db.session(), acting, listing, body, idempotency_key=secrets.token_urlsafe(16))
