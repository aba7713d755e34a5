"""Topics that an operator has changed."""

from __future__ import annotations

from itertools import count

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.search.own_topics.queries import last_number
from marketplace.search.own_topics.service import add_topic, change_topic, retire_topic

_forms = count(1)


def added(actor: Actor, name: str = "Robotics", group: str = "maths-science") -> str:
    """A topic that the operator added to a group; its slug."""
    key = f"topic {next(_forms)}"
    return add_topic(db.session(), actor, name, group=group, idempotency_key=key).slug


def renamed(actor: Actor, slug: str, name: str, group: str) -> None:
    """Give a topic this name and group."""
    change_topic(
        db.session(),
        actor,
        slug,
        name=name,
        group=group,
        version=last_number(db.session(), slug),
        idempotency_key=f"topic {next(_forms)}",
    )


def retired(actor: Actor, slug: str, successor: str = "") -> None:
    """Retire a topic."""
    key = f"topic {next(_forms)}"
    retire_topic(db.session(), actor, slug, successor=successor, idempotency_key=key)
