"""The verbs of the directory of expertise: share, suggest, change, take back, withdraw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.choosing import check_audience
from marketplace.audiences.queries import get_belonging
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.topics import PHASES, current_topics, refuse_retired
from marketplace.outbox.events import Event
from marketplace.outbox.service import record
from marketplace.profiles.experts.events import (
    ExpertiseChanged,
    ExpertiseShared,
    ExpertiseSuggested,
    ExpertiseTakenBack,
)
from marketplace.profiles.experts.models import AskedBy, Expertise, ExpertiseLabel, LabelKind
from marketplace.profiles.experts.vocabulary import EXPERT_ROLES
from marketplace.schools.models import School

MOST_TOPICS = 5
MOST_LANGUAGES = 8
LONGEST_LANGUAGE = 40
MOST_OF_A_PERSON = 20
"""How many things one person may share at one school."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of themselves; ``contact`` is how they want to be reached."""

    topics: tuple[str, ...]
    phases: tuple[str, ...]
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    words: str = ""
    asked_by: AskedBy = AskedBy.NOBODY
    contact: str = ""
    audience: Audience = field(default_factory=lambda: Audience(Reach.SCHOOL))

    def tidy(self) -> Said:
        """Return it as it is stored: each choice once, no spaces around texts."""
        languages = {" ".join(language.split()) for language in self.languages}
        return replace(
            self,
            topics=tuple(sorted(set(self.topics))),
            phases=tuple(sorted(set(self.phases))),
            roles=tuple(sorted(set(self.roles))),
            languages=tuple(sorted(languages - {""})),
            words=self.words.strip(),
            contact="" if self.asked_by is AskedBy.NOBODY else self.contact.strip(),
        )


def share_expertise(
    session: Session, actor: Actor, said: Said, *, idempotency_key: str
) -> Expertise:
    """Say what one is good at, at the school acted for; the same key says it once.

    Raises:
        NotAllowed: without a role at the school.
        Refusal: if it is not fit to be shown (see ``check``), or the person has shared too much.
        AlreadySent: if the key has shared something else.
    """
    actor.require(Permission.ASK)
    return _add(session, actor, actor.person_id, said, idempotency_key)


def suggest_expertise(
    session: Session, actor: Actor, person_id: int, said: Said, *, idempotency_key: str
) -> Expertise:
    """Suggest to a colleague what they could share; nobody else sees it until they do.

    Only the colleague says who may see it, and who may ask.

    Raises:
        NotAllowed: without the role.
        NotFound: if the person does not work at the school acted for.
        Refusal: if it is not fit to be shown, or the colleague has been suggested too much.
        AlreadySent: if the key has suggested something else.
    """
    actor.require(Permission.MANAGE_MEMBERS)
    works_here = sa.exists().where(
        RoleGrant.person_id == person_id, RoleGrant.school_urn == actor.school()
    )
    if not session.scalar(sa.select(works_here)):
        raise NotFound("This person does not work at your school.")
    if person_id == actor.person_id:
        raise Refusal("Share your own expertise yourself.", field="person")
    unasked = replace(said, asked_by=AskedBy.NOBODY, contact="", audience=Audience(Reach.SCHOOL))
    return _add(session, actor, person_id, unasked, idempotency_key)


def change_expertise(
    session: Session, actor: Actor, expertise: Expertise, said: Said, *, version: int
) -> Expertise:
    """Change what one says, and share it if it was only suggested.

    Raises:
        NotAllowed: without a role at the school.
        NotFound: if it is another person's.
        Refusal: if it is not fit to be shown.
        Conflict: if it has changed since the version that was seen.
    """
    actor.require(Permission.ASK)
    actor.refuse_if_paused()
    if (expertise.person_id, expertise.school_urn) != (actor.person_id, actor.school()):
        raise NotFound
    session.refresh(expertise, ["version"], with_for_update=True)
    if expertise.version != version:
        raise Conflict(
            "This has changed since you opened it. Compare it with what you wrote (kept below);"
            " send it again to have yours."
        )
    said = said.tidy()
    had = expertise.values(LabelKind.TOPIC)
    check(session, said, session.get_one(School, expertise.school_urn), had)
    now = clock.now()
    was_suggested = expertise.accepted_at is None
    if was_suggested:
        expertise.accepted_at = now
    _write(expertise, said, now)
    expertise.version += 1
    session.flush()
    event = ExpertiseShared if was_suggested else ExpertiseChanged
    _record(session, event, expertise, actor)
    return expertise


def take_back(session: Session, actor: Actor, expertise: Expertise) -> None:
    """Delete what one says, or turn down what was suggested: it is gone at once.

    Raises:
        NotAllowed: without a role at the school.
        NotFound: if it is another person's.
    """
    actor.require(Permission.ASK)
    if (expertise.person_id, expertise.school_urn) != (actor.person_id, actor.school()):
        raise NotFound
    _delete(session, actor, expertise)


def withdraw_suggestion(session: Session, actor: Actor, expertise: Expertise) -> None:
    """Delete what was suggested to a colleague who has not taken it up.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is at another school, or the colleague has shared it: it is theirs then.
    """
    actor.require(Permission.MANAGE_MEMBERS)
    if expertise.school_urn != actor.school() or expertise.accepted_at is not None:
        raise NotFound
    _delete(session, actor, expertise)


