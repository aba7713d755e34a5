"""The pages of reviews: write, answer, report; what schools say about one; the operator's queue."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.exchanges.queries import get_exchange
from marketplace.exchanges.reviews import queries, service
from marketplace.exchanges.reviews.forms import (
    AnswerForm,
    DecisionForm,
    ReportForm,
    ReviewForm,
)
from marketplace.exchanges.reviews.models import Review
from marketplace.exchanges.reviews.presenters import (
    ReviewRow,
    opinion,
    report_link,
    review_row,
    rows_about,
)
from marketplace.exchanges.reviews.rules import own_of, why_not_write
from marketplace.listings.moderation.forms import DECISION_NAMES
from marketplace.listings.moderation.models import Decision
from marketplace.listings.moderation.views import NAMES
from marketplace.schools.queries import get_school

blueprint = Blueprint("reviews", __name__)

WRITE = needs(Permission.AGREE_EXCHANGES, school=True)
NETWORK = needs(Permission.MANAGE_NETWORK)


@blueprint.route("/exchanges/<int:exchange_id>/review", methods=["GET", "POST"])
@access(WRITE)
def write(exchange_id: int) -> ResponseReturnValue:
    """Say how an exchange was, or change what was said."""
    session, actor = db.session(), current_actor()
    exchange = get_exchange(session, exchange_id, actor)
    back_url = url_for("exchanges.exchange", exchange_id=exchange_id)
    reviews = queries.reviews_of(session, exchange)
    own = own_of(reviews, actor.urn)
    why_not = why_not_write(exchange, reviews, actor.school(), clock.now())
    if request.method == "GET" and why_not is not None:
        flash(why_not, "warning")
        return redirect(back_url)
    form = ReviewForm(
        again=own.again if own else None,
        effect=own.effect if own else "",
        praise=own.praise if own else "",
        version=own.version if own else 0,
    )
    if form.validate_on_submit():
        review = service.write_review(
            session,
            actor,
            exchange,
            again=form.again.data,
            effect=form.effect.data or "",
            praise=form.praise.data or "",
            version=form.seen_version,
        )
        flash(
            "Thank you. Both reviews can be read now."
            if review.shown_at
            else "Thank you. The other school reads it when it has written its own.",
            "success",
        )
        return redirect(back_url)
    page = render_template(
        "reviews/write.html",
        form=form,
        exchange=exchange,
        gave=exchange.provider_urn == actor.urn,
        other=exchange.receiver if exchange.provider_urn == actor.urn else exchange.provider,
        is_new=own is None,
    )
    return page, form.status


@blueprint.get("/schools/<int:urn>/reviews")
@access(needs(Permission.VIEW_LISTINGS))
def about(urn: int) -> ResponseReturnValue:
    """Show what other schools say about a school."""
    session = db.session()
    school = get_school(session, urn)
    after = request.args.get("after", "")
    page = queries.reviews_about(session, urn, after=after)
    return render_template(
        "reviews/about.html",
        school=school,
        rows=rows_about(page.rows, school.name),
        opinion=opinion(*queries.count_opinions(session, urn)),
        links_of=partial(report_link, current_actor()),
        next_url=url_for(".about", urn=urn, after=page.next) if page.next else None,
    )


@blueprint.route("/reviews/<int:review_id>/answer", methods=["GET", "POST"])
@access(WRITE)
def answer(review_id: int) -> ResponseReturnValue:
    """Answer what another school said, once."""
    session, actor = db.session(), current_actor()
    review = queries.readable_review(session, actor, review_id)
    if review.about_urn != actor.urn:
        raise NotFound
    back_url = url_for("exchanges.exchange", exchange_id=review.exchange_id)
    if request.method == "GET" and review.reply:
        return redirect(back_url)
    form = AnswerForm()
    if form.validate_on_submit():
        service.answer_review(session, actor, review, form.text.data or "")
        flash("Your answer stands below the review.", "success")
        return redirect(back_url)
    page = render_template("reviews/answer.html", form=form, row=_row(review), back_url=back_url)
    return page, form.status


@blueprint.route("/reviews/<int:review_id>/report", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def report(review_id: int) -> ResponseReturnValue:
    """Report what another school wrote to the operator."""
    session, actor = db.session(), current_actor()
    review = queries.readable_review(session, actor, review_id)
    if review.author_urn == actor.urn:
        raise NotFound
    form = ReportForm()
    back_url = url_for("pages.school", urn=review.about_urn)
    if form.validate_on_submit():
        service.report_review(session, actor, review, form.text.data or "")
        flash("Thank you. The network’s operator looks at it.", "success")
        return redirect(back_url)
    page = render_template("reviews/report.html", form=form, row=_row(review), back_url=back_url)
    return page, form.status


@blueprint.get("/network/reviews")
@access(NETWORK)
def reports() -> ResponseReturnValue:
    """Show the reports of reviews that wait for a decision."""
    page = queries.list_reports(db.session(), current_actor(), after=request.args.get("after", ""))
    return render_template(
        "reviews/reports.html",
        rows=page.rows,
        next_url=url_for(".reports", after=page.next) if page.next else None,
    )


@blueprint.route("/network/reviews/<int:review_id>", methods=["GET", "POST"])
@access(NETWORK)
def decide(review_id: int) -> ResponseReturnValue:
    """Hide a review, leave it, or show it again."""
    session, actor = db.session(), current_actor()
    review = queries.readable_review(session, actor, review_id)
    form = DecisionForm(version=review.version)
    form.offer(hidden=bool(review.hidden_because))
    if form.validate_on_submit():
        step = service.decide_review(
            session,
            actor,
            review,
            form.decision.data,
            form.reason.data or "",
            version=form.seen_version,
        )
        name = DECISION_NAMES[Decision(step.decision)].lower()
        flash(f"It is {name}. Both schools are told.", "success")
        return redirect(url_for(".reports"))
    page = render_template(
        "reviews/decide.html",
        form=form,
        row=_row(review),
        reports=queries.reports_of(session, review),
        steps=queries.trail(session, review),
        names=NAMES,
        why_not=queries.why_not_decide(session, actor, review),
    )
    return page, form.status


def _row(review: Review) -> ReviewRow:
    return review_row(review, review.author.name, review.about.name, review.exchange)
