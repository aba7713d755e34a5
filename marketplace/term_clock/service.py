"""The verb of the term clock: answer."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.calendar.half_terms import HalfTerm, current_key, half_terms_from
from marketplace.clock import today
from marketplace.errors import Refusal
from marketplace.outbox.service import record
from marketplace.term_clock.events import TermAnswered
from marketplace.term_clock.models import Answer, TermAnswer

AHEAD = 6
"""A school may say not now for a school year at most; then it is asked again."""


def when_to_ask_again() -> list[HalfTerm]:
    """Return the half-terms in which a school may be asked again, the next one first."""
    return half_terms_from(today(), AHEAD + 1)[1:]


def answer(session: Session, actor: Actor, answer: str, ask_again: str | None = None) -> TermAnswer:
    """Say whether the school has hours to give in this half-term; the last answer counts.

    ``ask_again`` is the key of the half-term in which it may be asked again; without one, the
    next.

    Raises:
        NotAllowed: without the role.
        Refusal: for an answer or a half-term that cannot be chosen.
    """
    actor.require(Permission.POST_LISTINGS)
    if answer not in list(Answer):
        raise Refusal("Choose yes, maybe or no.", field="answer")
    row = session.merge(
        TermAnswer(
            school_urn=actor.school(),
            half_term=current_key(today()),
            answer=answer,
            ask_again_on=_first_day(ask_again) if answer == Answer.NO else None,
            answered_by_id=actor.person_id,
            answered_at=clock.now(),
        )
    )
    session.flush()
    record(session, TermAnswered(actor_id=actor.person_id, school_urns=(actor.school(),)))
    return row


def _first_day(key: str | None) -> date:
    choices = when_to_ask_again()
    wanted = key or choices[0].key
    for half_term in choices:
        if half_term.key == wanted:
            return half_term.starts_on
    raise Refusal("Choose when we may ask you again.", field="ask_again")
