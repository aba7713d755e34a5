"""What a school's page is made of, for those who write it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.database import db
from marketplace.profiles.evidence.queries import own_evidence
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.presenters import own_part_row
from marketplace.profiles.parts.queries import own_parts
from marketplace.profiles.parts.views import WRITE
from marketplace.profiles.photographs.models import MOST_PHOTOGRAPHS
from marketplace.profiles.photographs.queries import own_photographs


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the blueprint of a school's parts."""
    blueprint.get("/profile")(parts)


@access(WRITE)
def parts() -> ResponseReturnValue:
    """Show what the school's page is made of: what is written, by whom, and who sees it."""
    session, actor = db.session(), current_actor()
    written = own_parts(session, actor)
    return render_template(
        "profiles/parts.html",
        urn=actor.school(),
        rows=[own_part_row(kind, written.get(kind)) for kind in PartKind],
        pieces=len(own_evidence(session, actor)),
        photographs=len(own_photographs(session, actor)),
        most_photographs=MOST_PHOTOGRAPHS,
    )
