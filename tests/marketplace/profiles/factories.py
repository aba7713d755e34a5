"""Made-up expertise, evidence and photographs."""

from __future__ import annotations

import io
import secrets
from dataclasses import replace
from datetime import date
from typing import Any

from PIL import Image

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Audience, Reach
from marketplace.database import db
from marketplace.profiles.evidence.models import Evidence, EvidenceKind
from marketplace.profiles.evidence.service import Piece, add_evidence
from marketplace.profiles.experts.models import AskedBy, Expertise
from marketplace.profiles.experts.service import Said, share_expertise, suggest_expertise
from marketplace.profiles.photographs.models import Photograph
from marketplace.profiles.photographs.pictures import read_picture
from marketplace.profiles.photographs.service import Words, add_photograph


def said(reach: Reach = Reach.NATIONAL, **changes: Any) -> Said:
    """What a colleague says, unless told otherwise."""
    usual = Said(
        topics=("phonics",),
        phases=("ks1",),
        words="I led our move to a new scheme.",
        asked_by=AskedBy.EVERYONE,
        contact="Staff room, Tuesdays",
        audience=Audience(reach),
    )
    return replace(usual, **changes)


def shared(acting: Actor, reach: Reach = Reach.NATIONAL, **changes: Any) -> Expertise:
    """What ``acting`` shares; ``changes`` to ``said``."""
    return share_expertise(
        db.session(), acting, said(reach, **changes), idempotency_key=secrets.token_urlsafe(16)
    )


def suggested(acting: Actor, person_id: int, **changes: Any) -> Expertise:
    """What an administrator suggests to a colleague; ``changes`` to ``said``."""
    return suggest_expertise(
        db.session(),
        acting,
        person_id,
        said(**changes),
        idempotency_key=secrets.token_urlsafe(16),
    )


def picture_file(form: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """A file with a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def photographed(
    acting: Actor, reach: Reach = Reach.NATIONAL, description: str = "A lesson", caption: str = ""
) -> Photograph:
    """A photograph on the page of the school that ``acting`` acts for."""
    return add_photograph(
        db.session(),
        acting,
        read_picture(picture_file()),
        Words(description, caption, Audience(reach)),
        people_agreed=True,
        idempotency_key=secrets.token_urlsafe(16),
    )


def piece(**changes: Any) -> Piece:
    """A piece of evidence, unless told otherwise."""
    usual = Piece(
        EvidenceKind.AWARD,
        "Reading school, gold",
        "The Reading Agency",
        date(2025, 6, 1),
        topics=("phonics",),
    )
    return replace(usual, **changes)


def evidenced(acting: Actor, **changes: Any) -> Evidence:
    """A piece of evidence on the page of the school that ``acting`` acts for."""
    return add_evidence(
        db.session(), acting, piece(**changes), idempotency_key=secrets.token_urlsafe(16)
    )
