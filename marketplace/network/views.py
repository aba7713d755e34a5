"""The operator's desk: the register's schools, and bringing one in."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from marketplace.database import db
from marketplace.network.membership import join
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.schools.facts import search_name
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.forms import pressed
from marketplace.web.problems import NotFound

network = Blueprint("network", __name__, url_prefix="/network")

PAGE = 30


@network.get("/schools")
@access(needs(Permission.RUN_NETWORK))
def schools() -> ResponseReturnValue:
    """The register's schools by name or URN, and who takes part."""
    typed = request.args.get("q", "").strip()[:100]
    only = request.args.get("show", "")
    after = request.args.get("after", "")
    query = (
        sa.select(School)
        .options(joinedload(School.local_authority))
        .order_by(School.search_name, School.urn)
        .limit(PAGE + 1)
    )
    if typed.isdecimal():
        query = query.where(School.urn == int(typed[:9]))
    elif typed:
        wanted = search_name(typed).replace("\\", "").replace("%", "").replace("_", "")
        query = query.where(School.search_name.like(f"%{wanted}%"))
    if only == "in":
        query = query.where(School.joined_at.is_not(None))
    name, _, urn = after.rpartition("~")
    if urn.isdecimal() and len(urn) < 10:
        query = query.where(
            sa.tuple_(School.search_name, School.urn) > sa.tuple_(sa.literal(name), int(urn))
        )
    rows = db.session.scalars(query).all()
    cursor = f"{rows[PAGE - 1].search_name}~{rows[PAGE - 1].urn}" if len(rows) > PAGE else None
    return render_template(
        "network/schools.html",
        schools=rows[:PAGE],
        typed=typed,
        only=only,
        next_url=url_for("network.schools", q=typed, show=only, after=cursor) if cursor else None,
        policy=current_policy(),
    )


@network.post("/schools/<int:urn>/join")
@access(needs(Permission.RUN_NETWORK))
def bring_in(urn: int) -> ResponseReturnValue:
    """Bring a school into the network."""
    school = db.session.get(School, urn)
    if school is None:
        raise NotFound("The register has no school with this number.")
    if pressed():
        new = join(db.session(), school, current_policy(), actor=acting().actor)
        flash(
            f"{school.name} takes part now, with its joining grant."
            " Next, add its first administrator under “People”."
            if new
            else f"{school.name} took part already.",
            "success" if new else "info",
        )
    return redirect(url_for("network.schools", q=urn))
