"""Invitations, made as an administrator makes them."""

from __future__ import annotations

import re

import sqlalchemy as sa

from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.members.invitations import invite
from marketplace.members.models import Invitation
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for


def invited(school: School, email: str, role: Role = Role.MEMBER) -> Invitation:
    """An open invitation to ``school``."""
    head = actor_for(school, Role.ADMINISTRATOR)
    return invite(db.session(), head, school.urn, name="Jo", email=email, roles={role})


def invitation_token(email: str) -> str:
    """The secret part of the link in the newest invitation to ``email``."""
    letter = db.session.scalars(
        sa.select(Email).where(Email.to_address == email).order_by(Email.id.desc()).limit(1)
    ).one()
    token = re.search(r"/invitations/([\w-]+)", letter.text or "")
    assert token is not None
    return token.group(1)
