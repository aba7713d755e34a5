"""Roles, and the one table of what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """A part a person plays: at a school, at every school of a trust, or for the network."""

    MEMBER = "member"
    COORDINATOR = "coordinator"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    TRUST_ADMINISTRATOR = "trust_administrator"
    TRUST_FINANCE = "trust_finance"
    OPERATOR = "operator"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """The role in words."""
        return self.value.replace("_", " ")


SCHOOL_ROLES = frozenset({Role.MEMBER, Role.COORDINATOR, Role.FINANCE, Role.ADMINISTRATOR})
NETWORK_ROLES = frozenset({Role.OPERATOR, Role.AUDITOR})
TRUST_ROLES = frozenset({Role.TRUST_ADMINISTRATOR, Role.TRUST_FINANCE})

ROLE_MEANINGS: dict[Role, str] = {
    Role.MEMBER: "Member: looks for help and asks other schools",
    Role.COORDINATOR: "Coordinator: posts offers and requests, agrees and confirms exchanges",
    Role.FINANCE: "Finance: reads all of the school’s credits",
    Role.ADMINISTRATOR: "Administrator: decides who uses Skillbank here, and in which role",
}
"""What each role at a school means, for the administrator who grants it."""

NETWORK_ROLE_MEANINGS: dict[Role, str] = {
    Role.OPERATOR: "Operator: brings schools in, sets the policy, manages people, reads the ledger",
    Role.AUDITOR: "Auditor: reads the whole network’s ledger, and closes periods",
}
"""What each role for the network means."""

TRUST_ROLE_MEANINGS: dict[Role, str] = {
    Role.TRUST_ADMINISTRATOR: "Trust administrator: does the same at every school of the trust",
    Role.TRUST_FINANCE: "Trust finance: reads the credits of every school of the trust",
}
"""What each role for a whole trust means; the first stands under that of an administrator."""


class Permission(StrEnum):
    """The id of what a person may do; views and services name these, never roles."""

    VIEW_LISTINGS = "listings.view"
    POST_LISTINGS = "listings.post"
    READ_MESSAGES = "conversations.read"
    ASK = "conversations.ask"
    MANAGE_GROUPS = "groups.manage"
    WRITE_PROFILE = "profiles.write"
    AGREE_EXCHANGES = "exchanges.agree"
    VIEW_STATEMENT = "statement.view"
    VIEW_ADJUSTMENTS = "adjustments.view"
    VIEW_TRUST_CREDITS = "trust.credits"
    MANAGE_MEMBERS = "members.manage"
    AUDIT_LEDGER = "ledger.audit"
    CLOSE_PERIODS = "ledger.close_periods"
    MANAGE_NETWORK = "network.manage"
    RULE_DISPUTES = "disputes.rule"
    SET_TRUST_RULES = "trust.set_rules"

    @property
    def phrase(self) -> str:
        """What it lets a person do, after "does not let you"."""
        return PHRASES[self]


PHRASES: dict[Permission, str] = {
    Permission.VIEW_LISTINGS: "look at listings and schools",
    Permission.POST_LISTINGS: "post offers and requests",
    Permission.READ_MESSAGES: "read the school’s messages",
    Permission.ASK: "ask another school a question",
    Permission.WRITE_PROFILE: "write the school’s page",
    Permission.MANAGE_GROUPS: "found groups of schools, and join or leave them",
    Permission.AGREE_EXCHANGES: "propose, agree and confirm exchanges",
    Permission.VIEW_STATEMENT: "read all of the school’s credits",
    Permission.VIEW_ADJUSTMENTS: "read what the network has adjusted at the school",
    Permission.VIEW_TRUST_CREDITS: "read the credits of every school of the trust",
    Permission.MANAGE_MEMBERS: "manage the school’s people",
    Permission.AUDIT_LEDGER: "read the whole network’s ledger",
    Permission.CLOSE_PERIODS: "close periods of the ledger",
    Permission.MANAGE_NETWORK: "run the network",
    Permission.RULE_DISPUTES: "rule on disputes between schools",
    Permission.SET_TRUST_RULES: "decide what your trust allows",
}

ACTS = frozenset(
    {
        Permission.POST_LISTINGS,
        Permission.AGREE_EXCHANGES,
        Permission.MANAGE_GROUPS,
        Permission.WRITE_PROFILE,
    }
)
"""What the people of a school that is paused may not do, whatever their roles."""

_EVERY_SCHOOL_ROLE = frozenset({Permission.VIEW_LISTINGS, Permission.READ_MESSAGES, Permission.ASK})

SUPPORT_PERMISSIONS = frozenset(
    {Permission.VIEW_LISTINGS, Permission.READ_MESSAGES, Permission.VIEW_STATEMENT}
)
"""What an operator with support access may do at the school, whatever roles they hold: read."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: _EVERY_SCHOOL_ROLE,
    Role.COORDINATOR: _EVERY_SCHOOL_ROLE
    | {
        Permission.POST_LISTINGS,
        Permission.AGREE_EXCHANGES,
        Permission.VIEW_STATEMENT,
        Permission.MANAGE_GROUPS,
        Permission.WRITE_PROFILE,
    },
    Role.FINANCE: _EVERY_SCHOOL_ROLE | {Permission.VIEW_STATEMENT, Permission.VIEW_ADJUSTMENTS},
    Role.ADMINISTRATOR: _EVERY_SCHOOL_ROLE
    | {
        Permission.MANAGE_MEMBERS,
        Permission.VIEW_ADJUSTMENTS,
        Permission.MANAGE_GROUPS,
        Permission.WRITE_PROFILE,
    },
    Role.TRUST_ADMINISTRATOR: _EVERY_SCHOOL_ROLE
    | {
        Permission.MANAGE_MEMBERS,
        Permission.VIEW_ADJUSTMENTS,
        Permission.SET_TRUST_RULES,
        Permission.MANAGE_GROUPS,
        Permission.WRITE_PROFILE,
    },
    Role.TRUST_FINANCE: frozenset(
        {
            Permission.VIEW_LISTINGS,
            Permission.VIEW_STATEMENT,
            Permission.VIEW_TRUST_CREDITS,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.VIEW_LISTINGS,
            Permission.MANAGE_MEMBERS,
            Permission.MANAGE_NETWORK,
            Permission.RULE_DISPUTES,
            Permission.AUDIT_LEDGER,
            Permission.CLOSE_PERIODS,
        }
    ),
    Role.AUDITOR: frozenset(
        {Permission.VIEW_LISTINGS, Permission.AUDIT_LEDGER, Permission.CLOSE_PERIODS}
    ),
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Say whether any of ``roles`` carries ``permission``."""
    return any(permission in PERMISSIONS[role] for role in roles)
