"""The operator's desk: the register's schools, each school's page, and how active they are."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.accounts import find_account
from marketplace.database import db
from marketplace.members.handing_over import count_people
from marketplace.network import queries, service
from marketplace.network.history import actions_of
from marketplace.network.presenters import IDLE_LABELS, history_items
from marketplace.network.queries import Idle
from marketplace.schools.standing import school_mark
from marketplace.settings import current_policy
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("network", __name__, url_prefix="/network")

MANAGE = needs(Permission.MANAGE_NETWORK)


@blueprint.get("/schools")
@access(MANAGE)
def schools() -> ResponseReturnValue:
    """Show the register's schools by name or URN, and who takes part."""
    search_text = request.args.get("q", "").strip()[:100]
    show = request.args.get("show", "")
    page = queries.list_schools(
        db.session(), search_text, joined_only=show == "in", after=request.args.get("after", "")
    )
    return render_template(
        "network/schools.html",
        schools=page.rows,
        mark=school_mark,
        typed=search_text,
        only=show,
        next_url=url_for(".schools", q=search_text, show=show, after=page.next)
        if page.next
        else None,
        policy=current_policy(),
    )


@blueprint.post("/schools/<int:urn>/join")
@access(MANAGE, recent=True)
def bring_in(urn: int) -> ResponseReturnValue:
    """Bring a school into the network."""
    school = queries.get_school_here(db.session(), urn)
    was_here = bool(school.left_at or school.continued_by_urn)
    if button_was_pressed():
        new = service.bring_school_in(db.session(), current_actor(), urn, current_policy())
        grant = "without a second grant" if was_here else "with its joining grant"
        flash(
            f"{school.name} takes part now, {grant}."
            " Next, add its first administrator under “People”."
            if new
            else f"{school.name} took part already.",
            "success" if new else "info",
        )
    return redirect(url_for(".schools", q=urn))


@blueprint.get("/schools/<int:urn>")
@access(MANAGE)
def school(urn: int) -> ResponseReturnValue:
    """Show one school as the network knows it: facts, people, balance, and what was done to it."""
    session = db.session()
    school = queries.get_school_here(session, urn)
    return render_template(
        "network/school.html",
        school=school,
        mark=school_mark(school),
        people=count_people(session, urn),
        account=find_account(session, urn),
        activity=queries.activity_of(session, urn),
        history=history_items(actions_of(session, urn)),
    )


@blueprint.get("/activity")
@access(MANAGE)
def activity() -> ResponseReturnValue:
    """Show when the people of each school were last active, the longest idle first."""
    idle_text = request.args.get("idle", "")
    idle = Idle(idle_text) if idle_text in list(Idle) else Idle.ALL
    after = request.args.get("after", "")
    page = queries.list_activity(db.session(), idle, after=after)
    return render_template(
        "network/activity.html",
        lines=page.rows,
        mark=school_mark,
        filters=[
            (label, url_for(".activity", idle=choice.value), choice is idle)
            for choice, label in IDLE_LABELS.items()
        ],
        next_url=url_for(".activity", idle=idle.value, after=page.next) if page.next else None,
    )
