"""The navigation: each feature registers its entry, and a count of what waits for the school."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import sqlalchemy as sa
from flask import Flask, current_app, g, request, url_for
from sqlalchemy.orm import Session


class ActorLike(Protocol):
    """What the navigation needs to know about the actor."""

    @property
    def person_id(self) -> int:
        """The person who acts."""

    @property
    def urn(self) -> int | None:
        """The school acted for; ``None`` for the network."""

    @property
    def roles(self) -> frozenset[Any]:
        """The roles in which they act."""

    def may(self, permission: Any) -> bool:
        """Say whether the roles allow ``permission``."""


Waiting = Callable[[ActorLike], sa.ScalarSelect[int]]
"""The query that counts what waits for the person, or for the school that they act for.

It is made once, with parameters in place of the person and the school, and for the network once for
each set of roles: at a school it must not depend on permissions, and it must ask for the time when
it is sent (`asked_when_sent`).
"""


def asked_when_sent(ask: Callable[[], Any]) -> Any:
    """Return a parameter whose value is asked for each time that its query is sent."""
    return sa.bindparam(None, callable_=ask)


_PERSON: Any = sa.bindparam("waiting_person", type_=sa.Integer)


class _AnyoneAtSchool:
    """Parameters in place of a school and one of its people."""

    urn: Any = sa.bindparam("waiting_urn", type_=sa.Integer)
    person_id: Any = _PERSON
    roles: frozenset[Any] = frozenset()

    def may(self, permission: Any) -> bool:
        raise TypeError("what waits at a school must not depend on permissions")


@dataclass(frozen=True, slots=True)
class _AnyoneOfNetwork:
    """A parameter in place of one of the network's people, who hold ``roles``."""

    roles: frozenset[Any]
    allows: Callable[[Any], bool]
    urn: None = None
    person_id: Any = _PERSON

    def may(self, permission: Any) -> bool:
        return self.allows(permission)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation, for those who hold ``permission``.

    ``order`` places it, the lowest first. ``shown_to`` is who sees it: a school's staff, the
    network's, or both. Every page of the endpoint's blueprint belongs to it, unless
    ``whole_blueprint`` is false; ``pages`` are endpoints elsewhere that belong to it as well.

    ``waiting`` counts what waits, for those who hold ``waiting_permission`` (without one, for all
    who see the entry); ``waiting_word`` says in which sense.
    """

    label: str
    endpoint: str
    permission: str
    order: int
    shown_to: Literal["school", "network", "both"] = "both"
    waiting: Waiting | None = None
    waiting_permission: str | None = None
    waiting_word: str = "waiting"
    pages: tuple[str, ...] = ()
    whole_blueprint: bool = True


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry as the layout shows it; ``badge`` counts what waits for an answer."""

    label: str
    url: str
    current: bool
    badge: int | None = None
    badge_word: str = "waiting"
    endpoint: str = ""


class Navigation:
    """The entries of an application."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._queries: dict[tuple[Any, ...], sa.Select[*tuple[Any, ...]]] = {}

    def add(self, entry: Entry) -> None:
        """Register an entry."""
        self.entries.append(entry)
        self.entries.sort(key=lambda item: item.order)

    def items(self, session: Session, actor: ActorLike) -> Iterator[NavigationItem]:
        """Yield the entries that ``actor`` may use, with what waits."""
        shown = [entry for entry in self.entries if _is_shown(entry, actor)]
        current = _entry_of(request.endpoint or "", shown)
        counts = self.waiting_counts(session, actor)
        for entry in shown:
            yield NavigationItem(
                entry.label,
                url_for(entry.endpoint),
                entry is current,
                counts.get(entry.endpoint) or None,
                entry.waiting_word,
                entry.endpoint,
            )

    def waiting_counts(self, session: Session, actor: ActorLike) -> dict[str, int]:
        """Return what waits for the actor by endpoint: one query, once a request.

        What the actor may not do does not wait for them, so it is not counted.

        An error page does not count anew: the database may be what went wrong.
        """
        if "waiting_counts" in g:
            return g.waiting_counts
        if g.get("on_error_page"):
            return {}
        waiting = {
            entry.endpoint: entry.waiting
            for entry in self.entries
            if entry.waiting is not None and _waits_for(entry, actor)
        }
        if not waiting:
            return {}
        row = session.execute(*self._query(waiting, actor)).one()
        g.waiting_counts = dict(zip(waiting, row, strict=True))
        return g.waiting_counts

    def _query(
        self, waiting: dict[str, Waiting], actor: ActorLike
    ) -> tuple[sa.Select[*tuple[Any, ...]], dict[str, Any]]:
        """The query of what waits, made once, with its values."""
        key = (*waiting, None if actor.urn is not None else actor.roles)
        if key not in self._queries:
            anyone: ActorLike = _AnyoneAtSchool()
            if actor.urn is None:
                anyone = _AnyoneOfNetwork(actor.roles, actor.may)
            self._queries[key] = sa.select(*[count(anyone) for count in waiting.values()])
        values = {"waiting_person": actor.person_id}
        if actor.urn is not None:
            values["waiting_urn"] = actor.urn
        return self._queries[key], values


def init_app(app: Flask) -> None:
    """Add a navigation without entries to ``app``."""
    app.extensions["skillbank.navigation"] = Navigation()


def navigation(app: Flask | None = None) -> Navigation:
    """Return the navigation of ``app``, or of the running application."""
    extensions = (app or current_app).extensions
    result: Navigation = extensions["skillbank.navigation"]
    return result


def _is_shown(entry: Entry, actor: ActorLike) -> bool:
    shown_to = "network" if actor.urn is None else "school"
    return entry.shown_to in ("both", shown_to) and actor.may(entry.permission)


def _waits_for(entry: Entry, actor: ActorLike) -> bool:
    permission = entry.waiting_permission
    return _is_shown(entry, actor) and (permission is None or actor.may(permission))


def _entry_of(endpoint: str, entries: list[Entry]) -> Entry | None:
    """The one of ``entries`` to which the page of ``endpoint`` belongs."""
    blueprint = endpoint.partition(".")[0]
    for entry in entries:
        if endpoint == entry.endpoint or endpoint in entry.pages:
            return entry
    for entry in entries:
        if entry.whole_blueprint and entry.endpoint.partition(".")[0] == blueprint:
            return entry
    return None
