"""Two schools with people in every role, and the worker's part: events handed to ``notify``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.mail.models import Email
from marketplace.notifications.catalogue import KINDS, find_kind
from marketplace.notifications.models import Frequency, Notification
from marketplace.notifications.preferences import choose_frequencies
from marketplace.notifications.queries import Told, with_words
from marketplace.notifications.service import notify
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.network.factories import joined_school

EVENTS = {kind.event.type: kind.event for kind in KINDS}


def tell(session: Session) -> None:
    """Hand every new event to its handler, as the worker does, in the order of the events."""
    session.flush()
    for row in session.scalars(
        sa.select(OutboxEvent).where(OutboxEvent.distributed_at.is_(None)).order_by(OutboxEvent.id)
    ).all():
        row.distributed_at = clock.now()
        if row.type in EVENTS:
            event = EVENTS[row.type].restore(
                row.data,
                id=row.id,
                actor_id=row.actor_id,
                school_urns=tuple(row.school_urns),
                occurred_at=row.occurred_at,
            )
            notify(session, event)
    session.flush()


def skip(session: Session) -> None:
    """Leave out the events so far."""
    session.flush()
    session.execute(sa.update(OutboxEvent).values(distributed_at=clock.now()))


class Schools:
    """Our school and theirs: a coordinator who acts, and others who may be told or must not be."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.our_school = joined_school(name="Our School")
        self.their_school = joined_school(name="Their School")
        self.us, self.them = actor_for(self.our_school), actor_for(self.their_school)
        self.operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        self.auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        self.people: dict[int, str] = {
            self.us.person_id: "our actor",
            self.them.person_id: "their actor",
            self.operator.id: "operator",
            self.auditor.id: "auditor",
        }
        for side, school in (("our", self.our_school), ("their", self.their_school)):
            for role in (Role.COORDINATOR, Role.MEMBER, Role.FINANCE, Role.ADMINISTRATOR):
                self.people[staff(school, role).id] = f"{side} {role}"
            self.people[staff(school, *_ALL, active=False).id] = f"{side} switched-off"
            self.people[staff(school, *_ALL, password_hash=None).id] = f"{side} invited"
            former = staff(school, *_ALL)
            session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == former.id))
            self.people[former.id] = f"{side} former"
        skip(session)

    def person(self, who: str) -> Person:
        """The person called so, such as "our finance"."""
        person_id = next(number for number, name in self.people.items() if name == who)
        return self.session.get_one(Person, person_id)

    def actor(self, who: str) -> Actor:
        """The same as an actor for their school."""
        person = self.person(who)
        school = self.our_school if who.startswith("our") else self.their_school
        roles = self.session.scalars(
            sa.select(RoleGrant.role).where(RoleGrant.person_id == person.id)
        )
        return Actor(person.id, person.name, frozenset(map(Role, roles)), school.urn, school.name)

    def told(self) -> dict[str, set[str]]:
        """Who was told, by kind."""
        told: dict[str, set[str]] = {}
        for row in self.session.scalars(sa.select(Notification)):
            told.setdefault(row.kind, set()).add(self.people.get(row.person_id, "another"))
        return told

    def titles(self, who: str) -> list[str]:
        """What the person was told, in words, the oldest first."""
        return [item.title for item in self.notifications(who)]

    def notifications(self, who: str) -> list[Told]:
        """What the person was told, the oldest first."""
        rows = self.session.scalars(
            sa.select(Notification)
            .where(Notification.person_id == self.person(who).id)
            .order_by(Notification.id)
        )
        return with_words(self.session, rows)

    def unread(self, who: str) -> list[str]:
        """The titles of what the person has not read."""
        return [item.title for item in self.notifications(who) if item.notification.read_at is None]

    def emails(self, who: str) -> list[Email]:
        """The e-mails to the person, the oldest first."""
        return list(
            self.session.scalars(
                sa.select(Email).where(Email.person_id == self.person(who).id).order_by(Email.id)
            )
        )

    def subjects(self, who: str) -> list[str]:
        """The subjects of the e-mails to the person."""
        return [email.subject for email in self.emails(who)]

    def choose(self, frequency: Frequency, *who: str, kinds: tuple[str, ...] = ()) -> None:
        """Let these people (everyone, if none is named) want all kinds, or these, so often."""
        names = kinds or tuple(kind.name for kind in KINDS)
        for person_id, name in self.people.items():
            if not who or name in who:
                choose_frequencies(self.session, person_id, dict.fromkeys(names, frequency))


_ALL = {Role.COORDINATOR, Role.MEMBER, Role.FINANCE, Role.ADMINISTRATOR}


def kind_called(name: str) -> Any:
    """The kind of this name."""
    kind = find_kind(name)
    assert kind is not None, name
    return kind
