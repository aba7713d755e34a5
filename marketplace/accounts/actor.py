"""The actor: one person acting for one school or for the network; every verb takes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.ledger_actor import NETWORK, LedgerActor, in_order
from marketplace.accounts.roles import ACTS, SUPPORT_PERMISSIONS, Permission, Role, may
from marketplace.errors import NotAllowed
from marketplace.schools.positions import position_of
from marketplace.schools.traits import NO_TRAITS, Trait

SUPPORT_ONLY_READS = (
    "You are reading this school’s pages for support, so you can change nothing here. End the"
    " support access, or switch to the network, at the top of the page."
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One person acting for one school (``urn``), or for the network itself (``None``).

    The school's facts are those by which listings are shown to it. With a ``support_id`` it is an
    operator who only reads the school's pages, until ``support_ends_at``: nothing of the roles
    counts then.
    """

    person_id: int
    person_name: str
    roles: frozenset[Role]
    urn: int | None = None
    school_name: str = ""
    trust_id: int | None = None
    local_authority_code: str | None = None
    region: str | None = None
    easting: int | None = None
    northing: int | None = None
    traits: Trait = NO_TRAITS
    support_id: int | None = None
    support_ends_at: datetime | None = None
    joined_at: datetime | None = None
    """When the school joined."""
    pause_reason: str | None = None
    """Why the operator has paused the school; None if it is not paused."""

    @property
    def key(self) -> str:
        """How a form names the school or the network."""
        if self.support_id is not None:
            return f"support:{self.support_id}"
        return NETWORK if self.urn is None else f"school:{self.urn}"

    @property
    def label(self) -> str:
        """The school or the network, as the person sees it."""
        if not self.roles:
            return "No school"
        if self.support_id is not None:
            return f"Support at {self.school_name}"
        return self.school_name or "The network"

    @property
    def roles_label(self) -> str:
        """The roles in words."""
        return ", ".join(role.label for role in in_order(self.roles))

    @property
    def ledger_name(self) -> str:
        """How the ledger names who did it, for which school, and in which roles."""
        return str(LedgerActor(self.person_id, self.urn, in_order(self.roles)))

    @property
    def position(self) -> tuple[int, int] | None:
        """Where the school is: easting and northing in metres on the National Grid."""
        return position_of(self)

    def may(self, permission: Permission) -> bool:
        """Say whether these roles allow ``permission``.

        For support it is whether it only reads; a paused school's people only read.
        """
        if self.support_id is not None:
            return permission in SUPPORT_PERMISSIONS
        if self.pause_reason is not None and permission in ACTS:
            return False
        return may(self.roles, permission)

    def require(self, permission: Permission) -> None:
        """Refuse unless these roles allow ``permission``.

        Raises:
            NotAllowed: telling the person whom to ask for a role that does.
        """
        if permission in ACTS:
            self.refuse_if_paused()
        if not self.may(permission):
            raise NotAllowed(self._refusal(permission))

    def refuse_if_paused(self) -> None:
        """Refuse what changes something while the operator has paused the school.

        Raises:
            NotAllowed: saying why, and whom to ask.
        """
        if self.pause_reason is not None:
            raise NotAllowed(
                f"{self.school_name} is paused: {self.pause_reason} You can read everything, and"
                " change nothing. Ask the network’s operator."
            )

    def school(self) -> int:
        """Return the URN of the school acted for.

        Raises:
            NotAllowed: if the person acts for the network, which has no school.
        """
        if self.urn is None:
            raise NotAllowed("Only a school can do this, and you act for the network.")
        return self.urn

    def _refusal(self, permission: Permission) -> str:
        if self.support_id is not None:
            return SUPPORT_ONLY_READS
        if not self.roles:
            return (
                "You hold no role at a school that is open. Ask an administrator of your school,"
                " or the network, to give you one."
            )
        where = self.school_name or "the network"
        ask = "Ask an administrator of your school" if self.urn is not None else "Ask the operator"
        return (
            f"Your role at {where} ({self.roles_label}) does not let you {permission.phrase}."
            f" {ask} for a role that does. If you act for several schools, choose the right one at"
            " the top of the page."
        )
