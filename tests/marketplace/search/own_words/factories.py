"""Words that an operator has added to the search."""

from __future__ import annotations

from itertools import count

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.search.own_words.models import OwnWord
from marketplace.search.own_words.service import add_word

_forms = count(1)


def own_word(
    actor: Actor, phrase: str = "rocket phonics", *, same_as: str = "phonics", topic: str = ""
) -> OwnWord:
    """A phrase that means the same as another one, or a topic."""
    return add_word(
        db.session(),
        actor,
        phrase,
        same_as="" if topic else same_as,
        topic=topic,
        idempotency_key=f"own word {next(_forms)}",
    )
