"""The operator's pages about topics."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.search.own_topics import queries, service
from marketplace.search.own_topics.forms import NewTopicForm, RetireForm, TopicForm
from marketplace.search.own_topics.presenters import change_row, tree_of
from marketplace.search.own_topics.word_presenters import (
    history,
    rows_of_word,
    taken_out_rows,
    word_rows,
)
from marketplace.search.own_words.models import LONGEST_PHRASE
from marketplace.search.own_words.presenters import moved_in_words
from marketplace.search.own_words.queries import (
    additions,
    taken_out_of,
    topics_of_word,
    words_said_of,
)
from marketplace.search.own_words.service import take_word_away, take_word_out
from marketplace.search.words.vocabulary import vocabulary_with
from marketplace.web.forms import Form, button_was_pressed

blueprint = Blueprint("own_topics", __name__, url_prefix="/network/topics")

MANAGE = needs(Permission.MANAGE_NETWORK)


@blueprint.route("", methods=["GET", "POST"])
@access(MANAGE)
def tree() -> ResponseReturnValue:
    """Show all groups with their topics, and who changed them; add one."""
    session = db.session()
    known = queries.topics_in(session)
    form = NewTopicForm(known)
    if form.validate_on_submit():
        service.add_topic(
            session,
            current_actor(),
            form.name.data or "",
            group=form.group.data or "",
            idempotency_key=form.key,
        )
        flash("Added. Every page offers it within a few seconds.", "success")
        return redirect(url_for(".tree"))
    page = queries.list_changes(session, after=request.args.get("after", ""))
    html = render_template(
        "search/own_topics/tree.html",
        form=form,
        groups=tree_of(known, queries.count_listings(session), vocabulary_with(additions(session))),
        changes=[change_row(known, *row) for row in page.rows],
        next_url=url_for(".tree", after=page.next) if page.next else None,
    )
    return html, form.status


@blueprint.route("/<slug>", methods=["GET", "POST"])
@access(MANAGE)
def change(slug: str) -> ResponseReturnValue:
    """Rename a topic or a group, move it, and change the words that mean it."""
    session = db.session()
    known = queries.topics_in(session)
    entry = service.entry_of(known, slug)
    if entry is None:
        raise NotFound
    form = TopicForm(
        known,
        is_group=not entry.group,
        data={
            "name": entry.name,
            "group": entry.group,
            "version": queries.last_number(session, slug),
        },
    )
    if form.validate_on_submit():
        added = service.change_topic(
            session,
            current_actor(),
            slug,
            name=form.name.data or "",
            group=form.group.data if entry.group else "",
            more_words=(form.more_words.data or "").splitlines() if entry.group else (),
            version=form.seen_version,
            idempotency_key=form.key,
        )
        flash(
            "Changed. Pages show it within a few seconds, searches in a minute or two.", "success"
        )
        for message in moved_in_words(added, slug):
            flash(message, "info")
        return redirect(url_for(".change", slug=slug))
    in_force = additions(session)
    vocabulary = vocabulary_with(in_force)
    said = words_said_of(session, slug) if entry.group else ()
    html = render_template(
        "search/own_topics/change.html",
        form=form,
        entry=entry,
        leads_to=known.name_of(entry.successor) if entry.successor else "",
        has_topics=bool(known.in_group(slug)),
        words=word_rows(known, vocabulary, in_force, slug) if entry.group else [],
        taken_out=taken_out_rows(known, vocabulary, taken_out_of(session, slug)),
        changes=history(
            [change_row(known, *row) for row in queries.list_changes(session, slug=slug).rows],
            [row for word in said for row in rows_of_word(entry.name, word)],
        ),
    )
    return html, form.status


@blueprint.post("/<slug>/words/take-out")
@access(MANAGE)
def take_out(slug: str) -> ResponseReturnValue:
    """Let a word, in all its spellings, not mean the topic any more."""
    known = queries.topics_in(db.session())
    if slug not in known.by_slug:
        raise NotFound
    phrase = request.form.get("phrase", "")[:LONGEST_PHRASE]
    if button_was_pressed():
        if slug in topics_of_word(db.session(), phrase):
            take_word_out(db.session(), current_actor(), phrase, topic=slug)
            flash(f"“{phrase}” is taken out. Searches follow within a minute or two.", "success")
        else:
            flash(f"“{phrase}” is no word for this topic.", "info")
    return redirect(url_for(".change", slug=slug, _anchor="words"))


@blueprint.post("/<slug>/words/<int:own_word_id>/put-back")
@access(MANAGE)
def put_back(slug: str, own_word_id: int) -> ResponseReturnValue:
    """Let a word mean the topic again that was taken out of it."""
    if button_was_pressed():
        take_word_away(db.session(), current_actor(), own_word_id)
        flash("Put back. Searches follow within a minute or two.", "success")
    return redirect(url_for(".change", slug=slug, _anchor="words"))


@blueprint.route("/<slug>/retire", methods=["GET", "POST"])
@access(MANAGE)
def retire(slug: str) -> ResponseReturnValue:
    """Offer a topic or a group no more."""
    session = db.session()
    known = queries.topics_in(session)
    entry = service.entry_of(known, slug)
    if entry is None:
        raise NotFound
    form = RetireForm(known, slug)
    if form.validate_on_submit():
        service.retire_topic(
            session,
            current_actor(),
            slug,
            successor=(form.successor.data or "") if entry.group else "",
            idempotency_key=form.key,
        )
        flash(f"“{entry.name}” is retired. It is not offered for anything new.", "success")
        return redirect(url_for(".change", slug=slug))
    return render_template("search/own_topics/retire.html", form=form, entry=entry), form.status


@blueprint.post("/<slug>/bring-back")
@access(MANAGE)
def bring_back(slug: str) -> ResponseReturnValue:
    """Offer a retired topic or group again."""
    form = Form()
    if form.validate_on_submit():
        service.bring_topic_back(db.session(), current_actor(), slug, idempotency_key=form.key)
        flash("It is offered again.", "success")
    return redirect(url_for(".change", slug=slug))
