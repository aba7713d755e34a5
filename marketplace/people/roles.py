"""Roles, and the one table of what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """A part someone plays: at a school, or for the whole network."""

    MEMBER = "member"
    COORDINATOR = "coordinator"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    AUDITOR = "auditor"


SCHOOL_ROLES = frozenset({Role.MEMBER, Role.COORDINATOR, Role.FINANCE, Role.ADMINISTRATOR})
NETWORK_ROLES = frozenset({Role.OPERATOR, Role.AUDITOR})

ROLE_MEANINGS: dict[Role, str] = {
    Role.MEMBER: "Member: looks for help and asks other schools",
    Role.COORDINATOR: "Coordinator: posts offers and requests, agrees and confirms exchanges",
    Role.FINANCE: "Finance: reads all of the school’s credits",
    Role.ADMINISTRATOR: "Administrator: decides who works here and in which role",
}
"""What each role at a school means, for whoever gives it."""


class Permission(StrEnum):
    """Something a person may do; views and services name these, never roles."""

    LOOK = "look at listings and schools"
    ASK = "ask another school a question"
    POST_LISTING = "post offers and requests"
    AGREE_EXCHANGE = "propose, agree and confirm exchanges"
    READ_SCHOOL_MONEY = "read all of the school's credits"
    MANAGE_PEOPLE = "manage the school’s people"
    READ_THE_BOOK = "read the whole network's ledger"
    RUN_NETWORK = "run the network"


_EVERY_SCHOOL_ROLE = frozenset({Permission.LOOK, Permission.ASK})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: _EVERY_SCHOOL_ROLE,
    Role.COORDINATOR: _EVERY_SCHOOL_ROLE
    | {Permission.POST_LISTING, Permission.AGREE_EXCHANGE, Permission.READ_SCHOOL_MONEY},
    Role.FINANCE: _EVERY_SCHOOL_ROLE | {Permission.READ_SCHOOL_MONEY},
    Role.ADMINISTRATOR: _EVERY_SCHOOL_ROLE | {Permission.MANAGE_PEOPLE},
    Role.OPERATOR: frozenset(
        {
            Permission.LOOK,
            Permission.MANAGE_PEOPLE,
            Permission.RUN_NETWORK,
            Permission.READ_THE_BOOK,
        }
    ),
    Role.AUDITOR: frozenset({Permission.LOOK, Permission.READ_THE_BOOK}),
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of ``roles`` carries ``permission``."""
    return any(permission in PERMISSIONS[role] for role in roles)
