"""What happens to groups of schools, for the outbox; the school is the one that it happens to."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class GroupFounded(Event):
    """A school founded a group."""

    type = "group.founded"
    group_id: int


@dataclass(frozen=True, kw_only=True)
class GroupChanged(Event):
    """A group has another name or purpose, or another school leads it."""

    type = "group.changed"
    group_id: int


@dataclass(frozen=True, kw_only=True)
class GroupInvited(Event):
    """A school was invited into a group."""

    type = "group.invited"
    group_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class GroupJoined(Event):
    """A school accepted an invitation, so that it is in the group."""

    type = "group.joined"
    group_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class GroupDeclined(Event):
    """A school declined an invitation, or it was taken back."""

    type = "group.declined"
    group_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class GroupLeft(Event):
    """A school is no longer in a group: it left, or the school that leads it took it out."""

    type = "group.left"
    group_id: int
    member_id: int
