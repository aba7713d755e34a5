"""The words of one topic as the operator's page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.listings.topics import Topic, Topics
from marketplace.search.own_topics.presenters import ChangeRow
from marketplace.search.own_words.models import OwnWord
from marketplace.search.own_words.presenters import spellings
from marketplace.search.words.vocabulary import Addition, Concept, Vocabulary

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class WordRow:
    """One thing that means the topic, in all its spellings."""

    phrase: str
    """The spelling that names it."""
    spellings: str
    is_own: bool
    """Whether the operator has added it."""
    moved_from: list[Topic]
    """The topics that it is taken out of."""


@dataclass(frozen=True, slots=True)
class TakenOutRow:
    """One thing that is taken out of the topic."""

    own_word_id: int
    spellings: str
    who: str
    at: datetime
    means: list[Topic]
    """The topics that it means now."""


def word_rows(
    known: Topics, vocabulary: Vocabulary, said: Iterable[Addition], slug: str
) -> list[WordRow]:
    """Return what means a topic, in the order of the alphabet."""
    said = list(said)
    own = {
        concept.token
        for one in said
        if one.topic == slug and not one.taken_out
        for concept in vocabulary.concepts_of(one.phrase)
    }
    rows = [
        WordRow(
            vocabulary.name_of(concept),
            spellings(vocabulary, concept),
            concept.token in own,
            _topics(known, concept.taken_out - {slug}),
        )
        for concept in vocabulary.by_token.values()
        if slug in concept.topics
    ]
    return sorted(rows, key=lambda row: row.phrase)


def taken_out_rows(
    known: Topics, vocabulary: Vocabulary, rows: Iterable[OwnWord]
) -> list[TakenOutRow]:
    """Return what is taken out of a topic, and what it means now."""
    found = []
    for row in rows:
        concepts: Sequence[Concept] = vocabulary.concepts_of(row.phrase)
        slugs = {slug for concept in concepts for slug in concept.topics}
        written = " = ".join(spellings(vocabulary, concept) for concept in concepts)
        found.append(
            TakenOutRow(
                row.id,
                written or row.phrase,
                row.added_by.name,
                row.added_at,
                _topics(known, slugs),
            )
        )
    return found


def rows_of_word(name: str, row: OwnWord) -> list[ChangeRow]:
    """Return who said something of a word of the topic with this name, and who undid it."""
    done, undone = ("Took out", "Put back") if row.taken_out else ("Added", "Took away")
    rows = [
        ChangeRow(row.topic, name, f"{done} “{row.phrase}”", row.added_by.name, row.added_at),
    ]
    if row.taken_away_by is not None and row.taken_away_at is not None:
        what, who = f"{undone} “{row.phrase}”", row.taken_away_by.name
        rows.append(ChangeRow(row.topic, name, what, who, row.taken_away_at))
    return rows


def history(*changes: Iterable[ChangeRow]) -> list[ChangeRow]:
    """Return the last changes of a topic and of its words together, the newest first."""
    together = [row for rows in changes for row in rows]
    return sorted(together, key=lambda row: row.at, reverse=True)[:MOST_CHANGES]


def _topics(known: Topics, slugs: Iterable[str]) -> list[Topic]:
    return [known.by_slug[slug] for slug in sorted(slugs) if slug in known.by_slug]
