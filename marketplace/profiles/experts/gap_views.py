"""The table of gaps, for those who lead a school or a trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.database import db
from marketplace.profiles.experts import gaps
from marketplace.profiles.experts.gap_offers import count_offers
from marketplace.profiles.experts.queries import Circle
from marketplace.profiles.experts.views import blueprint
from marketplace.web.tables import csv_response

LEAD = needs(Permission.MANAGE_MEMBERS, school=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table the address asks for."""

    circle: Circle
    by_school: bool
    group: str

    @property
    def arguments(self) -> dict[str, Any]:
        """It as the arguments of an address."""
        group = str(gaps.topic_groups().index(self.group) + 1) if self.group else ""
        return {
            name: value
            for name, value in (
                ("circle", self.circle.value),
                ("by", "school" if self.by_school else ""),
                ("group", group),
            )
            if value
        }


@blueprint.get("/experts/gaps")
@access(LEAD)
def gap_table() -> ResponseReturnValue:
    """Show where practice is and where it is missing, by topic and phase, or by school."""
    actor = current_actor()
    asked = _asked(default_group=gaps.topic_groups()[0])
    table = _table(asked)
    views = [("Our school, by phase", Circle.SCHOOL, False)]
    if actor.trust_id is not None:
        views.append(("Our trust, by phase", Circle.TRUST, False))
        views.append(("Our trust, by school", Circle.TRUST, True))
    group = asked.arguments.get("group", "")
    return render_template(
        "experts/gaps.html",
        table=table,
        offers=count_offers(db.session(), actor),
        may_post=actor.may(Permission.POST_LISTINGS),
        asked=asked,
        only_gaps=request.args.get("only") == "gaps",
        groups=gaps.topic_groups(),
        tabs=[
            (
                label,
                url_for(
                    ".gap_table",
                    circle=circle.value,
                    by="school" if by_school else None,
                    group=group or None,
                ),
                (circle, by_school) == (asked.circle, asked.by_school),
            )
            for label, circle, by_school in views
        ],
        csv_url=url_for(".gaps_csv", **asked.arguments),
    )


@blueprint.get("/experts/gaps.csv")
@access(LEAD)
def gaps_csv() -> Response:
    """Download the table; without a group of topics it has all of them."""
    asked = _asked(default_group="")
    table = _table(asked)
    corner = "School" if asked.by_school else "Topic"
    name = f"expertise-{asked.circle}-by-{'school' if asked.by_school else 'phase'}-{today()}.csv"
    return csv_response(name, list(gaps.csv_rows(table, corner)))


def _table(asked: Asked) -> gaps.GapTable:
    session, actor = db.session(), current_actor()
    knowers = gaps.list_knowers(session, actor, asked.circle)
    schools = gaps.schools_in(session, actor, asked.circle)
    topics = gaps.topics_of(asked.group)
    if asked.by_school:
        return gaps.by_school(knowers, topics, schools)
    return gaps.by_phase(knowers, topics, gaps.phases_of(schools))


def _asked(*, default_group: str) -> Asked:
    in_trust = current_actor().trust_id is not None
    circle = Circle.TRUST if request.args.get("circle") == Circle.TRUST else Circle.SCHOOL
    if not in_trust:
        circle = Circle.SCHOOL
    by_school = circle is Circle.TRUST and request.args.get("by") == "school"
    group = gaps.group_of(request.args.get("group", ""))
    # Schools by all topics would be wider than any screen.
    return Asked(circle, by_school, group or (default_group if by_school else ""))
