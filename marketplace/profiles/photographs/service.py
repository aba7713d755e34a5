"""The verbs of a school's photographs: add, change, move and remove."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.choosing import check_audience
from marketplace.audiences.queries import get_belonging
from marketplace.errors import Conflict, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.outbox.service import record
from marketplace.profiles.parts.events import ProfileWritten
from marketplace.profiles.photographs.models import (
    MOST_PHOTOGRAPHS,
    Photograph,
    PhotographFile,
    Size,
)
from marketplace.profiles.photographs.pictures import Picture
from marketplace.profiles.photographs.queries import own_photograph
from marketplace.schools.models import School

LONGEST_DESCRIPTION = 300
LONGEST_CAPTION = 200
FULL = (
    f"A school’s page has {MOST_PHOTOGRAPHS} photographs at most. Remove one of yours first, then"
    " add this one."
)
CHANGED_SINCE = (
    "A colleague has changed this photograph since you opened it. Compare it with what you wrote"
    " (kept below); send it again to have yours."
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a photograph, and to whom it is shown."""

    description: str
    caption: str
    audience: Audience


def add_photograph(
    session: Session,
    actor: Actor,
    picture: Picture,
    words: Words,
    *,
    people_agreed: bool,
    idempotency_key: str,
) -> Photograph:
    """Put a photograph behind the others on the page of the school acted for.

    ``people_agreed`` says that everybody who can be recognised in it agreed to be shown.

    Raises:
        NotAllowed: without the role.
        Refusal: without a description or the agreement, for an audience that the school cannot
            choose, or if there are as many as there may be.
        AlreadySent: if the key has added another photograph.
    """
    actor.require(Permission.WRITE_PROFILE)
    urn = actor.school()
    if not people_agreed:
        raise Refusal(
            "Say that the people in the picture agreed. Without that it cannot be shown.",
            field="people_agreed",
        )
    _check(session, urn, words)
    key = key_of(actor.person_id, idempotency_key)

    def is_the_same(photograph: Photograph) -> bool:
        said = Words(photograph.description, photograph.caption, photograph.seen_by)
        return (photograph.digest, said) == (picture.digest, words)

    if (sent := idempotent(session, Photograph, key, same_as=is_the_same)) is not None:
        return sent
    taken = set(
        session.scalars(sa.select(Photograph.place).where(Photograph.school_urn == urn)).all()
    )
    if len(taken) >= MOST_PHOTOGRAPHS:
        raise Refusal(FULL)
    behind = max(taken, default=0) + 1
    free = [place for place in range(1, MOST_PHOTOGRAPHS + 1) if place not in taken]
    photograph = Photograph(
        school_urn=urn,
        place=behind if behind in free else free[-1],
        description=words.description,
        caption=words.caption,
        width=picture.width,
        height=picture.height,
        digest=picture.digest,
        added_by_id=actor.person_id,
        added_at=clock.now(),
        version=1,
        idempotency_key=key,
    )
    photograph.seen_by = words.audience
    session.add(photograph)
    session.flush()
    for size, data in ((Size.FULL, picture.full), (Size.SMALL, picture.small)):
        session.add(PhotographFile(photograph_id=photograph.id, size=size.value, data=data))
    _record(session, actor)
    return photograph


def change_photograph(
    session: Session, actor: Actor, photograph_id: int, words: Words, *, version: int
) -> Photograph:
    """Change what is said of a photograph, and who sees it. The same again changes nothing.

    Raises:
        NotAllowed: without the role.
        NotFound: for one of another school.
        Refusal: without a description, or for an audience that the school cannot choose.
        Conflict: if a colleague has changed it since it was seen.
    """
    actor.require(Permission.WRITE_PROFILE)
    _check(session, actor.school(), words)
    photograph = own_photograph(session, actor, photograph_id)
    session.refresh(photograph, with_for_update=True)
    if Words(photograph.description, photograph.caption, photograph.seen_by) == words:
        return photograph
    if photograph.version != version:
        raise Conflict(CHANGED_SINCE)
    photograph.description = words.description
    photograph.caption = words.caption
    photograph.seen_by = words.audience
    photograph.version += 1
    session.flush()
    _record(session, actor)
    return photograph


def move_photograph(session: Session, actor: Actor, photograph_id: int, *, up: bool) -> Photograph:
    """Let a photograph change places with the one before it, or (not ``up``) after it.

    The first cannot go further up, nor the last further down: then nothing changes.

    Raises:
        NotAllowed: without the role.
        NotFound: for one of another school.
    """
    actor.require(Permission.WRITE_PROFILE)
    photograph = own_photograph(session, actor, photograph_id)
    ours = _in_order(session, actor.school())
    at = ours.index(photograph)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(ours):
        return photograph
    other = ours[to]
    there, here = other.place, photograph.place
    for one, place in ((photograph, 0), (other, here), (photograph, there)):
        one.place = place
        session.flush()
    _record(session, actor)
    return photograph


def remove_photograph(session: Session, actor: Actor, photograph_id: int) -> None:
    """Remove a photograph: its row and its bytes are deleted.

    Raises:
        NotAllowed: without the role.
        NotFound: for one of another school.
    """
    actor.require(Permission.WRITE_PROFILE)
    photograph = own_photograph(session, actor, photograph_id)
    ours = _in_order(session, actor.school())
    session.delete(photograph)
    session.flush()
    for one in ours[ours.index(photograph) + 1 :]:
        one.place -= 1
        session.flush()
    _record(session, actor)


def _in_order(session: Session, urn: int) -> list[Photograph]:
    """The photographs of a school in their order, locked."""
    return list(
        session.scalars(
            sa.select(Photograph)
            .where(Photograph.school_urn == urn)
            .order_by(Photograph.place)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _check(session: Session, urn: int, words: Words) -> None:
    if not words.description:
        raise Refusal("Say what the picture shows.", field="description")
    if len(words.description) > LONGEST_DESCRIPTION:
        raise Refusal(f"Use at most {LONGEST_DESCRIPTION} characters.", field="description")
    if len(words.caption) > LONGEST_CAPTION:
        raise Refusal(f"Use at most {LONGEST_CAPTION} characters.", field="caption")
    if words.audience.reach is Reach.CONFIDENTIAL:
        raise Refusal("Choose who may see it.", field="audience")
    check_audience(words.audience, get_belonging(session, session.get_one(School, urn)))


def _record(session: Session, actor: Actor) -> None:
    urn = actor.school()
    record(session, ProfileWritten(actor_id=actor.person_id, school_urns=(urn,), urn=urn))
