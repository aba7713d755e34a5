"""The first steps of a school that has just joined: what is done, from what is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission
from marketplace.conversations.models import Enquiry
from marketplace.database import db
from marketplace.help.service import DISMISSES_FIRST_WEEK, dismiss_first_week
from marketplace.listings.models import Kind, Listing
from marketplace.schools.models import School
from marketplace.web.forms import button_was_pressed

SHOWN_FOR = timedelta(days=90)
"""How long after joining a school is shown its first steps, unless all are done before."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step: what to do, where, and whether the school has done it."""

    label: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True)
class FirstWeek:
    """The steps that the person may take, and how many of all the school has done."""

    steps: list[FirstStep]
    done: int
    of: int
    may_dismiss: bool


def first_week(session: Session, actor: Actor) -> FirstWeek | None:
    """Return the first steps of the school acted for; one statement, none if it joined long ago.

    ``None`` if it joined long ago, has put the list away or has done everything, and if there is
    nothing left that the person may do.
    """
    if actor.joined_at is None or clock.now() - actor.joined_at > SHOWN_FOR:
        return None
    row = session.execute(_facts(), {"urn": actor.school()}).one()
    if row.first_week_dismissed_at is not None:
        return None
    steps = [
        (
            Permission.VIEW_LISTINGS,
            FirstStep(
                "Agree to be listed, so that other schools know whom to turn to",
                url_for("help.consent"),
                row.listed > 0,
            ),
        ),
        (
            Permission.POST_LISTINGS,
            FirstStep(
                "Post your first offer: what colleagues elsewhere ask you about",
                url_for("listings.new", kind=Kind.OFFER.value),
                row.offers > 0,
            ),
        ),
        (
            Permission.POST_LISTINGS,
            FirstStep(
                "Post your first request: what you are looking for",
                url_for("listings.new", kind=Kind.REQUEST.value),
                row.requests > 0,
            ),
        ),
        (
            Permission.MANAGE_MEMBERS,
            FirstStep("Invite your colleagues", url_for("members.ours"), row.people > 1),
        ),
        (
            Permission.ASK,
            FirstStep("Ask another school a question", url_for("search.find"), row.questions > 0),
        ),
    ]
    own = [step for permission, step in steps if actor.may(permission)]
    if all(step.done for step in own):
        return None
    return FirstWeek(
        steps=own,
        done=sum(step.done for _, step in steps),
        of=len(steps),
        may_dismiss=any(actor.may(permission) for permission in DISMISSES_FIRST_WEEK),
    )


@access(needs(Permission.VIEW_LISTINGS, school=True))
def dismiss() -> ResponseReturnValue:
    """Put the list of first steps away, for the whole school."""
    if button_was_pressed():
        dismiss_first_week(db.session(), current_actor())
        flash("The first steps are put away. The help has them under “Your first week”.", "success")
    return redirect(url_for(".dashboard"))


@cache
def _facts() -> sa.Executable:
    """What has been done at the school ``urn``; each number stops at what is enough.

    Made once: making it takes longer than its answer.
    """
    urn: Any = sa.bindparam("urn")
    listed = (
        sa.select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.school_urn == urn, Person.listed_at.is_not(None), Person.active)
    )
    people = sa.select(RoleGrant.person_id).where(RoleGrant.school_urn == urn).distinct()
    asked = sa.select(Enquiry.id).where(Enquiry.asking_urn == urn)
    return sa.select(
        School.first_week_dismissed_at,
        _up_to(1, listed).label("listed"),
        _up_to(1, _posted(urn, Kind.OFFER)).label("offers"),
        _up_to(1, _posted(urn, Kind.REQUEST)).label("requests"),
        _up_to(2, people).label("people"),
        _up_to(1, asked).label("questions"),
    ).where(School.urn == urn)


def _posted(urn: sa.ColumnElement[int], kind: Kind) -> sa.Select[int]:
    return sa.select(Listing.id).where(Listing.school_urn == urn, Listing.kind == kind)


def _up_to(enough: int, query: sa.Select[int]) -> sa.ScalarSelect[int]:
    """Return the number of rows of ``query``, counted to ``enough`` at most."""
    return sa.select(sa.func.count()).select_from(query.limit(enough).subquery()).scalar_subquery()
