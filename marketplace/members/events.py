"""What happens to a school's people, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class RolesChanged(Event):
    """A person's roles at a school have changed."""

    type = "member.roles_changed"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class ColleagueInvited(Event):
    """An address was asked to join a school."""

    type = "member.invited"
    invitation_id: int


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    """An invited person has joined a school; they are the event's actor."""

    type = "member.invitation_accepted"
    invitation_id: int


@dataclass(frozen=True, kw_only=True)
class FactorsReset(Event):
    """A person's second factors were taken away, so that they can set up new ones."""

    type = "member.factors_reset"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class AddressTriedAgain(Event):
    """E-mails are sent again to an address that failed; a person's, if one has it."""

    type = "member.address_tried_again"
    person_id: int | None
