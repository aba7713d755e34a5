"""Made-up expertise."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Audience, Reach
from marketplace.database import db
from marketplace.profiles.experts.models import Expertise
from marketplace.profiles.experts.service import Said, share_expertise, suggest_expertise


def said(reach: Reach = Reach.NATIONAL, **changes: Any) -> Said:
    """What a colleague says, unless told otherwise."""
    usual = Said(
        topics=("phonics",),
        phases=("ks1",),
        words="I led our move to a new scheme.",
        may_be_asked=True,
        contact="Staff room, Tuesdays",
        audience=Audience(reach),
    )
    return replace(usual, **changes)


def shared(acting: Actor, reach: Reach = Reach.NATIONAL, **changes: Any) -> Expertise:
    """What ``acting`` shares; ``changes`` to ``said``."""
    return share_expertise(
        db.session(), acting, said(reach, **changes), idempotency_key=secrets.token_urlsafe(16)
    )


def suggested(acting: Actor, person_id: int, **changes: Any) -> Expertise:
    """What an administrator suggests to a colleague; ``changes`` to ``said``."""
    return suggest_expertise(
        db.session(),
        acting,
        person_id,
        said(**changes),
        idempotency_key=secrets.token_urlsafe(16),
    )
