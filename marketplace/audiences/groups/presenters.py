"""Groups as the templates and the start page show them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.audiences.groups.queries import list_invitations
from marketplace.audiences.models import GroupMember, MemberState
from marketplace.schools.finding import FoundSchool
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school of a group."""

    urn: int
    name: str
    place: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A school that was found, to be invited; ``note`` says why it cannot be."""

    urn: int
    name: str
    place: str
    note: str = ""


def school_row(place: GroupMember, lead_urn: int) -> SchoolRow:
    """Return a school of a group (with its school) as a row."""
    school: School = place.school
    return SchoolRow(school.urn, school.name, school.town or "", school.urn == lead_urn)


def candidate_row(school: FoundSchool, states: dict[int, MemberState]) -> CandidateRow:
    """Return a school that was found as a row."""
    note = ""
    if school.urn in states:
        invited = states[school.urn] == MemberState.INVITED
        note = "Invited" if invited else "In the group"
    elif school.joined_at is None:
        note = "Does not take part in the network yet"
    return CandidateRow(school.urn, school.name, f"{school.place}, {school.authority}", note)


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the invitations into groups that wait for the school's answer."""
    invitations = list_invitations(session, actor, limit)
    tasks = [
        Task(
            title=f"Join {invitation.name}?",
            about=f"{invitation.lead} invites your school into this group",
            action="Answer",
            url=url_for("groups.group", group_id=invitation.group_id),
            since=invitation.since,
        )
        for invitation in invitations
    ]
    return TaskList(tasks, invitations[0].count if invitations else 0)
