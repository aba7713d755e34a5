"""The operator's page about the words of the search."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.search.own_words import queries, service
from marketplace.search.own_words.forms import OwnWordForm
from marketplace.search.own_words.presenters import meaning_of, moved_in_words, tree
from marketplace.search.words.vocabulary import vocabulary_with
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("own_words", __name__, url_prefix="/network/search-words")

MANAGE = needs(Permission.MANAGE_NETWORK)


@blueprint.route("", methods=["GET", "POST"])
@access(MANAGE)
def words() -> ResponseReturnValue:
    """Show the words that were added, those taken away, and all that mean a topic; add one."""
    form = OwnWordForm()
    if form.validate_on_submit():
        phrase, topic = form.phrase.data or "", form.topic.data or ""
        had = queries.topics_of_word(db.session(), phrase) if topic else ()
        service.add_word(
            db.session(),
            current_actor(),
            phrase,
            same_as=form.same_as.data or "",
            topic=topic,
            idempotency_key=form.key,
        )
        flash("Added. Searches know it within a minute or two.", "success")
        for message in moved_in_words([(phrase, had)], topic):
            flash(message, "info")
        return redirect(url_for(".words"))
    taken_away = request.args.get("show") == "taken-away"
    page = queries.list_words(
        db.session(), taken_away=taken_away, after=request.args.get("after", "")
    )
    show = "taken-away" if taken_away else None
    html = render_template(
        "search/own_words/words.html",
        form=form,
        rows=[(row, meaning_of(row)) for row in page.rows],
        taken_away=taken_away,
        tree=tree(vocabulary_with(queries.additions(db.session()))),
        next_url=url_for(".words", show=show, after=page.next) if page.next else None,
    )
    return html, form.status


@blueprint.post("/<int:own_word_id>/take-away")
@access(MANAGE)
def take_away(own_word_id: int) -> ResponseReturnValue:
    """Take a word away that was added, or put one back that was taken out of a topic."""
    if button_was_pressed():
        service.take_word_away(db.session(), current_actor(), own_word_id)
        flash("Done. Searches follow within a minute or two.", "success")
    return redirect(url_for(".words"))
