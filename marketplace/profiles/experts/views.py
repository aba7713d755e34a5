"""The pages of the directory of expertise: find, ask, share, suggest, take back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.choosing import OwnCircles, own_circles, preview
from marketplace.audiences.forms import audience_data
from marketplace.database import db
from marketplace.exchanges.within_trust.queries import is_free
from marketplace.help.queries import listed_people
from marketplace.listings.topics import PHASES, current_topics, topics_by_group
from marketplace.members.service import colleagues_of
from marketplace.profiles.experts import queries, service
from marketplace.profiles.experts.forms import ExpertiseForm, SuggestionForm, values_of
from marketplace.profiles.experts.models import AskedBy, Expertise, LabelKind
from marketplace.profiles.experts.offers import offers_on
from marketplace.profiles.experts.presenters import cost_of, expert_row, topic_names
from marketplace.profiles.experts.queries import Circle, ExpertCriteria
from marketplace.schools.models import School
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("experts", __name__)

VIEW = needs(Permission.VIEW_LISTINGS, school=True)
SHARE = needs(Permission.ASK, school=True)
SUGGEST = needs(Permission.MANAGE_MEMBERS, school=True)

LONGEST_WORDS = 100


@blueprint.get("/experts")
@access(VIEW)
def find() -> ResponseReturnValue:
    """Show who is good at what: in the school, in its trust, and elsewhere."""
    session, actor = db.session(), current_actor()
    in_trust = actor.trust_id is not None
    criteria = _criteria(in_trust=in_trust)
    after = request.args.get("after", "")
    page = queries.list_experts(session, actor, criteria, after=after)
    schools = queries.schools_of_trust(session, actor.trust_id) if actor.trust_id else []
    free = in_trust and is_free(session, actor.trust_id, actor.trust_id)
    asked: dict[str, Any] = {
        name: value
        for name, value in (
            ("topic", criteria.topic),
            ("phase", criteria.phase),
            ("school", criteria.urn),
            ("q", criteria.words),
        )
        if value
    }
    circles = [(Circle.TRUST, "Our trust")] if in_trust else []
    circles = [(Circle.SCHOOL, "Our school"), *circles, (Circle.OTHERS, "Other schools")]
    elsewhere = {name: value for name, value in asked.items() if name != "school"}
    return render_template(
        "experts/find.html",
        rows=[
            (
                expert_row(
                    one,
                    actor,
                    one.school,
                    name=one.person.name,
                    school=_place(one.school, criteria.circle),
                ),
                cost_of(actor, one.school_urn, one.school.trust_id, free_in_trust=free),
            )
            for one in page.rows
        ],
        criteria=criteria,
        narrowed=bool(asked),
        tabs=[
            (label, url_for(".find", circle=circle, **elsewhere), circle is criteria.circle)
            for circle, label in circles
        ],
        topics=topics_by_group(),
        phases=PHASES,
        schools=schools if criteria.circle is Circle.TRUST else [],
        first_page=not after,
        next_url=url_for(".find", circle=criteria.circle, **asked, after=page.next)
        if page.next
        else None,
        may_share=actor.may(Permission.ASK),
        may_manage=actor.may(Permission.MANAGE_MEMBERS),
    )


@blueprint.get("/experts/<int:expertise_id>")
@access(VIEW)
def expert(expertise_id: int) -> ResponseReturnValue:
    """Show what one colleague is good at, how to ask, and what help costs."""
    session, actor = db.session(), current_actor()
    expertise = queries.get_shared(session, expertise_id, actor)
    school = expertise.school
    is_ours = school.urn == actor.urn
    row = expert_row(expertise, actor, school, name=expertise.person.name, school=school.name)
    free = not is_ours and is_free(session, actor.trust_id, school.trust_id)
    at_school = row.is_asked and not row.is_own and not (row.may_ask and expertise.contact)
    return render_template(
        "experts/expert.html",
        expert=row,
        contact=expertise.contact if row.may_ask else "",
        people=listed_people(session, school.urn) if at_school else [],
        expertise=expertise,
        topics=topic_names(expertise),
        school=school,
        is_ours=is_ours,
        cost=cost_of(
            actor,
            school.urn,
            school.trust_id,
            free_in_trust=free,
        ),
        is_free=free,
        offers=[]
        if is_ours
        else offers_on(session, actor, school.urn, expertise.values(LabelKind.TOPIC)),
    )


@blueprint.get("/experts/mine")
@access(SHARE)
def mine() -> ResponseReturnValue:
    """Show what one shares, and what was suggested to share."""
    actor = current_actor()
    entries = queries.list_own(db.session(), actor)
    return render_template(
        "experts/mine.html",
        suggested=[(one, expert_row(one, actor)) for one in entries if one.accepted_at is None],
        shared=[(one, expert_row(one, actor)) for one in entries if one.accepted_at is not None],
    )


@blueprint.route("/experts/new", methods=["GET", "POST"])
@access(SHARE)
def new() -> ResponseReturnValue:
    """Say what one is good at."""
    actor = current_actor()
    reach = Reach.TRUST if actor.trust_id is not None else Reach.SCHOOL
    own = own_circles(db.session(), actor)
    form = ExpertiseForm(own, asked_by=AskedBy.EVERYONE, **audience_data(Audience(reach)))
    if form.validate_on_submit():
        service.share_expertise(db.session(), actor, form.said(), idempotency_key=form.key)
        flash("Shared. You can change it or take it back here at any time.", "success")
        return redirect(url_for(".mine"))
    return _edit(form, own, None)


@blueprint.route("/experts/<int:expertise_id>/change", methods=["GET", "POST"])
@access(SHARE)
def change(expertise_id: int) -> ResponseReturnValue:
    """Change what one shares, or check, complete and share what was suggested."""
    actor = current_actor()
    expertise = queries.get_own(db.session(), expertise_id, actor)
    own = own_circles(db.session(), actor)
    form = ExpertiseForm(own, data=values_of(expertise))
    if form.validate_on_submit():
        service.change_expertise(
            db.session(), actor, expertise, form.said(), version=form.seen_version
        )
        flash("Saved.", "success")
        return redirect(url_for(".mine"))
    return _edit(form, own, expertise)


def _edit(form: ExpertiseForm, own: OwnCircles, expertise: Expertise | None) -> ResponseReturnValue:
    """The form, with who would see the entry as it is filled now."""
    page = render_template(
        "experts/edit.html",
        form=form,
        expertise=expertise,
        preview=preview(db.session(), form.chosen_audience(), own),
    )
    return page, form.status


@blueprint.post("/experts/<int:expertise_id>/take-back")
@access(SHARE)
def take_back(expertise_id: int) -> ResponseReturnValue:
    """Take back what one shares, or turn down what was suggested."""
    actor = current_actor()
    expertise = queries.get_own(db.session(), expertise_id, actor)
    if button_was_pressed():
        service.take_back(db.session(), actor, expertise)
        flash("It is gone: nobody sees it any more.", "success")
    return redirect(url_for(".mine"))


@blueprint.route("/experts/suggest", methods=["GET", "POST"])
@access(SUGGEST)
def suggest() -> ResponseReturnValue:
    """Suggest to a colleague what they could share, and show what waits for an answer."""
    session, actor = db.session(), current_actor()
    colleagues = [
        colleague
        for colleague in colleagues_of(session, actor.school())
        if colleague.person_id != actor.person_id
    ]
    form = SuggestionForm(colleagues)
    if form.validate_on_submit():
        service.suggest_expertise(
            session, actor, int(form.person.data), form.said(), idempotency_key=form.key
        )
        flash("Sent. Nobody sees it before your colleague shares it.", "success")
        return redirect(url_for(".suggest"))
    page = render_template(
        "experts/suggest.html",
        form=form,
        waiting=[
            (one, expert_row(one, actor, name=one.person.name))
            for one in queries.list_suggested(session, actor)
        ],
    )
    return page, form.status


@blueprint.post("/experts/suggestions/<int:suggestion_id>/withdraw")
@access(SUGGEST)
def withdraw(suggestion_id: int) -> ResponseReturnValue:
    """Withdraw a suggestion that a colleague has not taken up."""
    session, actor = db.session(), current_actor()
    expertise = queries.get_suggested(session, suggestion_id, actor)
    if button_was_pressed():
        service.withdraw_suggestion(session, actor, expertise)
        flash("Withdrawn.", "success")
    return redirect(url_for(".suggest"))


def _place(school: School, circle: Circle) -> str:
    """The school, and for one that is not of the trust where it is."""
    town = school.town if circle is Circle.OTHERS else None
    return f"{school.name}, {town}" if town else school.name


def _criteria(*, in_trust: bool) -> ExpertCriteria:
    """What the address asks for; what it asks wrongly is left out."""
    nearest = Circle.TRUST if in_trust else Circle.SCHOOL
    circle_text = request.args.get("circle", "")
    circle = Circle(circle_text) if circle_text in list(Circle) else nearest
    topic, phase = request.args.get("topic", ""), request.args.get("phase", "")
    urn_text = request.args.get("school", "")
    is_urn = urn_text.isascii() and urn_text.isdecimal() and len(urn_text) < 10
    return ExpertCriteria(
        circle=nearest if circle is Circle.TRUST else circle,
        topic=topic if topic in current_topics().by_slug else "",
        phase=phase if phase in PHASES else "",
        urn=int(urn_text) if is_urn and circle is Circle.TRUST else None,
        words=request.args.get("q", "")[:LONGEST_WORDS].strip(),
    )
