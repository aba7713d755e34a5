"""The pages on which help is proposed, and a proposal is changed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.conversations.queries import get_enquiry, thread_about
from marketplace.credits.transfers import available_minutes
from marketplace.database import db
from marketplace.exchanges import proposals, queries
from marketplace.exchanges.costs import free_within, free_within_trust
from marketplace.exchanges.day_warnings import day_warnings
from marketplace.exchanges.forms import ProposalForm
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.presenters import step_words
from marketplace.exchanges.states import Step
from marketplace.exchanges.views import AGREE, blueprint, may_take
from marketplace.exchanges.within_trust.queries import free_trust
from marketplace.exchanges.within_trust.rules import why_not_at_its_price
from marketplace.listings.models import Kind, Listing
from marketplace.listings.queries import get_listing
from marketplace.schools.models import School, Trust
from marketplace.search.way_back import kept_search
from marketplace.settings import current_policy


@blueprint.route("/messages/<int:enquiry_id>/propose", methods=["GET", "POST"])
@access(AGREE)
def propose_in_conversation(enquiry_id: int) -> ResponseReturnValue:
    """Propose an exchange to the other school of a conversation."""
    actor = current_actor()
    enquiry = get_enquiry(db.session(), enquiry_id, actor)
    other = enquiry.other(actor.school())
    trust = free_trust(db.session(), actor.trust_id, other.trust_id)
    form = ProposalForm(current_policy(), free=trust is not None, minutes=enquiry.listing.minutes)
    if form.validate_on_submit():
        exchange = proposals.propose_in_conversation(
            db.session(), actor, enquiry, form.terms(), current_policy(), idempotency_key=form.key
        )
        return _proposed(exchange)
    gives = _gives(enquiry.listing.kind, is_owner=enquiry.owner_urn == actor.urn)
    back_url = url_for("pages.conversation", enquiry_id=enquiry_id, search=kept_search())
    return _proposal_page(form, enquiry.listing, other, trust, gives=gives, back_url=back_url)


@blueprint.route("/listings/<int:listing_id>/propose", methods=["GET", "POST"])
@access(AGREE)
def propose(listing_id: int) -> ResponseReturnValue:
    """Propose an exchange to the school behind a listing."""
    actor = current_actor()
    listing = get_listing(db.session(), listing_id, actor)
    if request.method == "GET" and listing.school_urn == actor.urn:
        # A school has no exchange with itself: the listing's page says how to ask a colleague.
        return redirect(url_for("pages.listing", listing_id=listing_id))
    thread = thread_about(db.session(), actor, listing)
    back_url = url_for("pages.listing", listing_id=listing_id, search=kept_search())
    if thread is not None:
        back_url = url_for("pages.conversation", enquiry_id=thread.id, search=kept_search())
    trust = free_trust(db.session(), actor.trust_id, listing.school.trust_id)
    form = ProposalForm(current_policy(), free=trust is not None, minutes=listing.minutes)
    if form.validate_on_submit():
        exchange = proposals.propose(
            db.session(), actor, listing, form.terms(), current_policy(), idempotency_key=form.key
        )
        return _proposed(exchange)
    gives = _gives(listing.kind, is_owner=False)
    return _proposal_page(form, listing, listing.school, trust, gives=gives, back_url=back_url)


@blueprint.route("/exchanges/<int:exchange_id>/change", methods=["GET", "POST"])
@access(AGREE)
def change(exchange_id: int) -> ResponseReturnValue:
    """Change a proposal; the other school then agrees or not."""
    policy = current_policy()
    exchange = queries.get_exchange(db.session(), exchange_id, current_actor())
    is_outdated = bool(why_not_at_its_price(db.session(), exchange))
    if request.method == "GET" and (is_outdated or not may_take(exchange, Step.AMEND)):
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    form = ProposalForm(
        policy,
        free=exchange.is_free,
        details=exchange.details,
        minutes=exchange.minutes,
        on_date=exchange.on_date,
        version=exchange.version,
    )
    if form.validate_on_submit():
        proposals.amend(
            db.session(),
            current_actor(),
            exchange,
            form.terms(),
            policy,
            version=form.seen_version,
        )
        flash("Changed. It is now the other school’s turn to agree.", "success")
        _warn_of_day(exchange)
        return redirect(url_for(".exchange", exchange_id=exchange_id))
    words = step_words(exchange, Step.AMEND)
    gives = exchange.provider_urn == current_actor().urn
    page = render_template(
        "exchanges/change.html",
        form=form,
        exchange=exchange,
        words=words,
        free_within=free_within(exchange),
        available=_available(pays=not gives and not exchange.is_free),
    )
    return page, form.status


def _proposal_page(
    form: ProposalForm,
    listing: Listing,
    other: School,
    trust: Trust | None,
    *,
    gives: bool,
    back_url: str,
) -> ResponseReturnValue:
    """The form of a proposal to ``other``; within ``trust`` the help is free, if there is one."""
    page = render_template(
        "exchanges/propose.html",
        form=form,
        title=listing.title,
        other=other,
        gives=gives,
        available=_available(pays=not gives and trust is None),
        free_within=free_within_trust(trust.name) if trust is not None else "",
        back_url=back_url,
    )
    return page, form.status


def _gives(kind: str, *, is_owner: bool) -> bool:
    """Say whether the school that looks at the page provides the help."""
    return is_owner if kind == Kind.OFFER else not is_owner


def _available(*, pays: bool) -> int | None:
    """The minutes that the school can still give, if it is the one that would pay."""
    return available_minutes(db.session(), current_actor().school()) if pays else None


def _proposed(exchange: Exchange) -> ResponseReturnValue:
    flash("Proposed. The other school has been asked to agree.", "success")
    _warn_of_day(exchange)
    return redirect(url_for(".exchange", exchange_id=exchange.id))


def _warn_of_day(exchange: Exchange) -> None:
    """Say over the next page if the proposed day is not a school day at one of the schools."""
    for words in day_warnings(db.session(), exchange):
        flash(words, "warning")
