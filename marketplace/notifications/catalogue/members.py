"""Kinds of notifications about a school's people."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.members.events import InvitationAccepted, RolesChanged
from marketplace.members.models import Invitation
from marketplace.notifications.catalogue.things import INVITATION, PERSON
from marketplace.notifications.kinds import Audience, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency


def _about_id(event: RolesChanged) -> int:
    return event.person_id


def _person(_session: Session, event: RolesChanged, person: Person) -> list[Audience]:
    return [Audience(urn, only=frozenset({person.id})) for urn in event.school_urns]


def _administrators(_session: Session, event: RolesChanged, person: Person) -> list[Audience]:
    return [Audience(urn, without=frozenset({person.id})) for urn in event.school_urns]


def _start_page(_notice: Notice[Person]) -> Target:
    return Target("pages.dashboard")


def _people_page(notice: Notice[Any]) -> Target:
    return Target("members.people", {"urn": notice.school_urn})


def _everyone(
    _session: Session, event: InvitationAccepted, _invitation: Invitation
) -> list[Audience]:
    return [Audience(urn) for urn in event.school_urns]


KINDS: tuple[Kind[Any, Any], ...] = (
    Kind(
        name="member.my_roles_changed",
        label="My own roles have changed",
        group=Group.SCHOOL,
        event=RolesChanged,
        about=PERSON,
        about_id=_about_id,
        permission=None,
        audiences=_person,
        title=lambda notice: f"Your roles at {notice.school_name} have changed",
        target=_start_page,
        urgency=Urgency.SECURITY,
        default=Frequency.AT_ONCE,
    ),
    Kind(
        name="member.roles_changed",
        label="A colleague’s roles have changed",
        group=Group.SCHOOL,
        event=RolesChanged,
        about=PERSON,
        about_id=_about_id,
        permission=Permission.MANAGE_MEMBERS,
        audiences=_administrators,
        title=lambda notice: (
            f"The roles of {notice.facts.name} at {notice.school_name} have changed"
        ),
        target=_people_page,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
    Kind(
        name="member.invitation_accepted",
        label="A colleague has accepted an invitation",
        group=Group.SCHOOL,
        event=InvitationAccepted,
        about=INVITATION,
        about_id=lambda event: event.invitation_id,
        permission=Permission.MANAGE_MEMBERS,
        audiences=_everyone,
        title=lambda notice: (
            f"{notice.facts.name} has accepted the invitation to {notice.school_name}"
        ),
        target=_people_page,
        urgency=Urgency.NEWS,
        default=Frequency.DAILY,
    ),
)
