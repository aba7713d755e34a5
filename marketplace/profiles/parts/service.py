"""The verb of a school's page: write a part."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.choosing import check_audience
from marketplace.audiences.queries import get_belonging
from marketplace.errors import Conflict, Refusal
from marketplace.outbox.service import record
from marketplace.profiles.parts.events import ProfileWritten
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.parts.queries import own_part
from marketplace.schools.models import School

LONGEST_PART = 4000
CHANGED_SINCE = (
    "A colleague has changed this part since you opened it. Compare it with what you wrote (kept"
    " below); send it again to have yours."
)


def write_part(
    session: Session, actor: Actor, kind: PartKind, text: str, audience: Audience, *, version: int
) -> ProfilePart:
    """Write a part of the page of the school acted for, in Markdown; an empty text empties it.

    ``version`` is that of the part that was seen, 0 where there was none. The same text for the
    same audience, sent again, changes nothing.

    Raises:
        NotAllowed: without the role.
        Refusal: for a text that is too long, or an audience that the school cannot choose.
        Conflict: if a colleague has written the part since it was seen.
    """
    actor.require(Permission.WRITE_PROFILE)
    urn, text = actor.school(), text.strip()
    if len(text) > LONGEST_PART:
        raise Refusal(f"Use at most {LONGEST_PART:,} characters.", field="text")
    if audience.reach is Reach.CONFIDENTIAL:
        raise Refusal("Choose who may see it.", field="audience")
    check_audience(audience, get_belonging(session, session.get_one(School, urn)))
    part = own_part(session, actor, kind)
    if part is not None:
        session.refresh(part, with_for_update=True)
        if (part.text, part.seen_by) == (text, audience):
            return part
    if (part.version if part is not None else 0) != version:
        raise Conflict(CHANGED_SINCE)
    if part is None:
        part = ProfilePart(school_urn=urn, kind=kind.value, version=0)
    part.text = text
    part.seen_by = audience
    part.written_by_id = actor.person_id
    part.written_at = clock.now()
    part.version += 1
    try:
        with session.begin_nested():
            session.add(part)
    except IntegrityError:
        # A colleague wrote the part for the first time at the same instant.
        raise Conflict(CHANGED_SINCE) from None
    record(session, ProfileWritten(actor_id=actor.person_id, school_urns=(urn,), urn=urn))
    return part
