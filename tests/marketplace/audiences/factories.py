"""Made-up groups of schools."""

from __future__ import annotations

import secrets

from marketplace.accounts.actor import Actor
from marketplace.audiences.groups.service import accept_group, found_group, invite_school
from marketplace.audiences.models import SchoolGroup
from marketplace.database import db


def founded(acting: Actor, *members: Actor, name: str = "Maths Hub") -> SchoolGroup:
    """A group that ``acting`` has founded, and that the schools of ``members`` have joined."""
    group = found_group(
        db.session(),
        acting,
        name=name,
        purpose="We help each other with mathematics.",
        idempotency_key=secrets.token_urlsafe(16),
    )
    for member in members:
        invited(acting, group, member)
        accept_group(db.session(), member, group)
    return group


def invited(acting: Actor, group: SchoolGroup, guest: Actor) -> None:
    """The school of ``guest`` is invited into a group that ``acting`` leads."""
    invite_school(db.session(), acting, group, guest.school())
