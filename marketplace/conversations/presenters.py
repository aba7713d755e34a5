"""Conversations that wait for an answer, as the start page shows them."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.conversations.queries import list_unanswered
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


def find_tasks(session: Session, actor: ActorLike, limit: int) -> TaskList:
    """Return the conversations that wait for the school's answer, the oldest first."""
    assert actor.urn is not None
    conversations = list_unanswered(session, actor.urn, limit)
    tasks = [
        Task(
            title=conversation.listing_title,
            about=f"{conversation.other_school} {'asks' if conversation.is_first else 'wrote'}",
            action="Reply",
            url=url_for("pages.conversation", enquiry_id=conversation.enquiry_id),
            since=conversation.since,
        )
        for conversation in conversations
    ]
    return TaskList(tasks, conversations[0].count if conversations else 0)
