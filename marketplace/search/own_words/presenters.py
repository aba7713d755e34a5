"""The words of the search as the operator's page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.listings.topics import TOPICS, topics_by_group
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
        return f"Topic: {TOPICS[row.topic].name if row.topic in TOPICS else row.topic}"
    return f"The same as “{row.same_as}”"


def tree(known: Vocabulary) -> list[tuple[str, list[TopicWords]]]:
    """Return every group with its topics, each with all the words that mean it."""
    by_topic: dict[str, list[str]] = {}
    for token, concept in known.by_token.items():
        for topic in concept.topics:
            by_topic.setdefault(topic, []).append(" = ".join(known.phrases_of.get(token, ())))
    return [
        (group, [TopicWords(topic.name, sorted(by_topic.get(topic.slug, ()))) for topic in topics])
        for group, topics in topics_by_group().items()
    ]
