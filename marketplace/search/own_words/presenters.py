"""The words of the search as the operator's page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.listings.topics import current_topics, topics_by_group
from marketplace.search.own_words.models import OwnWord
from marketplace.search.words.vocabulary import Concept, Vocabulary


@dataclass(frozen=True, slots=True)
class TopicWords:
    """A topic, and the words that mean it."""

    name: str
    words: list[str]


def meaning_of(row: OwnWord) -> str:
    """Return what a word was said to mean."""
    if row.taken_out:
        return f"No longer the topic: {current_topics().name_of(row.topic)}"
    if row.topic:
        return f"Topic: {current_topics().name_of(row.topic)}"
    return f"The same as “{row.same_as}”"


def moved_in_words(words: Iterable[tuple[str, Iterable[str]]], topic: str) -> list[str]:
    """Say which words were moved to a topic, from which others, and the way back.

    Each word comes with the topics that had it; one message for the words of the same topics.
    """
    moved: dict[str, list[str]] = {}
    for phrase, had in words:
        others = [current_topics().name_of(slug) for slug in had if slug != topic]
        if others:
            moved.setdefault(" and ".join(others), []).append(f"“{phrase}”")
    return [
        f"Until now {', '.join(phrases)} meant {names}. "
        f"{'It is' if len(phrases) == 1 else 'They are'} moved, in every spelling. On the"
        " page of that topic you can put words back."
        for names, phrases in moved.items()
    ]


def spellings(known: Vocabulary, concept: Concept) -> str:
    """Return the spellings of one thing, with “=” between them."""
    return " = ".join(known.phrases_of.get(concept.token, ()))


def words_by_topic(known: Vocabulary) -> dict[str, list[str]]:
    """Return the words that mean each topic, with “=” between spellings of one thing."""
    by_topic: dict[str, list[str]] = {}
    for concept in known.by_token.values():
        for topic in concept.topics:
            by_topic.setdefault(topic, []).append(spellings(known, concept))
    return by_topic


def tree(known: Vocabulary) -> list[tuple[str, list[TopicWords]]]:
    """Return every group with its topics, each with all the words that mean it."""
    by_topic = words_by_topic(known)
    return [
        (group, [TopicWords(topic.name, sorted(by_topic.get(topic.slug, ()))) for topic in topics])
        for group, topics in topics_by_group().items()
    ]
