"""The queries that others judged: what they name is in the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.demo.content import demo_content
from marketplace.demo.texts import LISTING_KINDS, ListingKind
from tests.benchmarks.search.judged import judged
from tests.benchmarks.search.labelled import engine_of, find_with, measure

LOWEST_NDCG, HIGHEST_EMPTY = 0.86, 0.01


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


@pytest.mark.parametrize("kind", LISTING_KINDS)
def test_each_query_is_of_one_half(kind: ListingKind) -> None:
    tuned, held_out = judged(kind, held_out=False), judged(kind, held_out=True)
    assert len(tuned) + len(held_out) == len(judged(kind))
    assert min(len(tuned), len(held_out)) > len(judged(kind)) / 3


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held_out"])
def test_the_search_answers_them_as_well_as_it_did(tmp_path: Path, *, held_out: bool) -> None:
    listings = list(demo_content().offers)
    quality = measure(
        find_with(engine_of(listings, tmp_path)), listings, judged("offer", held_out=held_out)
    )
    # Only the numbers: a message must not name the queries that are held out.
    ndcg, empty = quality.ndcg, quality.empty
    assert ndcg >= LOWEST_NDCG
    assert empty <= HIGHEST_EMPTY
