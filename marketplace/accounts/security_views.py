"""The security log's pages: one's own, a school's for its administrators, the network's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts import security_queries
from marketplace.accounts.access import OWN_ACCOUNT, access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.accounts.security_log import SecurityKind
from marketplace.accounts.security_presenters import security_row
from marketplace.accounts.security_words import WORDS
from marketplace.accounts.service import find_by_email
from marketplace.database import db


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the blueprint of accounts."""
    blueprint.add_url_rule("/account/security", view_func=own_security)
    blueprint.add_url_rule("/schools/<int:urn>/security", view_func=school_security)
    blueprint.add_url_rule("/network/security", view_func=network_security)


@access(OWN_ACCOUNT)
def own_security() -> ResponseReturnValue:
    """Show what has happened to one's own account."""
    page = security_queries.own_events(
        db.session(), current_user.person_id, after=request.args.get("after", "")
    )
    return render_template(
        "accounts/own_security.html", rows=page.map(security_row).rows, next_url=_next(page.next)
    )


@access(needs(Permission.MANAGE_MEMBERS))
def school_security(urn: int) -> ResponseReturnValue:
    """Show what has happened at a school, and to the accounts of its people."""
    session = db.session()
    school = security_queries.school_with_log(session, current_actor(), urn)
    page = security_queries.school_events(session, urn, after=request.args.get("after", ""))
    return render_template(
        "accounts/school_security.html",
        school=school,
        rows=page.map(security_row).rows,
        next_url=_next(page.next, urn=urn),
    )


@access(needs(Permission.MANAGE_NETWORK))
def network_security() -> ResponseReturnValue:
    """Show what has happened anywhere: by kind, person and school."""
    session = db.session()
    typed = {name: request.args.get(name, "").strip()[:254] for name in ("kind", "person", "urn")}
    problem, person_id, urn = None, None, None
    if typed["person"]:
        person = find_by_email(session, typed["person"])
        person_id = person.id if person is not None else 0
        problem = None if person is not None else "No account has this e-mail address."
    if typed["urn"]:
        is_number = typed["urn"].isascii() and typed["urn"].isdecimal() and len(typed["urn"]) <= 6
        urn = int(typed["urn"]) if is_number else 0
        problem = problem if is_number else "A URN has six digits, such as 100123."
    page = security_queries.network_events(
        session,
        current_actor(),
        kind=typed["kind"],
        person_id=person_id,
        school_urn=urn,
        after=request.args.get("after", ""),
    )
    return render_template(
        "accounts/network_security.html",
        rows=page.map(security_row).rows,
        next_url=_next(page.next, **typed),
        typed=typed,
        kinds=[(kind.value, WORDS[kind]) for kind in SecurityKind],
        problem=problem,
    )


def _next(cursor: str | None, **values: Any) -> str | None:
    """The address of the page after this one."""
    return url_for(request.endpoint or "", **values, after=cursor) if cursor else None
