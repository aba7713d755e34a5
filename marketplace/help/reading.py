"""The help articles: Markdown files, read and rendered once when the application starts.

A file begins with lines like ``title: Roles``, then an empty line, then the text. Raw HTML is
shown as text. Figures of the network's policy are written ``{joining_grant}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ARTICLES = Path(__file__).parent / "articles"
LONG = 4
"""An article with so many headings begins with a list of them."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article.

    Attributes:
        slug: its name in addresses.
        words: what people may search for that the text does not say.
        related: the slugs of other articles.
        headings: the anchor and the text of each heading.
        blocks: its paragraphs, list items and cells as plain text, for the search.
        links: the addresses that the text links to.
    """

    slug: str
    title: str
    summary: str
    words: str
    related: tuple[str, ...]
    body: Markup
    headings: tuple[tuple[str, str], ...]
    blocks: tuple[str, ...]
    links: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether it begins with a list of its headings."""
        return len(self.headings) >= LONG


def read_articles(figures: Mapping[str, str], folder: Path = ARTICLES) -> dict[str, Article]:
    """Return the articles by slug, in the order of their titles, with ``figures`` filled in."""
    articles = [
        read_article(path.stem, path.read_text(encoding="utf-8"), figures)
        for path in folder.glob("*.md")
    ]
    return {article.slug: article for article in sorted(articles, key=lambda one: one.title)}


def read_article(slug: str, source: str, figures: Mapping[str, str]) -> Article:
    """Return the article in ``source``.

    Raises:
        ValueError: if a line of its head is missing.
    """
    head, _, text = source.partition("\n\n")
    lines = head.replace("'", "’").splitlines()
    facts = dict(line.split(": ", 1) for line in lines if ": " in line)
    if missing := {"title", "summary", "words", "related"} - facts.keys():
        raise ValueError(f"the article {slug!r} has no {', '.join(sorted(missing))}")
    for name, figure in figures.items():
        text = text.replace(f"{{{name}}}", figure)
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": True})
    markdown.enable(["table", "smartquotes", "replacements"])
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    tokens = markdown.parse(text)
    headings = _anchor_headings(tokens)
    inline = [token for token in tokens if token.type == "inline"]
    return Article(
        slug=slug,
        title=facts["title"],
        summary=facts["summary"],
        words=facts["words"],
        related=tuple(name.strip() for name in facts["related"].split(",")),
        body=Markup(markdown.renderer.render(tokens, markdown.options, {})),  # noqa: S704
        headings=tuple(headings),
        blocks=tuple(plain for token in inline if (plain := _plain(token))),
        links=tuple(
            str(child.attrs["href"])
            for token in inline
            for child in token.children or ()
            if child.type == "link_open"
        ),
    )


def _anchor_headings(tokens: list[Token]) -> list[tuple[str, str]]:
    """Give each heading of the second level an anchor; return the anchors and the texts."""
    headings = []
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            text = _plain(content)
            anchor = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
            opening.attrSet("id", anchor)
            headings.append((anchor, text))
    return headings


def _plain(token: Token) -> str:
    """The text of an inline token without its marks."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or ()
    )


# A wide table scrolls by itself on a narrow screen, and by the keyboard, too.
def _open_table(*_arguments: Any) -> str:
    return '<div class="table-responsive" tabindex="0"><table class="table">\n'


def _close_table(*_arguments: Any) -> str:
    return "</table></div>\n"
