"""The e-mails that a person was sent, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from marketplace.accounts.access import OWN_ACCOUNT, access
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.mail.models import FailingAddress
from marketplace.mail.presenters import STATE_TAGS
from marketplace.mail.queries import deliveries_to_person, find_failing
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskKind, TaskList, tasks

PAGE = 50


def init_app(app: Flask) -> None:
    """Let the start page say when a person's address takes no e-mail."""
    tasks(app).add(
        TaskKind(
            "accounts.failing_address",
            Permission.VIEW_LISTINGS,
            Permission.VIEW_LISTINGS,
            _failing_address,
            "accounts.own_emails",
        )
    )


def _failing_address(session: Session, actor: ActorLike, _limit: int) -> TaskList:
    """That the person's own address takes no e-mail."""
    failed_at = session.scalar(
        sa.select(FailingAddress.failed_at)
        .join(Person, Person.email == FailingAddress.address)
        .where(Person.id == actor.person_id)
    )
    if failed_at is None:
        return TaskList([], 0)
    task = Task(
        title="Our e-mails to you come back",
        about="You are told nothing until your address is right.",
        action="Put it right",
        url=url_for("accounts.own_emails"),
        since=failed_at,
    )
    return TaskList([task], 1)


def add_to(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/account/e-mails", view_func=own_emails)


@access(OWN_ACCOUNT)
def own_emails() -> ResponseReturnValue:
    """Show the e-mails to oneself, the newest first, and whether one's address takes any."""
    database, user = db.session(), current_user
    page = deliveries_to_person(
        database, user.person_id, after=request.args.get("after", ""), limit=PAGE
    )
    return render_template(
        "accounts/own_emails.html",
        emails=page.rows,
        failing=next(iter(find_failing(database, [user.email])), None),
        email=user.email,
        tags=STATE_TAGS,
        next_url=url_for(".own_emails", after=page.next) if page.next else None,
    )
