"""The queries that others judged: what they name is in the demo."""

from __future__ import annotations

import pytest

from marketplace.demo.content import demo_content
from marketplace.demo.texts import LISTING_KINDS, ListingKind
from tests.benchmarks.search.judged import judged


@pytest.mark.parametrize("kind", LISTING_KINDS)
def test_every_grade_names_one_listing_of_the_demo(kind: ListingKind) -> None:
    content = demo_content()
    titles = [text.title for text in (content.offers if kind == "offer" else content.requests)]
    assert len(set(titles)) == len(titles)
    assert {title for query in judged(kind) for title in query.grades} <= set(titles)


@pytest.mark.parametrize(("kind", "fewest"), [("offer", 300), ("request", 40)])
def test_no_query_is_asked_twice(kind: ListingKind, fewest: int) -> None:
    texts = [query.text for query in judged(kind)]
    assert len(set(texts)) == len(texts) >= fewest
