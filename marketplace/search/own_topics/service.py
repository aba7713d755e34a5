"""The operator adds topics and groups, renames, moves and retires them, and brings them back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.topics import LONGEST_NAME, LONGEST_SLUG, Entry, Topics
from marketplace.outbox.service import record
from marketplace.search.own_topics.events import TopicChanged
from marketplace.search.own_topics.keeping import forget_topics_after_commit
from marketplace.search.own_topics.models import TopicChange
from marketplace.search.own_topics.queries import last_number, topics_in
from marketplace.search.own_words.queries import topics_of_word
from marketplace.search.own_words.service import add_word
from marketplace.search.words.analysis import words

MOST_TOPICS_IN_ALL = 300
"""Every form that asks for topics shows all of them."""


def add_topic(
    session: Session, actor: Actor, name: str, *, group: str = "", idempotency_key: str
) -> TopicChange:
    """Add a topic to the group with the slug ``group``; without one, add a group.

    Raises:
        NotAllowed: without the permission.
        Refusal: the name cannot be used, there is no such group, or there are too many.
    """
    actor.require(Permission.MANAGE_NETWORK)
    key = key_of(actor.person_id, idempotency_key)
    said = _tidy(name)
    if existing := idempotent(
        session,
        TopicChange,
        key,
        same_as=lambda row: (row.name, row.group_slug, row.number) == (said, group, 1),
    ):
        return existing
    known = topics_in(session)
    _check_name(known, said, "")
    if group and group not in known.groups:
        raise Refusal("There is no such group. Choose one of the list.", field="group")
    if len(known.slugs) >= MOST_TOPICS_IN_ALL:
        raise Refusal(f"There are {MOST_TOPICS_IN_ALL} topics and groups already.", field="name")
    return _write(session, actor, Entry(_slug_for(known, said), said, group), 0, key)


def change_topic(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    name: str,
    group: str = "",
    more_words: Iterable[str] = (),
    version: int,
    idempotency_key: str,
) -> list[tuple[str, tuple[str, ...]]]:
    """Rename a topic or a group; move a topic to another group, and let more words mean it.

    A word that other topics have is moved. Return the words that are new to the topic, each with
    the slugs of the topics that had it. ``version`` is how often the topic had been changed when
    the form was filled.

    Raises:
        NotAllowed: without the permission.
        NotFound: there is no such topic or group.
        Refusal: the name, the group or a word cannot be used.
        Conflict: it has been changed since.
    """
    entry, known = _entry(session, actor, slug)
    said = _tidy(name)
    _check_name(known, said, slug)
    if entry.group and group not in known.groups:
        raise Refusal("There is no such group. Choose one of the list.", field="group")
    changed = replace(entry, name=said, group=group if entry.group else "")
    if changed != entry:
        number = _unchanged(session, slug, version)
        _write(session, actor, changed, number, key_of(actor.person_id, idempotency_key))
    wanted = _phrases(more_words) if entry.group else []
    return _add_words(session, actor, slug, wanted, idempotency_key)


def retire_topic(
    session: Session, actor: Actor, slug: str, *, successor: str = "", idempotency_key: str
) -> None:
    """Offer a topic no more for what is new, or a group without topics; one retired stays so.

    A search for the topic then finds what has ``successor``, too.

    Raises:
        NotAllowed: without the permission.
        NotFound: there is no such topic or group.
        Refusal: the group has topics, or the successor is not offered or the topic itself.
    """
    entry, known = _entry(session, actor, slug)
    if entry.retired:
        return
    if not entry.group and known.in_group(slug):
        raise Refusal("This group has topics. Move them to other groups first.")
    if successor and (successor == slug or successor not in known.offered):
        raise Refusal("Choose another topic that is offered.", field="successor")
    changed = replace(entry, retired=True, successor=successor if entry.group else "")
    key = key_of(actor.person_id, idempotency_key)
    _write(session, actor, changed, last_number(session, slug), key)


def bring_topic_back(session: Session, actor: Actor, slug: str, *, idempotency_key: str) -> None:
    """Offer a retired topic or group again; one that is offered stays so.

    Raises:
        NotAllowed: without the permission.
        NotFound: there is no such topic or group.
    """
    entry, _known = _entry(session, actor, slug)
    if not entry.retired:
        return
    changed = replace(entry, retired=False, successor="")
    key = key_of(actor.person_id, idempotency_key)
    _write(session, actor, changed, last_number(session, slug), key)


def entry_of(known: Topics, slug: str) -> Entry | None:
    """Return what is true of a topic or a group now; None if there is none with this slug."""
    if (topic := known.by_slug.get(slug)) is not None:
        return Entry(slug, topic.name, known.group_of[slug], topic.retired, topic.successor)
    if slug in known.groups:
        return Entry(slug, known.groups[slug], "")
    if slug in known.retired_groups:
        return Entry(slug, known.retired_groups[slug], "", retired=True)
    return None


def _entry(session: Session, actor: Actor, slug: str) -> tuple[Entry, Topics]:
    actor.require(Permission.MANAGE_NETWORK)
    known = topics_in(session)
    entry = entry_of(known, slug)
    if entry is None:
        raise NotFound
    return entry, known


def _unchanged(session: Session, slug: str, version: int) -> int:
    number = last_number(session, slug)
    if number != version:
        raise Conflict(
            "A colleague has changed this since you opened it. Compare it with what you wrote"
            " (kept below); send it again to have yours."
        )
    return number


def _write(session: Session, actor: Actor, entry: Entry, number: int, key: str) -> TopicChange:
    row = TopicChange(
        slug=entry.slug,
        number=number + 1,
        name=entry.name,
        group_slug=entry.group,
        retired=entry.retired,
        successor=entry.successor,
        changed_by_id=actor.person_id,
        changed_at=clock.now(),
        idempotency_key=key,
    )
    session.add(row)
    session.flush()
    record(session, TopicChanged(actor_id=actor.person_id, school_urns=(), topic_change_id=row.id))
    forget_topics_after_commit(session)
    return row


def _phrases(typed: Iterable[str]) -> list[str]:
    """The phrases that were typed, as the vocabulary keeps them."""
    plain = (" ".join(words(phrase)) or phrase for phrase in typed if phrase.strip())
    return list(dict.fromkeys(plain))


def _add_words(
    session: Session, actor: Actor, slug: str, wanted: Iterable[str], key: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Let each mean the topic that does not yet: another may be a spelling of the same thing."""
    added = []
    for place, phrase in enumerate(wanted):
        had = topics_of_word(session, phrase)
        if slug in had:
            continue
        try:
            add_word(session, actor, phrase, topic=slug, idempotency_key=f"{key}:{place}")
        except Refusal as refusal:
            raise Refusal(str(refusal), field="more_words") from None
        added.append((phrase, had))
    return added


def _check_name(known: Topics, name: str, slug: str) -> None:
    if not words(name):
        raise Refusal("Write a name that says something, in Latin letters.", field="name")
    if len(name) > LONGEST_NAME:
        raise Refusal(f"Write a name of at most {LONGEST_NAME} characters.", field="name")
    taken = {
        **{topic.slug: topic.name for topic in known.by_slug.values()},
        **known.groups,
        **known.retired_groups,
    }
    for other, other_name in taken.items():
        if other != slug and other_name.casefold() == name.casefold():
            raise Refusal(
                f"“{other_name}” is the name of another topic or group, which may be retired.",
                field="name",
            )


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _slug_for(known: Topics, name: str) -> str:
    """A slug out of the name, which no topic or group ever had."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    first = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_SLUG - 4].strip("-") or "topic"
    slug, number = first, 1
    while slug in known.slugs:
        number += 1
        slug = f"{first}-{number}"
    return slug
