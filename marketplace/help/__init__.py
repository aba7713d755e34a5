"""Help pages for schools, what a public body must publish, and consent to be listed."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.account_sections import Section, account_sections
from marketplace.help import service, views
from marketplace.help.article_search import ArticleSearch
from marketplace.help.reading import read_articles
from marketplace.setting_groups import MINUTES_PER_CREDIT, Policy
from marketplace.settings import Settings


def init_app(app: Flask) -> None:
    """Add the pages, and read the articles."""
    settings: Settings = app.extensions["skillbank.settings"]
    articles = read_articles(figures_of(settings.policy))
    app.extensions[views.ARTICLES] = articles
    app.extensions[views.SEARCH] = ArticleSearch(articles.values())
    app.register_blueprint(views.blueprint)
    account_sections(app).add(
        Section("Being listed", "help.consent", service.listed_in_words, order=70)
    )
    app.context_processor(lambda: {"site": settings.site})


def figures_of(policy: Policy) -> dict[str, str]:
    """Return the network's figures as the articles name them."""
    return {
        "joining_grant": _credits(policy.joining_grant),
        "credit_limit": _credits(policy.credit_limit),
        "upper_soft_limit": _credits(policy.upper_soft_limit),
        "smallest_step": str(policy.smallest_step),
        "longest_exchange": _credits(policy.longest_exchange),
        "hold_days": _days(policy.hold_days),
        "correction_days": _days(policy.correction_days),
        "dispute_answer_days": _days(policy.dispute_answer_days),
        "dispute_ruling_days": _days(policy.dispute_ruling_days),
    }


def _days(number: int) -> str:
    return f"{number} {'day' if number == 1 else 'days'}"


def _credits(minutes: int) -> str:
    """Credits in words; the articles lie below the formats of ``marketplace.credits``."""
    number = minutes / MINUTES_PER_CREDIT
    return f"{number:g} {'credit' if number == 1 else 'credits'}"
