"""The help articles: whole, linked from where their question arises, and without a broken link."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from marketplace.application import Skillbank
from marketplace.help import figures_of
from marketplace.help.reading import ARTICLES, Article, read_article, read_articles
from marketplace.help.views import CHAPTERS
from marketplace.settings import Policy
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running

TEMPLATES = sorted((Path(__file__).parents[3] / "templates").rglob("*.html"))
BOOK = read_articles(figures_of(Policy()))
HEAD = "title: T\nsummary: S.\nwords: w\nrelated: roles\n\n"
AMERICAN = re.compile(r"\b\w*(?:ization|izing|color|center|enrollment|program)\b", re.IGNORECASE)

each_article = pytest.mark.parametrize("article", BOOK.values(), ids=list(BOOK))


def slugs_in_templates() -> set[str]:
    """The articles that a page links to by name."""
    pattern = re.compile(r"help_link\(\"([\w-]+)\"|'help\.article', slug='([\w-]+)'")
    return {
        first or second
        for template in TEMPLATES
        for first, second in pattern.findall(template.read_text(encoding="utf-8"))
    }


def test_every_article_that_a_page_names_exists() -> None:
    named = slugs_in_templates()
    assert len(named) > 10
    assert named <= BOOK.keys()


def test_every_article_is_linked_from_a_page_or_another_article() -> None:
    linked = slugs_in_templates()
    for article in BOOK.values():
        linked |= set(article.related)
        linked |= {link.removeprefix("/help/") for link in article.links}
    assert BOOK.keys() <= linked


def test_every_article_stands_in_one_chapter() -> None:
    contents = [slug for _, slugs in CHAPTERS for slug in slugs]
    assert sorted(contents) == sorted(BOOK)
    assert len(list(ARTICLES.glob("*.md"))) == len(BOOK) >= 15


@each_article
def test_no_link_of_an_article_is_broken(article: Article) -> None:
    assert set(article.related) <= BOOK.keys() - {article.slug}
    with running("sqlite://") as app, app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for link in article.links:
            address = urlsplit(link)
            if address.scheme:
                assert address.scheme == "https", link
                continue
            try:
                endpoint, values = adapter.match(address.path)
            except HTTPException:
                pytest.fail(f"{article.slug} links to {link}, which does not exist")
            if endpoint == "help.article":
                target = BOOK[values["slug"]]
                assert not address.fragment or address.fragment in dict(target.headings)


@each_article
def test_an_article_is_short_plain_and_whole(article: Article) -> None:
    text = " ".join(article.blocks)
    assert 60 < len(text.split()) < 600
    assert article.summary.endswith(".")
    assert "{" not in article.body
    assert not AMERICAN.search(text), AMERICAN.search(text)
    anchors = [anchor for anchor, _ in article.headings]
    assert len(anchors) == len(set(anchors))
    page = BeautifulSoup(article.body, "html.parser")
    assert [one["id"] for one in page.find_all("h2")] == anchors
    assert page.find(["h1", "h4", "script", "style"]) is None


def test_raw_html_is_shown_and_not_obeyed() -> None:
    article = read_article("x", HEAD + "<script>alert(1)</script> <b>x</b>", {})
    assert BeautifulSoup(article.body, "html.parser").find(["script", "b"]) is None
    assert "&lt;script&gt;" in article.body


def test_a_link_cannot_run_a_script() -> None:
    article = read_article("x", HEAD + "[a](javascript:alert(1))", {})
    assert BeautifulSoup(article.body, "html.parser").find("a") is None


def test_an_article_without_a_line_of_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="'x' has no related, words"):
        read_article("x", "title: T\nsummary: S.\n\nText.", {})


def test_the_figures_are_those_of_the_network() -> None:
    policy = Policy(joining_grant=90, credit_limit=60, smallest_step=5, correction_days=1)
    assert figures_of(policy) == {
        "joining_grant": "1.5 credits",
        "credit_limit": "1 credit",
        "upper_soft_limit": "20 credits",
        "smallest_step": "5",
        "longest_exchange": "100 credits",
        "hold_days": "60 days",
        "correction_days": "1 day",
        "dispute_answer_days": "7 days",
        "dispute_ruling_days": "14 days",
    }
    with running("sqlite://", Policy(joining_grant=7 * 60)) as app:
        page = app.test_client().get("/help/how-it-works").text
    assert "is given 7 credits" in page


def test_a_long_article_says_what_is_on_it(client: FlaskClient) -> None:
    browser = Browser(client).get("/help/signing-in")
    contents = browser.page.select(".on-this-page a")
    assert len(contents) >= 4
    for link in contents:
        assert browser.page.find(id=link["href"].removeprefix("#")).name == "h2"
    assert Browser(client).get("/help/privacy-in-short").page.select(".on-this-page") == []


def test_an_unknown_article_is_not_found(client: FlaskClient) -> None:
    browser = Browser(client).get("/help/phonics")
    assert browser.status == 404
    assert "no such help page" in browser.text


def test_every_page_has_the_way_to_help_and_to_what_must_be_shown(client: FlaskClient) -> None:
    browser = Browser(client).get("/sign-in")
    links = {link.get_text(): link["href"] for link in browser.page.select("footer a")}
    assert links == {
        "Help": "/help",
        "Contact": "/contact",
        "Privacy": "/privacy",
        "Cookies": "/cookies",
        "Accessibility": "/accessibility",
        "Terms": "/terms",
    }
    for path in links.values():
        assert client.get(path).status_code == 200


def test_articles_are_there_when_the_database_is_away(app: Skillbank) -> None:
    assert set(app.extensions["skillbank.help.articles"]) == set(BOOK)
