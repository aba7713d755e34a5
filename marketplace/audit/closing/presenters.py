"""Proposals to close as tasks."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.audit.closing.queries import first_of_others
from marketplace.web.formats import day
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the proposals of others, which wait for this person: one statement."""
    rows = first_of_others(session, actor.person_id, limit)
    tasks = [
        Task(
            f"Close the books through {day(closing.ends_on)}",
            "Proposed by a colleague; a second person closes",
            "Look",
            url_for("audit.closing", closing_id=closing.id),
            closing.proposed_at,
        )
        for closing, _count in rows
    ]
    return TaskList(tasks, rows[0][1] if rows else 0)
