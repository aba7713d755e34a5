"""The help is found by words as people type them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.help import figures_of
from marketplace.help.article_search import ArticleSearch
from marketplace.help.reading import read_articles
from marketplace.settings import Policy
from tests.marketplace.browser import Browser

SEARCH = ArticleSearch(read_articles(figures_of(Policy())).values())


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("who pays travel", "who-pays-travel"),
        ("mileage", "who-pays-travel"),
        ("Who pays for my train?", "who-pays-travel"),
        ("DBS", "checks-on-visitors"),
        ("letter of assurance", "checks-on-visitors"),
        ("safeguarding", "checks-on-visitors"),
        ("teacher is sick", "ill-or-cancelled"),
        ("snow", "ill-or-cancelled"),
        ("lost phone", "signing-in"),
        ("forgotten my password", "signing-in"),
        ("what is a credit worth", "what-a-credit-is-worth"),
        ("preparation time", "what-a-credit-is-worth"),
        ("undo a confirmation", "mistakes"),
        ("academy conversion", "closing-schools"),
        ("bursar", "the-statement"),
        ("how do we join", "joining"),
        ("who can see my name", "privacy-in-short"),
        ("telephone number of support", "contact-us"),
    ],
)
def test_the_first_hit_answers_the_question(query: str, slug: str) -> None:
    hits = SEARCH.find(query).hits
    assert hits, query
    assert hits[0].article.slug == slug, [hit.article.slug for hit in hits[:3]]


@pytest.mark.parametrize(
    ("query", "read_as", "slug"),
    [
        ("safegaurding", "safeguarding", "checks-on-visitors"),
        ("pasword", "password", "signing-in"),
        ("statment", "statement", "the-statement"),
        ("who pays travl", "who pays travel", "who-pays-travel"),
    ],
)
def test_a_misspelt_word_is_read_as_the_nearest_one(query: str, read_as: str, slug: str) -> None:
    results = SEARCH.find(query)
    assert results.read_as == read_as
    assert results.hits[0].article.slug == slug


def test_other_forms_of_a_word_are_found_and_marked() -> None:
    hit = SEARCH.find("cancelling").hits[0]
    assert hit.article.slug == "ill-or-cancelled"
    assert "<mark>cancelled</mark>" in hit.title
    assert "<mark>" in SEARCH.find("mileage").hits[0].excerpt


@pytest.mark.parametrize("query", ["xylophone", "the", "a of", "??", "zzzzqqqq"])
def test_nothing_is_found_where_nothing_is(query: str) -> None:
    assert SEARCH.find(query).hits == []


def test_an_excerpt_is_cut_between_words_and_escaped() -> None:
    for query in ("schools", "credit", "school credits visitor"):
        for hit in SEARCH.find(query).hits:
            plain = hit.excerpt.striptags()
            assert len(plain) < 260
            assert "<script" not in hit.excerpt


def test_the_page_shows_hits_and_keeps_the_query(client: FlaskClient) -> None:
    browser = Browser(client).get("/help?q=who+pays+travel")
    first = browser.page.select_one(".help-list a")
    assert (first["href"], first.get_text()) == ("/help/who-pays-travel", "Who pays for travel")
    assert first.find("mark")
    assert browser.page.find(id="q")["value"] == "who pays travel"
    assert browser.page.find("title").get_text() == "who pays travel – Help – Skillbank"


def test_the_page_says_when_nothing_fits_and_shows_the_contents(client: FlaskClient) -> None:
    browser = Browser(client).get("/help?q=xylophone")
    assert "Nothing in the help fits “xylophone”" in browser.text
    assert len(browser.page.select(".help-chapters section")) == 6


def test_what_is_typed_is_never_obeyed(client: FlaskClient) -> None:
    page = client.get("/help?q=<script>alert(1)</script>%20travel").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_page_says_how_it_read_a_misspelling(client: FlaskClient) -> None:
    text = Browser(client).get("/help?q=safegaurding").page.find("main").get_text()
    assert "for safeguarding. Nothing fits “safegaurding”." in text
