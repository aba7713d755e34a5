"""Help, what a public body publishes about its site, and consent to be listed."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import (
    PUBLIC,
    SIGNED_IN,
    access,
    current_actor,
    find_current_user,
)
from marketplace.accounts.models import Person
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.help import service
from marketplace.help.article_search import LONGEST_QUERY, ArticleSearch, Results
from marketplace.help.cookies import cookies
from marketplace.help.forms import ConsentForm
from marketplace.help.links import with_links_for
from marketplace.help.reading import Article
from marketplace.privacy.holdings import get_holdings
from marketplace.privacy.retention import get_retention

blueprint = Blueprint("help", __name__)

ARTICLES = "skillbank.help.articles"
SEARCH = "skillbank.help.search"

CHAPTERS = (
    ("Begin", ("how-it-works", "finding-help", "first-week", "joining", "roles")),
    (
        "An exchange",
        (
            "writing-a-good-offer",
            "groups",
            "confidential-requests",
            "experts",
            "finding-each-other",
            "proposing-and-agreeing",
            "delivering-and-confirming",
            "reviews",
            "checks-on-visitors",
            "who-pays-travel",
            "ill-or-cancelled",
            "mistakes",
            "disputes",
            "free-within-a-trust",
            "one-person-for-both-schools",
        ),
    ),
    (
        "Credits",
        (
            "what-a-credit-is-worth",
            "the-statement",
            "credits-of-a-trust",
            "adjustments-by-the-network",
        ),
    ),
    ("Your account and your school", ("signing-in", "privacy-in-short", "closing-schools")),
    ("For auditors", ("for-auditors", "checking-the-book")),
    ("More help", ("contact-us",)),
)
"""The contents: every article stands in one chapter."""

ACCESSIBILITY_PREPARED = date(2026, 11, 26)
ACCESSIBILITY_TESTED = date(2026, 11, 26)
TERMS_CHANGED = date(2026, 11, 26)


@blueprint.get("/help")
@access(PUBLIC)
def index() -> ResponseReturnValue:
    """Show the contents, or the articles that have the words asked for."""
    query = " ".join(request.args.get("q", "")[:LONGEST_QUERY].split())
    search: ArticleSearch = current_app.extensions[SEARCH]
    results = search.find(query) if query else Results(())
    return render_template(
        "help/index.html",
        query=query,
        longest_query=LONGEST_QUERY,
        results=results,
        chapters=[(name, [_articles()[slug] for slug in slugs]) for name, slugs in CHAPTERS],
    )


@blueprint.get("/help/<slug>")
@access(PUBLIC)
def article(slug: str) -> ResponseReturnValue:
    """Show one article."""
    article = _articles().get(slug)
    if article is None:
        raise NotFound("There is no such help page. Search the help for what you need.")
    return render_template(
        "help/article.html",
        article=article,
        body=with_links_for(find_current_user(), article.body),
        related=[_articles()[name] for name in article.related],
    )


@blueprint.get("/privacy")
@access(PUBLIC)
def privacy() -> ResponseReturnValue:
    """Show the privacy notice: made from what the features hold, and for how long."""
    return render_template("help/privacy.html", holdings=get_holdings(), rules=get_retention())


@blueprint.get("/accessibility")
@access(PUBLIC)
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return render_template(
        "help/accessibility.html", prepared=ACCESSIBILITY_PREPARED, tested=ACCESSIBILITY_TESTED
    )


@blueprint.get("/terms")
@access(PUBLIC)
def terms() -> ResponseReturnValue:
    """Show the terms of use."""
    return render_template("help/terms.html", changed=TERMS_CHANGED)


@blueprint.get("/cookies")
@access(PUBLIC)
def cookie_list() -> ResponseReturnValue:
    """Show every cookie that the site sets."""
    return render_template("help/cookies.html", cookies=cookies())


@blueprint.get("/contact")
@access(PUBLIC)
def contact() -> ResponseReturnValue:
    """Show who runs the network, and how to reach them."""
    return render_template("help/contact.html")


@blueprint.route("/account/consent", methods=["GET", "POST"])
@access(SIGNED_IN)
def consent() -> ResponseReturnValue:
    """Let a person agree to be listed, or take it back."""
    session, actor = db.session(), current_actor()
    person = session.get_one(Person, actor.person_id)
    form = ConsentForm(listed=person.listed_at is not None)
    if form.validate_on_submit():
        listed = service.set_listed(session, actor, form.listed.data).listed_at is not None
        flash(
            "Saved. Other schools now see your name and role on your school’s page."
            if listed
            else "Saved. Other schools do not see you on your school’s page.",
            "success",
        )
        return redirect(url_for(".consent"))
    return render_template("help/consent.html", form=form, person=person), form.status


def _articles() -> dict[str, Article]:
    articles: dict[str, Article] = current_app.extensions[ARTICLES]
    return articles
