"""Photographs as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace.audiences.words import label
from marketplace.profiles.photographs.models import Photograph, Size
from marketplace.profiles.photographs.pictures import SMALL_SIDE
from marketplace.web.formats import day


@dataclass(frozen=True, slots=True)
class PhotographRow:
    """One photograph with its addresses; the sizes are those of the small picture, in pixels."""

    id: int
    url: str
    small_url: str
    width: int
    height: int
    description: str
    caption: str
    seen_by: str
    about: str = ""


def photograph_row(photograph: Photograph, *, with_adder: bool = False) -> PhotographRow:
    """Return a photograph for a page; ``with_adder`` for those who may change it."""
    shrink = min(1, SMALL_SIDE / max(photograph.width, photograph.height))
    seen_by = label(photograph.seen_by)
    about = ""
    if with_adder:
        about = f"{seen_by} · {photograph.added_by.name}, {day(photograph.added_at)}"
    return PhotographRow(
        photograph.id,
        picture_url(photograph, Size.FULL),
        picture_url(photograph, Size.SMALL),
        round(photograph.width * shrink),
        round(photograph.height * shrink),
        photograph.description,
        photograph.caption,
        seen_by,
        about,
    )


def picture_url(photograph: Photograph, size: Size) -> str:
    """Return the address of the picture itself."""
    return url_for("photographs.picture", photograph_id=photograph.id, size=size.value)
