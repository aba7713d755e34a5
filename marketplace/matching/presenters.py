"""What fits a listing as the templates show it, with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace.credits.formats import credits
from marketplace.listings.detail_presenters import weekdays_in_words
from marketplace.listings.models import Kind, Mode
from marketplace.listings.presenters import topic_names
from marketplace.listings.topics import PHASES
from marketplace.matching.fitting import EVERYWHERE, Fit
from marketplace.matching.queries import Chosen
from marketplace.search.presenters import not_now
from marketplace.web.formats import miles


@dataclass(frozen=True, slots=True)
class FitRow:
    """A listing that fits, as a row."""

    listing_id: int
    url: str
    title: str
    school_name: str
    school_url: str
    cost: str
    reasons: str
    enquiry_url: str | None


def fit_row(fit: Fit) -> FitRow:
    """Return what fits as its row."""
    return FitRow(
        listing_id=fit.listing_id,
        url=url_for("pages.listing", listing_id=fit.listing_id),
        title=fit.title,
        school_name=fit.school_name,
        school_url=url_for("pages.school", urn=fit.school_urn),
        cost=credits(fit.minutes),
        reasons=", ".join(reasons(fit)),
        enquiry_url=url_for("pages.conversation", enquiry_id=fit.enquiry_id)
        if fit.enquiry_id is not None
        else None,
    )


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """An offer that was ticked in a search, as a row."""

    listing_id: int
    url: str
    title: str
    school_name: str
    where: str
    cost: str
    why_not: str
    """Why its school cannot be asked; empty if it can be."""
    enquiry_url: str | None


def chosen_row(chosen: Chosen, urn: int, search: str | None) -> ChosenRow:
    """Return what the school ``urn`` has chosen as its row; ``search`` is where it was ticked."""
    result = chosen.result
    enquiry_url = None
    if chosen.enquiry_id is not None:
        enquiry_url = url_for("pages.conversation", enquiry_id=chosen.enquiry_id, search=search)
    return ChosenRow(
        listing_id=result.id,
        url=url_for("pages.listing", listing_id=result.id, search=search),
        title=result.title,
        school_name=result.school_name,
        where=miles(result.metres) if result.metres is not None else result.town or "",
        cost=credits(result.minutes),
        why_not=_why_not(chosen, urn),
        enquiry_url=enquiry_url,
    )


def _why_not(chosen: Chosen, urn: int) -> str:
    result = chosen.result
    if result.school_urn == urn:
        return "Your own school’s"
    if chosen.enquiry_id is not None:
        return "Asked already"
    if result.kind != Kind.OFFER:
        return "A request, not an offer"
    return result.mark.text if result.mark is not None else not_now(result)


def names_in_words(names: Sequence[str]) -> str:
    """Return names, each once: “Ash School”, “Ash School, Beech School and Elm School”."""
    *before, last = dict.fromkeys(names)
    return f"{', '.join(before)} and {last}" if before else last


def reasons(fit: Fit) -> list[str]:
    """Return why it fits: “Phonics”, “same key stage”, “12 miles”, “they need what you offer”."""
    said = [*topic_names(fit.topics), _phases(fit.phases) or "for the whole school"]
    if fit.mode == Mode.ONLINE:
        said.append("online")
    if fit.metres is not None:
        said.append(miles(fit.metres))
    if fit.same_trust:
        said.append("in your trust")
    elif fit.same_authority:
        said.append("in your authority")
    if fit.weekdays:
        verb = "free on" if fit.kind == Kind.OFFER else "needs it on"
        said.append(f"{verb} {weekdays_in_words(fit.weekdays)}")
    if fit.half_terms:
        said.append("in the same half-term")
    if fit.needs_ours:
        is_offer = fit.kind == Kind.OFFER
        said.append("they need what you offer" if is_offer else "they offer what you need")
    if fit.has_room:
        said.append("has room to earn")
    return said


def how_many(count: int, kind: str) -> str:
    """Return how many fit, as a sentence: “9 offers fit.”, “6 schools look for this.”"""
    if kind == Kind.OFFER:
        return "1 request looks for this" if count == 1 else f"{count:,} requests look for this"
    return "1 offer fits" if count == 1 else f"{count:,} offers fit"


def distance_phrase(count: int, within: int, kind: str) -> str:
    """Return how many fit within so many miles: “1 offer fits within 60 miles”."""
    where = "anywhere in the network" if within == EVERYWHERE else f"within {within} miles"
    return f"{how_many(count, kind)} {where}"


def to_offer(topics: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Return what a school could offer, as sentences with the address of the form for it."""
    said = []
    for topic, count in topics:
        name = topic_names([topic])[0]
        answered = "1 request near you is" if count == 1 else f"{count:,} requests near you are"
        url = url_for("listings.new", kind=Kind.OFFER.value, topic=topic)
        said.append((f"Offer help with {name}, and {answered} answered", url))
    return said


def _phases(phases: tuple[str, ...]) -> str:
    key_stages = [phase for phase in phases if phase.startswith("ks")]
    if key_stages:
        return "same key stage"
    return " and ".join(PHASES[phase].lower() for phase in phases[:2] if phase in PHASES)
