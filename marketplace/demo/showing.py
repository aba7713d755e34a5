"""What the demo's schools show on their pages besides words: evidence, and drawn pictures."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.audiences.audience import Audience
from marketplace.demo.accounts import Staff
from marketplace.profiles.evidence.models import Evidence, EvidenceKind
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.photographs.pictures import read_picture
from marketplace.profiles.photographs.service import Words, add_photograph
from marketplace.schools.models import School

MOST_SCHOOLS = 8
"""How many schools that have written their page show more than words."""
PIECES = (
    (EvidenceKind.AWARD, "Reading school, gold", "", ("reading", "phonics")),
    (EvidenceKind.INSPECTION, "Curriculum and behaviour are strengths", "Ofsted", ()),
    (EvidenceKind.HUB, "Partner of the maths hub", "NCETM", ("maths-mastery",)),
    (
        EvidenceKind.IMPACT,
        "More pupils meet the phonics standard",
        "",
        ("phonics",),
    ),
)
WIDTH, HEIGHT = 960, 640
SKY, GRASS, BRICK, ROOF, GLASS = "#cfe3ea", "#9dbf8d", "#b5674d", "#5b3a34", "#f4ecd8"
WALL, BOARD, WOOD, CLOTH = "#f1e8d6", "#1f4f45", "#a9784b", ("#d9a441", "#6d4c7d", "#c05b4d")


def make_shown(session: Session, main: Sequence[School], staff: Staff, rng: random.Random) -> None:
    """Give schools that have written their page pieces of evidence and pictures."""
    now = clock.now()
    schools = session.scalars(
        sa.select(School)
        .join(ProfilePart, ProfilePart.school_urn == School.urn)
        .where(ProfilePart.kind == PartKind.EVIDENCE.value)
        .order_by(School.urn.not_in([school.urn for school in main]), School.urn)
        .limit(MOST_SCHOOLS)
    ).all()
    for number, school in enumerate(schools):
        person_id = staff.of(school.urn)
        session.add_all(_pieces(school, person_id, now, rng))
        actor = Actor(
            person_id, "", frozenset({Role.COORDINATOR}), urn=school.urn, school_name=school.name
        )
        _add_pictures(session, actor, number, rng)


def _pieces(
    school: School, person_id: int, now: datetime, rng: random.Random
) -> Sequence[Evidence]:
    chosen = rng.sample(PIECES, k=2)
    return [
        Evidence(
            school_urn=school.urn,
            kind=kind.value,
            title=title,
            given_by=given_by,
            given_in=date(now.year - 1, rng.randint(1, 12), 1),
            valid_until=date(now.year + 2, 8, 1) if kind is EvidenceKind.AWARD else None,
            link="",
            note="",
            topics=list(topics),
            added_by_id=person_id,
            added_at=now - timedelta(days=30),
            version=1,
            idempotency_key=f"demo:{school.urn}:{kind.value}",
        )
        for kind, title, given_by, topics in chosen
    ]


def _add_pictures(session: Session, actor: Actor, number: int, rng: random.Random) -> None:
    pictures = (
        (
            _building(rng),
            "A drawing of a brick school with a clock.",
            "Our entrance",
        ),
        (
            _classroom(rng),
            "A drawing of a classroom with three tables.",
            "Where you sit in",
        ),
    )
    for place, (drawn, description, caption) in enumerate(pictures):
        file = io.BytesIO()
        drawn.save(file, "PNG")
        add_photograph(
            session,
            actor,
            read_picture(file.getvalue()),
            Words(description, caption, Audience()),
            people_agreed=True,
            idempotency_key=f"demo picture {number} {place}",
        )


def _building(rng: random.Random) -> Image.Image:
    """A school from outside; how many windows it has differs."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, WIDTH, HEIGHT), fill=GRASS)
    draw.rectangle((120, 250, 840, 500), fill=BRICK)
    draw.polygon(((90, 250), (480, 110), (870, 250)), fill=ROOF)
    draw.ellipse((440, 165, 520, 245), fill=GLASS, outline=WALL, width=6)
    draw.line((480, 205, 480, 180), fill=ROOF, width=5)
    draw.line((480, 205, 500, 210), fill=ROOF, width=5)
    windows = rng.choice((4, 6, 8))
    step = 640 // windows
    for left in range(150, 150 + step * windows, step):
        if not 400 < left + step // 2 < 560:
            draw.rectangle((left, 300, left + step - 30, 390), fill=GLASS, outline=WALL, width=5)
    draw.rectangle((435, 360, 525, 500), fill=BOARD, outline=WALL, width=6)
    draw.polygon(((435, 500), (525, 500), (640, HEIGHT), (320, HEIGHT)), fill=WALL)
    return image


def _classroom(rng: random.Random) -> Image.Image:
    """A classroom; its tables have other colours each time."""
    image = Image.new("RGB", (WIDTH, HEIGHT), WALL)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 430, WIDTH, HEIGHT), fill="#dccbb0")
    draw.rectangle((230, 90, 730, 330), fill=BOARD, outline=WOOD, width=12)
    for line in range(3):
        draw.line((280, 150 + 55 * line, 560 - 40 * line, 150 + 55 * line), fill=WALL, width=6)
    draw.rectangle((60, 120, 180, 330), fill=SKY, outline=WOOD, width=8)
    for place, colour in enumerate(rng.sample(CLOTH, k=3)):
        left = 110 + 280 * place
        draw.rectangle((left, 450, left + 190, 490), fill=colour)
        for leg in (left + 12, left + 168):
            draw.rectangle((leg, 490, leg + 12, 590), fill=WOOD)
    return image
