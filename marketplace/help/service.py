"""Consent to be listed, and putting away the list of first steps."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.help.events import ConsentChanged, FirstWeekDismissed
from marketplace.outbox.service import record
from marketplace.schools.models import School

DISMISSES_FIRST_WEEK = (Permission.MANAGE_MEMBERS, Permission.POST_LISTINGS)
"""Either lets a person put away the list of first steps for the whole school."""


def set_listed(session: Session, actor: Actor, listed: bool) -> Person:
    """Let other schools see the actor's name and role, or no longer.

    A second time changes nothing.
    """
    person = session.get_one(Person, actor.person_id, with_for_update=True, populate_existing=True)
    if listed == (person.listed_at is not None):
        return person
    person.listed_at = clock.now() if listed else None
    session.flush()
    urns = (actor.urn,) if actor.urn is not None else ()
    record(
        session,
        ConsentChanged(actor_id=person.id, school_urns=urns, person_id=person.id),
    )
    return person


def listed_in_words(session: Session, person_id: int) -> str:
    """Return what the account page says of a person's consent."""
    if session.get_one(Person, person_id).listed_at is None:
        return "Other schools do not see you on your school’s page"
    return "Other schools see your name and role on your school’s page"


def dismiss_first_week(session: Session, actor: Actor) -> None:
    """Put away the list of first steps of the school acted for; a second time changes nothing.

    Raises:
        NotAllowed: if the person may neither post listings nor manage people there.
    """
    if not any(actor.may(permission) for permission in DISMISSES_FIRST_WEEK):
        actor.require(DISMISSES_FIRST_WEEK[0])
    urn = actor.school()
    school = session.get_one(
        School, urn, with_for_update={"key_share": True}, populate_existing=True
    )
    if school.first_week_dismissed_at is not None:
        return
    school.first_week_dismissed_at = clock.now()
    session.flush()
    record(session, FirstWeekDismissed(actor_id=actor.person_id, school_urns=(urn,)))
