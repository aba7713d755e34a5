"""What an event is: a frozen dataclass with a stable type name, and ids only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Self

from marketplace import clock

_TYPE_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
LONGEST_TYPE_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: who did it, which schools it concerns, and when.

    A feature declares its own kinds in its ``events.py``::

        @dataclass(frozen=True, kw_only=True)
        class ExchangeAgreed(Event):
            type = "exchange.agreed"
            exchange_id: int

    The fields of a kind are ids: whole numbers, tuples of them, or None. Texts stay in the tables
    that own them, so that nothing here has to be found again when a text is corrected or a person
    is forgotten. The type name and the names of the fields are stored: never change them, and
    give a field that is added later a default.
    """

    type: ClassVar[str]

    actor_id: int | None
    """The person who did it; None if it was a command or a scheduled job."""
    school_urns: tuple[int, ...]
    """The schools concerned."""
    occurred_at: datetime = field(default_factory=lambda: clock.now())
    id: int = 0
    """The number of the event, for a handler; 0 until it is recorded."""

    def __init_subclass__(cls) -> None:
        """Refuse a kind of event without a usable type name, when it is declared."""
        name = getattr(cls, "type", "")
        if not _TYPE_NAME.fullmatch(name) or len(name) > LONGEST_TYPE_NAME:
            raise TypeError(f"{cls.__name__}.type must be like “exchange.agreed”, not {name!r}")

    def data(self) -> dict[str, Any]:
        """Return the ids that this kind of event adds, as they are stored.

        Raises:
            TypeError: a field holds something other than ids.
        """
        data: dict[str, Any] = {}
        for name in _own_fields(type(self)):
            value = getattr(self, name)
            data[name] = _checked(f"{type(self).__name__}.{name}", value)
        return data

    @classmethod
    def restore(cls, data: Mapping[str, Any], **common: Any) -> Self:
        """Return the event from its stored ids; a field that its class no longer has is left out.

        Raises:
            TypeError: a field without a default is not stored.
        """
        own_fields = _own_fields(cls)
        own: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name in own_fields
        }
        return cls(**own, **common)


_COMMON = frozenset(common.name for common in fields(Event))


def _own_fields(kind: type[Event]) -> list[str]:
    return [own_field.name for own_field in fields(kind) if own_field.name not in _COMMON]


def _checked(name: str, value: object) -> Any:
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return list(value)
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"{name} must hold ids, not {type(value).__name__}: texts stay in their tables")
