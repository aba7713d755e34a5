"""Which handler is called for which kind of event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from marketplace.outbox.events import Event

LONGEST_NAME = 80

E = TypeVar("E", bound=Event)
Handler = Callable[[Session, E], None]
TogetherHandler = Callable[[Session, Sequence[E]], None]


class Subscribers:
    """The subscribers of an application, by type of event and name of the subscriber."""

    KEY = "skillbank.outbox.subscribers"

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, tuple[type[Event], Handler[Any]]]] = {}
        self._together: dict[tuple[str, str], TogetherHandler[Any]] = {}
        self._on_parked: dict[tuple[str, str], Handler[Any]] = {}

    def subscribe(
        self,
        kind: type[E],
        name: str,
        handler: Handler[E],
        *,
        together: TogetherHandler[E] | None = None,
        on_parked: Handler[E] | None = None,
    ) -> None:
        """Call ``handler(session, event)`` once for each event of ``kind``.

        ``name`` is stored with every delivery, so it stays the same when code moves. One name may
        subscribe to several kinds. ``together`` may be called instead, with several events that
        are due, in one transaction; if it fails, each is tried by itself. ``on_parked`` is called
        in the transaction that parks a delivery after its last try; it only notes that in the
        database, and must not fail.

        Raises:
            ValueError: the name has a handler for this kind, is empty or too long, or another
                class has the same type name.
        """
        if not name or len(name) > LONGEST_NAME:
            raise ValueError(f"{name!r} cannot be the name of a subscriber")
        handlers = self._handlers.setdefault(kind.type, {})
        if name in handlers:
            raise ValueError(f"{name} has subscribed to {kind.type} already")
        if any(other is not kind for other, _handler in handlers.values()):
            raise ValueError(f"two classes have the type name {kind.type}")
        handlers[name] = (kind, handler)
        if together is not None:
            self._together[kind.type, name] = together
        if on_parked is not None:
            self._on_parked[kind.type, name] = on_parked

    def names_for(self, event_type: str) -> list[str]:
        """Return the names of the subscribers to events of this type."""
        return list(self._handlers.get(event_type, ()))

    def names(self) -> set[str]:
        """Return the names of all subscribers."""
        return {name for handlers in self._handlers.values() for name in handlers}

    def handler(self, event_type: str, name: str) -> tuple[type[Event], Handler[Any]]:
        """Return the class of the event and the handler of one subscriber.

        Raises:
            LookupError: the subscriber no longer handles this type.
        """
        try:
            return self._handlers[event_type][name]
        except KeyError:
            raise LookupError(f"{name} does not handle {event_type}") from None

    def together(self, event_type: str, name: str) -> TogetherHandler[Any] | None:
        """Return what one subscriber does with several events of one type, if it takes several."""
        return self._together.get((event_type, name))

    def on_parked(self, event_type: str, name: str) -> tuple[type[Event], Handler[Any]] | None:
        """Return the class of the event and what one subscriber does when it is parked."""
        handler = self._on_parked.get((event_type, name))
        return (self._handlers[event_type][name][0], handler) if handler else None


def get_subscribers(app: Flask) -> Subscribers:
    """Return the subscribers of ``app``; a feature's ``init_app`` adds its own."""
    subscribers: Subscribers = app.extensions[Subscribers.KEY]
    return subscribers
