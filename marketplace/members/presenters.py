"""What the pages of people show: the roles of a colleague in words."""

from __future__ import annotations

from marketplace.accounts.roles import Role
from marketplace.members.service import Colleague


def roles_label(colleague: Colleague) -> str:
    """Return the roles of a colleague in words, in their usual order."""
    return ", ".join(role.label for role in Role if role in colleague.roles)
