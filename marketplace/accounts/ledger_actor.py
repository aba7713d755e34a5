"""How the ledger names the people who do something: by number, with school and roles as they were.

The ledger keeps and seals the text as it is written, so that it tells for ever in which role, and
for which school, somebody acted. It has no name in it: an erased person's name is nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from marketplace.accounts.roles import Role

NETWORK = "network"
_TEXT = re.compile(
    r"person:(?P<person>[1-9][0-9]{0,8})"
    r"(?: at (?:network|school:(?P<urn>[1-9][0-9]{0,8})) as (?P<roles>[a-z, ]+))?",
    re.ASCII,
)
_ROLES = {role.label: role for role in Role}


@dataclass(frozen=True, slots=True)
class LedgerActor:
    """A person in the ledger; ``urn`` is the school acted for (None: the network, or not recorded).

    ``roles`` is empty in what was recorded before roles were.
    """

    person_id: int
    urn: int | None = None
    roles: tuple[Role, ...] = ()

    def __str__(self) -> str:
        """The text in the ledger, such as "person:12 at school:100000 as coordinator"."""
        if not self.roles:
            return f"person:{self.person_id}"
        place = NETWORK if self.urn is None else f"school:{self.urn}"
        return f"person:{self.person_id} at {place} as {self.roles_label}"

    @property
    def roles_label(self) -> str:
        """The roles in words."""
        return ", ".join(role.label for role in self.roles)


def in_order(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return ``roles`` in the order of `Role`."""
    held = frozenset(roles)
    return tuple(role for role in Role if role in held)


@lru_cache(10_000)
def read_ledger_actor(text: str) -> LedgerActor | None:
    """Return the person that the ledger's ``text`` names, or ``None``: a command, an import."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    labels = match["roles"].split(", ") if match["roles"] else []
    if not all(label in _ROLES for label in labels):
        return None
    return LedgerActor(
        person_id=int(match["person"]),
        urn=int(match["urn"]) if match["urn"] else None,
        roles=tuple(_ROLES[label] for label in labels),
    )
