"""Payments that wait because an account is frozen, as tasks of the operator's start page."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.exchanges.frozen.queries import find_oldest
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the payments that ``actor`` can let through: one statement."""
    exchanges, count = find_oldest(session, actor.person_id, limit)
    return TaskList(
        [
            Task(
                title=exchange.title,
                about=f"{exchange.provider.name} helped {exchange.receiver.name}. It cannot be"
                " confirmed while an account is frozen",
                action="Look at it",
                url=url_for("frozen.let_through", exchange_id=exchange.id),
                since=exchange.updated_at,
                amount=credits(exchange.figure),
            )
            for exchange in exchanges
        ],
        count,
    )
