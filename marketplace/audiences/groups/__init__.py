"""Named groups of schools: founding one, inviting schools, accepting or declining, leaving."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.audiences.groups import presenters, queries, views
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages of groups, and the task to answer an invitation."""
    app.register_blueprint(views.blueprint)
    tasks(app).add(
        TaskKind(
            "group invitations",
            Permission.MANAGE_GROUPS,
            Permission.VIEW_LISTINGS,
            presenters.find_tasks,
            "groups.ours",
            is_there=queries.is_invited,
        )
    )
