"""What groups of schools hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.audiences.models import GroupMember, SchoolGroup
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_SCHOOLS = Keep("Which schools are in a group is the schools’ own record.")


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "groups",
            about="which groups of schools you founded",
            column=SchoolGroup.founded_by_id,
            shown=(SchoolGroup.founded_at, SchoolGroup.lead_urn, SchoolGroup.name),
            on_erasure=_SCHOOLS,
        ),
        Holding(
            "group_invitations",
            about="which schools you invited to groups",
            column=GroupMember.invited_by_id,
            shown=(GroupMember.invited_at, GroupMember.group_id, GroupMember.school_urn),
            on_erasure=_SCHOOLS,
        ),
        Holding(
            "group_answers",
            about="which invitations to groups you answered, and which groups you left",
            column=GroupMember.answered_by_id,
            shown=(GroupMember.answered_at, GroupMember.group_id, GroupMember.state),
            on_erasure=_SCHOOLS,
        ),
    )
