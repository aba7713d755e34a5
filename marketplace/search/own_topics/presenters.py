"""The topics as the operator's page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.listings.topics import BUILT_IN, Entry, Topic, Topics
from marketplace.search.own_topics.models import TopicChange
from marketplace.search.own_topics.service import entry_of
from marketplace.search.own_words.presenters import words_by_topic
from marketplace.search.words.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic with how many listings it has, and the words that mean it."""

    topic: Topic
    listings: int
    words: str
    successor: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its topics."""

    slug: str
    name: str
    topics: list[TopicRow]
    retired: bool = False

    @property
    def offered(self) -> int:
        """How many of its topics are offered."""
        return sum(not row.topic.retired for row in self.topics)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Who changed what, and when."""

    slug: str
    name: str
    what: str
    who: str
    at: datetime


def tree_of(known: Topics, counts: dict[str, int], vocabulary: Vocabulary) -> list[GroupRow]:
    """Return every group with all its topics; the retired groups come last."""
    words = words_by_topic(vocabulary)
    groups = [
        GroupRow(
            slug,
            name,
            [
                TopicRow(
                    topic,
                    counts.get(topic.slug, 0),
                    "; ".join(sorted(words.get(topic.slug, ()))),
                    known.name_of(topic.successor) if topic.successor else "",
                )
                for topic in known.in_group(slug)
            ],
        )
        for slug, name in known.groups.items()
    ]
    retired = [GroupRow(slug, name, [], True) for slug, name in known.retired_groups.items()]
    return groups + retired


def change_row(known: Topics, change: TopicChange, before: TopicChange | None) -> ChangeRow:
    """Return one change in words."""
    was = entry_of(BUILT_IN, change.slug) if before is None else _entry(before)
    return ChangeRow(
        change.slug,
        change.name,
        _what(known, was, _entry(change)),
        change.changed_by.name,
        change.changed_at,
    )


def _entry(change: TopicChange) -> Entry:
    return Entry(change.slug, change.name, change.group_slug, change.retired, change.successor)


def _what(known: Topics, was: Entry | None, now: Entry) -> str:
    if was is None:
        return f"Added to {known.name_of(now.group)}" if now.group else "Added as a group"
    parts = []
    if was.name != now.name:
        parts.append(f"Renamed from “{was.name}”")
    if was.group != now.group:
        parts.append(f"Moved from {known.name_of(was.group)} to {known.name_of(now.group)}")
    if now.retired and not was.retired:
        leads = f"; it leads to {known.name_of(now.successor)}" if now.successor else ""
        parts.append(f"Retired{leads}")
    if was.retired and not now.retired:
        parts.append("Brought back")
    return ". ".join(parts) or "Other words"
