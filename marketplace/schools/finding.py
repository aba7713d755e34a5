"""Finding a school by its name as people type it, by its postcode, or by its URN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.schools.facts import Status
from marketplace.schools.models import LocalAuthority, School, SchoolWord, begins_with
from marketplace.schools.name_words import WEAK_WORDS, name_words
from marketplace.schools.respelling import known_words, respell
from marketplace.schools.typed_words import Term, TypedSearch, read_search
from marketplace.web.capitals import proper

CANDIDATES = 300
COUNTED = 3000
"""Where a word is in more schools than this, it does not matter how many more."""

_STATUS_ORDER = (Status.OPEN, Status.CLOSING, Status.PROPOSED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class FoundSchool:
    """One school of the register, as a list of schools shows it."""

    urn: int
    name: str
    status: Status
    place: str
    """The town, or the local authority where the register names no town."""
    authority: str
    postcode: str
    joined_at: datetime | None
    closed_on: date | None
    successor_urn: int | None
    successor_name: str | None


@dataclass(frozen=True, slots=True)
class FoundSchools:
    """The schools that were found, the best first, and how they were found."""

    schools: tuple[FoundSchool, ...] = ()
    more: bool = False
    """Whether there are more that fit."""
    is_close: bool = False
    """Whether nothing had all that was typed, so that these only come close to it."""
    nothing_typed: bool = False


def find_schools(session: Session, text: str, *, limit: int) -> FoundSchools:
    """Return the schools that people may mean by ``text``, at most ``limit``.

    Every telling word must be there, in any order, in the name, the town, the district or the
    postcode. Only where no school has all of them, words are taken for misspelt, and schools that
    have all but one of the words come as well.
    """
    typed = read_search(text)
    if typed.is_empty:
        return FoundSchools(nothing_typed=True)
    if typed.urn is not None:
        return FoundSchools(tuple(_read(session, School.urn == typed.urn)))
    ranked = _ranked(_with_all(session, typed), typed.terms)
    pairs = typed.joined_pairs()
    for word in sorted(known_words(session, pairs) if pairs else ()):
        ranked |= _ranked(_with_all(session, pairs[word]), pairs[word].terms)
    is_close = not ranked
    if is_close:
        typed = TypedSearch(terms=respell(session, typed.terms), postcodes=typed.postcodes)
        schools = _with_all(session, typed) or _with_all_but_one(session, typed)
        ranked = _ranked(schools, typed.terms)
    schools = _folded(sorted(ranked, key=ranked.__getitem__))
    return FoundSchools(tuple(schools[:limit]), more=len(schools) > limit, is_close=is_close)


def _with_all(session: Session, typed: TypedSearch) -> list[FoundSchool]:
    """The schools that have every required term, and are in the narrowest part of the postcode."""
    conditions = [_fits(term) for term in _rarest_first(session, typed.required)]
    for postcode in typed.postcodes or (None,):
        places = [SchoolWord.word == postcode] if postcode else []
        if schools := _read(session, *_has_words([*places, *conditions])):
            return schools
    return []


def _with_all_but_one(session: Session, typed: TypedSearch) -> list[FoundSchool]:
    """The schools that have all required terms but one, where there are three or more."""
    conditions = [_fits(term) for term in typed.required]
    conditions += [SchoolWord.word == postcode for postcode in typed.postcodes[-1:]]
    if len(conditions) < 2:
        return []
    hits = sa.union_all(
        *(
            sa.select(SchoolWord.school_urn, sa.literal(number).label("term")).where(condition)
            for number, condition in enumerate(conditions)
        )
    ).subquery()
    most = (
        sa.select(hits.c.school_urn)
        .group_by(hits.c.school_urn)
        .having(sa.func.count(hits.c.term.distinct()) >= len(conditions) - 1)
    )
    return _read(session, School.urn.in_(most))


def _fits(term: Term) -> sa.ColumnElement[bool]:
    """The condition that a word of a school is what was typed."""
    condition: sa.ColumnElement[bool] = SchoolWord.word.in_(sorted(term.words))
    if term.prefix is not None:
        condition = sa.or_(condition, begins_with(term.prefix))
    return condition


def _rarest_first(session: Session, terms: Sequence[Term]) -> list[Term]:
    """The terms by how many schools have them: the first one is looked up, the others checked."""
    if len(terms) < 2:
        return list(terms)
    counts = session.execute(
        sa.select(
            *(
                sa.select(sa.func.count())
                .select_from(
                    sa.select(SchoolWord.school_urn).where(_fits(term)).limit(COUNTED).subquery()
                )
                .scalar_subquery()
                for term in terms
            )
        )
    ).one()
    order = sorted(range(len(terms)), key=lambda number: (counts[number], number))
    return [terms[number] for number in order]


def _has_words(conditions: Sequence[sa.ColumnElement[bool]]) -> list[sa.ColumnElement[bool]]:
    """Conditions on a school: it has a word for the first, and one for each of the others."""
    first, *others = conditions
    found = sa.select(SchoolWord.school_urn).where(first)
    return [
        School.urn.in_(found),
        *(sa.exists().where(SchoolWord.school_urn == School.urn, other) for other in others),
    ]


def _read(session: Session, *conditions: sa.ColumnElement[bool]) -> list[FoundSchool]:
    """Read candidates: those that are open first, and of these the shortest names."""
    successor = aliased(School)
    status_order = sa.case(
        {status.value: number for number, status in enumerate(_STATUS_ORDER)}, value=School.status
    )
    rows = session.execute(
        sa.select(
            School.urn,
            School.name,
            School.status,
            School.town,
            LocalAuthority.name.label("authority"),
            School.postcode,
            School.joined_at,
            School.closed_on,
            School.successor_urn,
            successor.name.label("successor_name"),
        )
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .outerjoin(successor, successor.urn == School.successor_urn)
        .where(*conditions)
        .order_by(status_order, sa.func.length(School.search_name), School.urn)
        .limit(CANDIDATES)
    )
    return [
        FoundSchool(
            urn=row.urn,
            name=row.name,
            status=Status(row.status),
            place=proper(row.town or row.authority),
            authority=row.authority,
            postcode=row.postcode or "",
            joined_at=row.joined_at,
            closed_on=row.closed_on,
            successor_urn=row.successor_urn,
            successor_name=row.successor_name,
        )
        for row in rows
    ]


def _ranked(
    schools: list[FoundSchool], terms: Sequence[Term]
) -> dict[FoundSchool, tuple[Any, ...]]:
    """The rank of each school: what was typed exactly, names that begin with it, then open ones."""

    def rank(school: FoundSchool) -> tuple[Any, ...]:
        words = name_words(school.name)
        around = set(name_words(f"{school.place} {school.authority}"))
        begun = sum(1 for term in terms if term.words.isdisjoint({*words, *around}))
        in_name = [any(term.fits(word) for word in words) for term in terms]
        missing = sum(
            1 if term.weak else 3
            for term, is_there in zip(terms, in_name, strict=True)
            if not is_there and not any(term.fits(word) for word in around)
        )
        untyped = sum(
            1 if word in WEAK_WORDS else 3
            for word in words
            if not any(term.fits(word) for term in terms)
        )
        begins = len(terms) <= len(words) and all(
            term.fits(word) for term, word in zip(terms, words, strict=False)
        )
        kind = 0 if untyped == 0 else 1 if begins else 2
        status = _STATUS_ORDER.index(school.status)
        return missing, kind, status, in_name.count(False), begun, untyped, school.name, school.urn

    return {school: rank(school) for school in schools}


def _folded(schools: list[FoundSchool]) -> list[FoundSchool]:
    """The schools without those that have closed and whose successor is in the list itself."""
    urns = {school.urn for school in schools}
    return [
        school
        for school in schools
        if school.status != Status.CLOSED or school.successor_urn not in urns
    ]
