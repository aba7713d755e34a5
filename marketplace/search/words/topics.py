"""Which topics a text is about."""

from __future__ import annotations

from collections import Counter

from marketplace.listings.topics import current_topics
from marketplace.search.words.analysis import STOP_WORDS, stem, words
from marketplace.search.words.asked import meanings
from marketplace.search.words.vocabulary import Vocabulary

SAID, NAMED = 3, 1
"""How much a phrase of the vocabulary counts, and a word of the topic's own name."""


def topics_of(text: str, words_known: Vocabulary | None = None) -> list[str]:
    """Return the topics that a text is about, the likeliest first.

    A topic is meant by the phrases that the vocabulary (``words_known``, or the product's own) has
    for it, and by half of the words of its name.
    """
    known = current_topics()
    counts: Counter[str] = Counter()
    for meaning in meanings(text, words_known):
        for said in meaning.topics:
            counts[known.led_to(said)] += SAID
    stems = {stem(word) for word in words(text)}
    for slug, topic in known.offered.items():
        own = {stem(word) for word in words(topic.name) if word not in STOP_WORDS}
        shared = len(own & stems)
        if 2 * shared >= len(own):
            counts[slug] += NAMED * shared
    order = list(known.by_slug)
    return sorted(+counts, key=lambda slug: (-counts[slug], order.index(slug)))
