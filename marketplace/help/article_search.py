"""Finding help articles by words: stems, titles first, a misspelt word read as the nearest one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import snowballstemmer
from markupsafe import Markup, escape
from rapidfuzz import fuzz, process

from marketplace.help.reading import Article

LONGEST_QUERY = 200
EXCERPT = 220
NEAR_ENOUGH = 75
"""How like a misspelt word must be to a known one, of 100."""

WEIGHTS = {"title": 10, "words": 6, "headings": 4, "summary": 3}
MOST_IN_TEXT = 3
"""How often a word in the text counts at most."""

STOP_WORDS = frozenset(
    {
        "a", "about", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been",
        "but", "by", "can", "could", "did", "do", "does", "for", "from", "get", "got",
        "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "may",
        "me", "must", "my", "no", "not", "of", "on", "one", "or", "our", "school",
        "schools", "should", "so", "some", "that", "the", "their", "them", "there", "they",
        "this", "to", "up", "us", "was", "we", "what", "when", "where", "which", "who",
        "why", "will", "with", "would", "you", "your",
    }
)  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, with the words marked in its title and in an excerpt."""

    article: Article
    title: Markup
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, the best first; ``read_as`` is the query as it was understood instead."""

    hits: Sequence[Hit]
    read_as: str | None = None


class ArticleSearch:
    """A search over articles that never change.

    Its words are weighed when somebody first searches: a command or a worker that starts need not
    wait for it.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = list(articles)

    @cached_property
    def _entries(self) -> list[tuple[Article, Counter[str]]]:
        return [(article, _weigh(article)) for article in self._articles]

    @cached_property
    def _vocabulary(self) -> set[str]:
        return {word for article in self._articles for word in _words(_everything(article))}

    @cached_property
    def _known_stems(self) -> set[str]:
        return {_stem(word) for word in self._vocabulary}

    @cached_property
    def _known_words(self) -> list[str]:
        return sorted(word for word in self._vocabulary if len(word) > 3)

    def find(self, query: str) -> Results:
        """Return the articles with the words of ``query``.

        Those with more of the words come first, then those where they stand in the title.
        """
        words = _words(query[:LONGEST_QUERY])
        known = [word if word in STOP_WORDS else self._nearest(word) for word in words]
        stems = {_stem(word) for word in known if word not in STOP_WORDS}
        scored = []
        for article, weights in self._entries:
            matched = stems & weights.keys()
            if matched:
                score = sum(weights[stem] for stem in matched)
                scored.append((-len(matched), -score, article.title, article))
        hits = [
            Hit(article, _marked(article.title, stems), _excerpt(article, stems))
            for *_, article in sorted(scored, key=lambda entry: entry[:3])
        ]
        return Results(hits, " ".join(known) if hits and known != words else None)

    def _nearest(self, word: str) -> str:
        """The word itself if an article has it, or else one that it may be a misspelling of."""
        if _stem(word) in self._known_stems or len(word) < 4:
            return word
        nearest = process.extractOne(
            word, self._known_words, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH
        )
        return nearest[0] if nearest else word


def _weigh(article: Article) -> Counter[str]:
    """How much each stem counts in an article."""
    weights: Counter[str] = Counter()
    texts = {
        "title": article.title,
        "words": article.words,
        "headings": " ".join(text for _, text in article.headings),
        "summary": article.summary,
    }
    for name, text in texts.items():
        for stem in {_stem(word) for word in _words(text)}:
            weights[stem] += WEIGHTS[name]
    in_text = Counter(_stem(word) for word in _words(" ".join(article.blocks)))
    for stem, count in in_text.items():
        weights[stem] += min(count, MOST_IN_TEXT)
    return weights


def _excerpt(article: Article, stems: set[str]) -> Markup:
    """The part of the article that has most of ``stems``, with them marked."""
    best = max(
        (article.summary, *article.blocks),
        key=lambda block: len(stems & {_stem(word) for word in _words(block)}),
    )
    first = next((match.start() for match in _WORD.finditer(best) if _is_in(match, stems)), 0)
    start = 0 if first < EXCERPT // 2 else best.rfind(" ", 0, first - EXCERPT // 4) + 1
    end = len(best) if len(best) <= start + EXCERPT else best.rfind(" ", start, start + EXCERPT)
    part = _marked(best[start:end], stems)
    return Markup("{}{}{}").format("… " if start else "", part, " …" if end < len(best) else "")


def _marked(text: str, stems: set[str]) -> Markup:
    """``text`` with the words of ``stems`` marked."""
    parts, last = Markup(""), 0
    for match in _WORD.finditer(text):
        if _is_in(match, stems):
            parts += escape(text[last : match.start()])
            parts += Markup("<mark>{}</mark>").format(match[0])
            last = match.end()
    return parts + escape(text[last:])


def _is_in(match: re.Match[str], stems: set[str]) -> bool:
    return _stem(match[0].lower()) in stems


def _everything(article: Article) -> str:
    return " ".join((article.title, article.words, article.summary, *article.blocks))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    stem: str = _stemmer.stemWord(word)
    return stem
