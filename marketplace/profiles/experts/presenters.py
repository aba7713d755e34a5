"""What colleagues are good at, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace.accounts.actor import Actor
from marketplace.audiences.words import label
from marketplace.listings.topics import PHASES, current_topics
from marketplace.profiles.experts.asking import ASKED_BY_WORDS, may_ask
from marketplace.profiles.experts.models import AskedBy, Expertise, LabelKind
from marketplace.profiles.experts.vocabulary import EXPERT_ROLES
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class ExpertRow:
    """One thing that a colleague is good at, ready for a list."""

    name: str
    topics: str
    phases: str
    roles: str
    languages: str
    words: str
    may_ask: bool
    """Whether who reads it may ask the colleague."""
    is_asked: bool
    """Whether anybody may; others than these ask at the school."""
    is_own: bool
    seen_by: str
    asked_by: str
    url: str
    school_name: str = ""
    suggested_by: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What help of a colleague costs: a word for a row, and a sentence."""

    word: str
    sentence: str


def expert_row(
    expertise: Expertise,
    actor: Actor,
    at: School | None = None,
    *,
    name: str = "",
    school: str = "",
) -> ExpertRow:
    """Return a row for one thing that ``name`` is good at; its school is ``at``, or our own."""
    return ExpertRow(
        name=name,
        topics=", ".join(topic_names(expertise)),
        phases=", ".join(PHASES[slug] for slug in PHASES if slug in _slugs(expertise)),
        roles=", ".join(
            EXPERT_ROLES[slug] for slug in expertise.values(LabelKind.ROLE) if slug in EXPERT_ROLES
        ),
        languages=", ".join(expertise.values(LabelKind.LANGUAGE)),
        words=expertise.words,
        may_ask=at is not None and may_ask(actor, expertise, at),
        is_asked=expertise.asked_by != AskedBy.NOBODY,
        is_own=expertise.person_id == actor.person_id,
        seen_by=label(expertise.seen_by),
        asked_by=ASKED_BY_WORDS[AskedBy(expertise.asked_by)],
        url=url_for("experts.expert", expertise_id=expertise.id),
        school_name=school,
    )


def topic_names(expertise: Expertise) -> list[str]:
    """Return the topics of an expertise in words."""
    slugs = expertise.values(LabelKind.TOPIC)
    return [topic.name for slug, topic in current_topics().by_slug.items() if slug in slugs]


def cost_of(actor: Actor, urn: int, trust_id: int | None, *, free_in_trust: bool) -> Cost:
    """Return what help of a colleague at the school ``urn`` costs the school acted for."""
    if actor.urn == urn:
        return Cost("Free", "Help inside one school costs nothing: just ask.")
    if trust_id is not None and trust_id == actor.trust_id:
        if free_in_trust:
            return Cost(
                "Free",
                "Your trust has decided that help between its schools costs nothing: just ask.",
            )
        return Cost(
            "As agreed",
            "Help between schools of your trust costs the credits that the two schools agree. A"
            " question costs nothing.",
        )
    return Cost(
        "As agreed",
        "Help between schools costs the credits that the two schools agree. A question costs"
        " nothing.",
    )


def _slugs(expertise: Expertise) -> tuple[str, ...]:
    return expertise.values(LabelKind.PHASE)
