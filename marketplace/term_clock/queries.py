"""Reading the term clock: what a school has said, and whether it may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.calendar.half_terms import current_key, half_term_name
from marketplace.clock import today
from marketplace.errors import Refusal
from marketplace.term_clock.models import Answer, TermAnswer
from marketplace.web.formats import day

WORDS = {
    Answer.YES: "Has hours to give",
    Answer.MAYBE: "May have hours to give",
    Answer.NO: "No hours to give",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a school has said last, if it still counts."""

    answer: Answer
    half_term: str
    ask_again_on: date | None

    @property
    def not_now(self) -> bool:
        """Whether nobody may ask it at present."""
        return self.ask_again_on is not None and today() < self.ask_again_on

    @property
    def words(self) -> str:
        """It in words, for other schools."""
        if self.ask_again_on is not None:
            return f"{WORDS[self.answer]}: ask again from {day(self.ask_again_on)}"
        return f"{WORDS[self.answer]} in {half_term_name(self.half_term)}"

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        tones = {Answer.YES: "success", Answer.MAYBE: "info", Answer.NO: "warning"}
        return tones[self.answer]


def standing_answer(session: Session, urn: int) -> Standing | None:
    """Return what the school has said, if it counts today; None if it is to be asked."""
    row = session.execute(_last_answer(), {"urn": urn}).first()
    if row is None:
        return None
    standing = Standing(Answer(row.answer), row.half_term, row.ask_again_on)
    if standing.answer is Answer.NO:
        return standing if standing.not_now else None
    return standing if row.half_term == current_key(today()) else None


@cache
def _last_answer() -> sa.Select[*tuple[Any, ...]]:
    """What the school ``urn`` has said last; made once, as each start page asks for it."""
    return (
        sa.select(TermAnswer.answer, TermAnswer.half_term, TermAnswer.ask_again_on)
        .where(TermAnswer.school_urn == sa.bindparam("urn"))
        .order_by(TermAnswer.answered_at.desc(), TermAnswer.half_term.desc())
        .limit(1)
    )


def ask_again_on(urn: sa.orm.InstrumentedAttribute[int]) -> sa.ScalarSelect[date | None]:
    """Return the day from which the school ``urn`` may be asked again, as a part of a statement.

    It may have passed; it is null where the school's last answer was not that it has no hours.
    """
    return (
        sa.select(TermAnswer.ask_again_on)
        .where(TermAnswer.school_urn == urn)
        .order_by(TermAnswer.answered_at.desc(), TermAnswer.half_term.desc())
        .limit(1)
        .scalar_subquery()
    )


def may_be_asked(urn: sa.orm.InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """Return the condition that the school ``urn`` may be asked for help today."""
    since = ask_again_on(urn)
    return sa.or_(since.is_(None), since <= today())


def refuse_if_not_now(session: Session, urn: int, name: str) -> None:
    """Refuse to ask the school ``name`` for help while it has said not now.

    Raises:
        Refusal: saying from when on it may be asked.
    """
    standing = standing_answer(session, urn)
    if standing is not None and standing.not_now and standing.ask_again_on is not None:
        raise Refusal(
            f"{name} has no hours to give at present and asks not to be asked before"
            f" {day(standing.ask_again_on)}. Look for another school, or come back then."
        )
