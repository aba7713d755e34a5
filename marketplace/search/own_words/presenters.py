"""The words of the search as the operator's page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.listings.topics import current_topics, topics_by_group
from marketplace.search.own_words.models import OwnWord
from marketplace.search.words.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TopicWords:
    """A topic, and the words that mean it."""

    name: str
    words: list[str]


def meaning_of(row: OwnWord) -> str:
    """Return what a word was said to mean."""
    if row.topic:
        return f"Topic: {current_topics().name_of(row.topic)}"
    return f"The same as “{row.same_as}”"


def words_by_topic(known: Vocabulary) -> dict[str, list[str]]:
    """Return the words that mean each topic, with “=” between spellings of one thing."""
    by_topic: dict[str, list[str]] = {}
    for token, concept in known.by_token.items():
        for topic in concept.topics:
            by_topic.setdefault(topic, []).append(" = ".join(known.phrases_of.get(token, ())))
    return by_topic


def tree(known: Vocabulary) -> list[tuple[str, list[TopicWords]]]:
    """Return every group with its topics, each with all the words that mean it."""
    by_topic = words_by_topic(known)
    return [
        (group, [TopicWords(topic.name, sorted(by_topic.get(topic.slug, ()))) for topic in topics])
        for group, topics in topics_by_group().items()
    ]
