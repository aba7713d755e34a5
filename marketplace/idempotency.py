"""The same form sent twice makes one thing: a double click, a retry, a second tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.errors import AlreadySent

Row = TypeVar("Row")


def idempotent(
    session: Session, model: type[Row], key: str, *, same_as: Callable[[Row], bool]
) -> Row | None:
    """Return the row of ``model`` that ``key`` has made, or ``None`` if it has made none yet.

    ``key`` is a form's key with the person's (see ``key_of``); ``model`` keeps it in its
    unique column ``idempotency_key``. ``same_as`` says whether the row holds what is sent now.

    Raises:
        AlreadySent: if the key has made a row with other content.
    """
    columns: Any = model
    existing = session.scalar(sa.select(model).where(columns.idempotency_key == key))
    if existing is not None and not same_as(existing):
        raise AlreadySent
    return existing


def key_of(person_id: int, form_key: str) -> str:
    """Return the key of one form of one person, so that a person cannot use up another's key."""
    return f"{person_id}:{form_key}"
