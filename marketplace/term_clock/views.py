"""The page on which a school says whether it has hours to give."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.calendar.half_terms import current_key, half_term_name
from marketplace.clock import today
from marketplace.database import db
from marketplace.term_clock import service
from marketplace.term_clock.forms import TermClockForm
from marketplace.term_clock.models import Answer
from marketplace.term_clock.queries import standing_answer
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("term_clock", __name__, url_prefix="/term-clock")

ANSWER = needs(Permission.POST_LISTINGS, school=True)
THANKS = {
    Answer.YES: "Thank you: other schools see that you have hours to give.",
    Answer.MAYBE: "Thank you: other schools see that you may have hours to give.",
    Answer.NO: "Noted: nobody asks you until the half-term below. You can choose a later one.",
}


@blueprint.route("", methods=["GET", "POST"])
@access(ANSWER)
def clock() -> ResponseReturnValue:
    """Say whether the school has hours to give, and when to ask again."""
    session, actor = db.session(), current_actor()
    standing = standing_answer(session, actor.school())
    form = TermClockForm(
        answer=standing.answer if standing else None,
        ask_again=current_key(standing.ask_again_on)
        if standing and standing.ask_again_on
        else None,
    )
    if form.validate_on_submit():
        service.answer(session, actor, form.answer.data, form.ask_again.data)
        flash("Saved.", "success")
        return redirect(url_for("pages.dashboard"))
    page = render_template(
        "term_clock/clock.html",
        form=form,
        standing=standing,
        half_term=half_term_name(current_key(today())),
    )
    return page, form.status


@blueprint.post("/press")
@access(ANSWER)
def press() -> ResponseReturnValue:
    """Answer by one press on the start page."""
    if not button_was_pressed():
        return redirect(url_for("pages.dashboard"))
    row = service.answer(db.session(), current_actor(), request.form.get("answer", ""))
    answer = Answer(row.answer)
    flash(THANKS[answer], "success")
    return redirect(url_for(".clock" if answer is Answer.NO else "pages.dashboard"))
