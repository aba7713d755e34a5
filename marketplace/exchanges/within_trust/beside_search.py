"""For the tab of one's own school and trust: whether help between its schools costs nothing."""

from __future__ import annotations

from marketplace.accounts.access import current_actor
from marketplace.database import db
from marketplace.exchanges.within_trust.queries import is_free


def help_in_our_trust_is_free() -> bool:
    """Say whether schools of the trust of the school acted for help each other for nothing."""
    trust_id = current_actor().trust_id
    return trust_id is not None and is_free(db.session(), trust_id, trust_id)
