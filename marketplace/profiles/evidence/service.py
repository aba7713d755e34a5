"""The verbs of pieces of evidence: add, change and remove."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.errors import Conflict, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.topics import current_topics, refuse_retired
from marketplace.outbox.service import record
from marketplace.profiles.evidence.models import Evidence, EvidenceKind
from marketplace.profiles.evidence.queries import own_piece
from marketplace.profiles.parts.events import ProfileWritten
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.queries import own_part
from marketplace.profiles.parts.service import write_part

MOST_PIECES = 30
"""How many pieces of evidence a school may have."""
MOST_TOPICS = 8
LONGEST_TITLE, LONGEST_GIVER, LONGEST_LINK, LONGEST_NOTE = 150, 100, 300, 300
EARLIEST = date(1980, 1, 1)
LATEST_YEARS = 10
CHANGED_SINCE = (
    "A colleague has changed this since you opened it. Compare it with what you wrote (kept"
    " below); send it again to have yours."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said of a piece of evidence; months are given by their first days."""

    kind: EvidenceKind
    title: str
    given_by: str
    given_in: date
    valid_until: date | None = None
    link: str = ""
    note: str = ""
    topics: tuple[str, ...] = ()


def add_evidence(session: Session, actor: Actor, piece: Piece, *, idempotency_key: str) -> Evidence:
    """Add a piece of evidence to the page of the school acted for.

    If the school has not written the part “What shows it” yet, it has it from now on, without a
    text and for every school: its audience is that of the pieces.

    Raises:
        NotAllowed: without the role.
        Refusal: for what cannot be, beside its field, or beyond the most that there may be.
        AlreadySent: if the key has added another piece.
    """
    actor.require(Permission.WRITE_PROFILE)
    _check(piece)
    urn, key = actor.school(), key_of(actor.person_id, idempotency_key)
    sent = idempotent(session, Evidence, key, same_as=lambda one: piece_of(one) == piece)
    if sent is not None:
        return sent
    count = sa.select(sa.func.count()).select_from(Evidence).where(Evidence.school_urn == urn)
    if (session.scalar(count) or 0) >= MOST_PIECES:
        raise Refusal(f"There are {MOST_PIECES} already. Remove one that matters less first.")
    if own_part(session, actor, PartKind.EVIDENCE) is None:
        write_part(session, actor, PartKind.EVIDENCE, "", Audience(), version=0)
    evidence = Evidence(
        **_columns(piece),
        school_urn=urn,
        added_by_id=actor.person_id,
        added_at=clock.now(),
        version=1,
        idempotency_key=key,
    )
    session.add(evidence)
    session.flush()
    _record(session, actor)
    return evidence


def change_evidence(
    session: Session, actor: Actor, evidence_id: int, piece: Piece, *, version: int
) -> Evidence:
    """Change a piece of evidence. The same again changes nothing.

    Raises:
        NotAllowed: without the role.
        NotFound: for one of another school.
        Refusal: for what cannot be, beside its field.
        Conflict: if a colleague has changed it since it was seen.
    """
    actor.require(Permission.WRITE_PROFILE)
    evidence = own_piece(session, actor, evidence_id)
    _check(piece, evidence.topics)
    session.refresh(evidence, with_for_update=True)
    if piece_of(evidence) == piece:
        return evidence
    if evidence.version != version:
        raise Conflict(CHANGED_SINCE)
    for name, value in _columns(piece).items():
        setattr(evidence, name, value)
    evidence.version += 1
    session.flush()
    _record(session, actor)
    return evidence


def remove_evidence(session: Session, actor: Actor, evidence_id: int) -> None:
    """Remove a piece of evidence.

    Raises:
        NotAllowed: without the role.
        NotFound: for one of another school.
    """
    actor.require(Permission.WRITE_PROFILE)
    session.delete(own_piece(session, actor, evidence_id))
    _record(session, actor)


def piece_of(evidence: Evidence) -> Piece:
    """Return what is said of a piece of evidence."""
    return Piece(
        EvidenceKind(evidence.kind),
        evidence.title,
        evidence.given_by,
        evidence.given_in,
        evidence.valid_until,
        evidence.link,
        evidence.note,
        tuple(evidence.topics),
    )


def is_safe_link(link: str) -> bool:
    """Say whether a link leads to a page of another site, encrypted, and hides nothing."""
    try:
        parts = urlsplit(link)
        host, secret = parts.hostname, parts.username or parts.password
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and link.startswith("https://")
        and bool(host and "." in host.strip("."))
        and not secret
        and not any(sign in link for sign in ' \\"<>')
    )


def _check(piece: Piece, had: Iterable[str] = ()) -> None:
    for field, longest in (
        ("title", LONGEST_TITLE),
        ("given_by", LONGEST_GIVER),
        ("link", LONGEST_LINK),
        ("note", LONGEST_NOTE),
    ):
        if len(getattr(piece, field)) > longest:
            raise Refusal(f"Use at most {longest} characters.", field=field)
    if not piece.title:
        raise Refusal("Say what it is.", field="title")
    today = clock.today()
    if not EARLIEST <= piece.given_in <= today:
        raise Refusal(f"Month: choose one from {EARLIEST.year} until this month.", field="given_in")
    until = piece.valid_until
    if until is not None and not piece.given_in <= until <= today.replace(
        year=today.year + LATEST_YEARS, day=1
    ):
        raise Refusal(
            f"Valid until: choose a month from the one above on, {LATEST_YEARS} years ahead at"
            " most.",
            field="valid_until",
        )
    if piece.link and not is_safe_link(piece.link):
        raise Refusal(
            "Link: write the whole address of a page, beginning with https://.", field="link"
        )
    if len(piece.topics) > MOST_TOPICS or not set(piece.topics) <= set(current_topics().by_slug):
        raise Refusal(f"Choose {MOST_TOPICS} topics at most.", field="topics")
    refuse_retired(piece.topics, had)


def _columns(piece: Piece) -> dict[str, object]:
    return asdict(piece) | {"kind": piece.kind.value, "topics": list(piece.topics)}


def _record(session: Session, actor: Actor) -> None:
    urn = actor.school()
    record(session, ProfileWritten(actor_id=actor.person_id, school_urns=(urn,), urn=urn))
