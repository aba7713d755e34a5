"""What happens to people’s accounts, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """A person was erased; ``school_urns`` are the schools where they held a role."""

    type = "person.erased"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class ResetAsked(Event):
    """Somebody who is not signed in has asked for a new password.

    It is recorded for every address that is typed, so that the request does the same work
    whether there is an account or not.
    """

    type = "account.reset_asked"
    person_id: int | None
    """Whose account it is; None if no account has the address."""


@dataclass(frozen=True, kw_only=True)
class LockedOut(Event):
    """So many tries have failed at an address that further ones have to wait.

    It is recorded for every address, for the same reason.
    """

    type = "account.locked_out"
    person_id: int | None
