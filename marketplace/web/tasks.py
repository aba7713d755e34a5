"""Tasks: each feature registers what needs a person and who may do it, for the start page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from flask import Flask, current_app, url_for
from sqlalchemy.orm import Session

from marketplace.web.formats import days_since
from marketplace.web.navigation import ActorLike

LATE_AFTER_DAYS = 3
"""How long a task may wait before the start page marks it as late."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that needs a person, as the start page shows it.

    ``title`` says what, ``about`` with whom and what happens; ``action`` is the button's word and
    ``url`` where it leads. ``amount`` is in words ("4 credits"). ``due`` is when it is too late.
    """

    title: str
    about: str
    action: str
    url: str
    since: datetime
    amount: str = ""
    due: datetime | None = None
    can_wait: bool = False
    """Whether nobody waits for it: then it stands below the others and is never late."""

    @property
    def is_late(self) -> bool:
        """Whether it has waited for ``LATE_AFTER_DAYS``."""
        return not self.can_wait and days_since(self.since) >= LATE_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class TaskList:
    """The first tasks of one kind, and how many there are in all."""

    tasks: list[Task]
    count: int


FindTasks = Callable[[Session, ActorLike, int], TaskList]
"""Return the tasks of the school (or the network) acted for, at most so many: one statement."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind of task: done by those who hold ``permission``, seen by those with ``seen_with``.

    ``all_endpoint``, with ``all_values``, is the page that lists all of them. Of a kind that few
    schools have, ``is_there`` makes the condition that the school ``urn`` has any: it is looked for
    with the other rare ones, in one statement.
    """

    name: str
    permission: str
    seen_with: str
    find: FindTasks
    all_endpoint: str
    all_values: dict[str, Any] = field(default_factory=dict)
    shown_to: Literal["school", "network"] = "school"
    is_there: Callable[[], sa.ColumnElement[bool]] | None = None

    def all_url(self) -> str:
        """Return the address of the list of all of them."""
        return url_for(self.all_endpoint, **self.all_values)


@dataclass(frozen=True, slots=True)
class KindOfTasks:
    """What there is to do of one kind."""

    kind: TaskKind
    tasks: list[Task]
    count: int


class Tasks:
    """The kinds of tasks of an application."""

    KEY = "skillbank.tasks"

    def __init__(self) -> None:
        self.kinds: list[TaskKind] = []
        self._are_there: dict[tuple[str, ...], sa.Select[*tuple[Any, ...]]] = {}

    def add(self, kind: TaskKind) -> None:
        """Register a kind of task.

        Raises:
            ValueError: if the name is taken.
        """
        if any(other.name == kind.name for other in self.kinds):
            raise ValueError(f"there is a kind of task called {kind.name} already")
        self.kinds.append(kind)

    def to_do(self, session: Session, actor: ActorLike, limit: int) -> list[KindOfTasks]:
        """Return what ``actor`` may do, at most ``limit`` tasks of each kind."""
        return self._find(
            session, actor, limit, [kind for kind in self._shown(actor) if _may_do(kind, actor)]
        )

    def for_others(self, session: Session, actor: ActorLike, limit: int) -> list[KindOfTasks]:
        """Return what waits for colleagues of ``actor``, who may see it and not do it."""
        kinds = [
            kind
            for kind in self._shown(actor)
            if not _may_do(kind, actor) and actor.may(kind.seen_with)
        ]
        return self._find(session, actor, limit, kinds)

    def _shown(self, actor: ActorLike) -> list[TaskKind]:
        shown_to = "network" if actor.urn is None else "school"
        return [kind for kind in self.kinds if kind.shown_to == shown_to]

    def _find(
        self, session: Session, actor: ActorLike, limit: int, kinds: list[TaskKind]
    ) -> list[KindOfTasks]:
        """One statement for each of ``kinds``; those without a task are left out."""
        kinds = self._without_missing(session, actor, kinds)
        lists = [(kind, kind.find(session, actor, limit)) for kind in kinds]
        return [KindOfTasks(kind, tasks.tasks, tasks.count) for kind, tasks in lists if tasks.count]

    def _without_missing(
        self, session: Session, actor: ActorLike, kinds: list[TaskKind]
    ) -> list[TaskKind]:
        """Leave out the rare kinds that the school has none of; one statement, made once."""
        rare = {kind.name: kind.is_there for kind in kinds if kind.is_there is not None}
        if len(rare) < 2:
            return kinds
        key = tuple(rare)
        if key not in self._are_there:
            self._are_there[key] = sa.select(*(is_there() for is_there in rare.values()))
        row = session.execute(self._are_there[key], {"urn": actor.urn}).one()
        missing = {name for name, is_there in zip(rare, row, strict=True) if not is_there}
        return [kind for kind in kinds if kind.name not in missing]


def in_order(kinds: list[KindOfTasks]) -> list[Task]:
    """Return the tasks of several kinds: what is due first, then what has waited for longest.

    What can wait comes last.
    """

    def order(task: Task) -> tuple[bool, bool, datetime, datetime, str]:
        return task.can_wait, task.due is None, task.due or task.since, task.since, task.url

    return sorted((task for kind in kinds for task in kind.tasks), key=order)


def init_app(app: Flask) -> None:
    """Add an empty list of kinds of tasks to ``app``."""
    app.extensions[Tasks.KEY] = Tasks()


def tasks(app: Flask | None = None) -> Tasks:
    """Return the kinds of tasks of ``app``, or of the running application."""
    kinds: Tasks = (app or current_app).extensions[Tasks.KEY]
    return kinds


def _may_do(kind: TaskKind, actor: ActorLike) -> bool:
    return actor.may(kind.permission)