def check(session: Session, said: Said, school: School, had: Iterable[str] = ()) -> None:
    """Refuse what is not fit to be shown; ``had`` are the topics that it may keep.

    Raises:
        Refusal: naming the field at fault.
    """
    if (
        not 0 < len(said.topics) <= MOST_TOPICS
        or not set(said.topics) <= current_topics().by_slug.keys()
    ):
        raise Refusal(f"Choose one to {MOST_TOPICS} topics.", field="topics")
    refuse_retired(said.topics, had)
    if not said.phases or not set(said.phases) <= PHASES.keys():
        raise Refusal("Choose the phases that you know.", field="phases")
    if not set(said.roles) <= EXPERT_ROLES.keys():
        raise Refusal("Choose roles of the list.", field="roles")
    if len(said.languages) > MOST_LANGUAGES or any(
        len(language) > LONGEST_LANGUAGE for language in said.languages
    ):
        raise Refusal(
            f"Write at most {MOST_LANGUAGES} languages, with commas between.", field="languages"
        )
    if said.asked_by is AskedBy.TRUST and school.trust_id is None:
        raise Refusal(
            "Who may ask? Your school belongs to no trust in the register.", field="asked_by"
        )
    if said.audience.reach is Reach.CONFIDENTIAL:
        raise Refusal("Choose who may see it.", field="audience")
    check_audience(said.audience, get_belonging(session, school))


def _add(
    session: Session, actor: Actor, person_id: int, said: Said, idempotency_key: str
) -> Expertise:
    actor.refuse_if_paused()
    urn, said = actor.school(), said.tidy()
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session,
        Expertise,
        key,
        same_as=lambda expertise: (
            (expertise.school_urn, expertise.person_id, said_in(session, expertise))
            == (urn, person_id, said)
        ),
    )
    if existing is not None:
        return existing
    check(session, said, session.get_one(School, urn))
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Expertise)
        .where(Expertise.person_id == person_id, Expertise.school_urn == urn)
    )
    if (count or 0) >= MOST_OF_A_PERSON:
        raise Refusal(f"One person can share {MOST_OF_A_PERSON} things at most: take one back.")
    now = clock.now()
    own = person_id == actor.person_id
    expertise = Expertise(
        person_id=person_id,
        school_urn=urn,
        suggested_by_id=None if own else actor.person_id,
        accepted_at=now if own else None,
        created_at=now,
        version=1,
        idempotency_key=key,
    )
    _write(expertise, said, now)
    session.add(expertise)
    session.flush()
    if own:
        _record(session, ExpertiseShared, expertise, actor)
    else:
        record(
            session,
            ExpertiseSuggested(
                actor_id=actor.person_id,
                school_urns=(urn,),
                expertise_id=expertise.id,
                person_id=person_id,
            ),
        )
    return expertise


def said_in(session: Session, expertise: Expertise) -> Said:
    """Return what is stored, as it was said."""
    session.refresh(expertise, ["labels"])
    return said_by(expertise)


def said_by(expertise: Expertise) -> Said:
    """Return what is stored, as it was said; its labels must be loaded."""
    return Said(
        topics=expertise.values(LabelKind.TOPIC),
        phases=expertise.values(LabelKind.PHASE),
        roles=expertise.values(LabelKind.ROLE),
        languages=expertise.values(LabelKind.LANGUAGE),
        words=expertise.words,
        asked_by=AskedBy(expertise.asked_by),
        contact=expertise.contact,
        audience=expertise.seen_by,
    )


def _write(expertise: Expertise, said: Said, now: datetime) -> None:
    expertise.words = said.words
    expertise.asked_by = said.asked_by.value
    expertise.contact = said.contact
    expertise.seen_by = said.audience
    expertise.updated_at = now
    wanted = {
        (kind.value, value)
        for kind, values in (
            (LabelKind.TOPIC, said.topics),
            (LabelKind.PHASE, said.phases),
            (LabelKind.ROLE, said.roles),
            (LabelKind.LANGUAGE, said.languages),
        )
        for value in values
    }
    kept = [label for label in expertise.labels if (label.kind, label.value) in wanted]
    missing = wanted - {(label.kind, label.value) for label in kept}
    expertise.labels = [
        *kept,
        *(ExpertiseLabel(kind=kind, value=value) for kind, value in sorted(missing)),
    ]


def _delete(session: Session, actor: Actor, expertise: Expertise) -> None:
    _record(session, ExpertiseTakenBack, expertise, actor)
    session.execute(
        sa.delete(Expertise).where(Expertise.id == expertise.id),
        execution_options={"synchronize_session": False},
    )
    session.expunge(expertise)


def _record(session: Session, kind: type[Event], expertise: Expertise, actor: Actor) -> None:
    record(
        session,
        kind(  # type: ignore[call-arg]
            actor_id=actor.person_id,
            school_urns=(expertise.school_urn,),
            expertise_id=expertise.id,
        ),
    )
