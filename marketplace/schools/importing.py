"""Importing the register: its schools are added to the database and kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.models import LocalAuthority, School, SuccessorCandidate
from marketplace.schools.register import Register, RegisterProblem, SchoolRow, open_register
from marketplace.schools.successors import ENDED, Candidate, choose, readings, rivals
from marketplace.schools.trusts import TrustRegister
from marketplace.schools.word_index import index_schools

Progress = Callable[[str, int, int], None]
"""Called with what is being read (“schools” or “links”), bytes done, and bytes in all."""

_BATCH = 1000
_SCHOOL = cast(sa.Table, School.__table__)
_AUTHORITY = cast(sa.Table, LocalAuthority.__table__)
_CANDIDATE = cast(sa.Table, SuccessorCandidate.__table__)

# What the network knows of a school, and no row of the register has.
_OURS = {"joined_at", "first_week_dismissed_at", "paused_at", "pause_reason", "left_at"}
_OURS |= {"continued_by_urn"}
# The columns an import writes; the successor comes from the links.
_FACTS = tuple(
    column.name for column in _SCHOOL.columns if column.name not in _OURS | {"urn", "successor_urn"}
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import read and did."""

    added: int
    changed: int
    unchanged: int
    left_out: int
    """Rows that could not be used; each has a problem."""
    newly_closed: tuple[int, ...]
    """URNs of schools that were open here and are closed now."""
    reopened: tuple[int, ...]
    """URNs of schools that were closed here and no longer are."""
    renamed: tuple[int, ...]
    """URNs of schools that had another name here."""
    successors: int
    """Schools whose successor was set, changed or removed."""
    groups: int
    """Local authorities and trusts that were added or changed."""
    problems: tuple[RegisterProblem, ...]

    @property
    def read(self) -> int:
        """How many schools the file holds."""
        return self.added + self.changed + self.unchanged + self.left_out

    @property
    def closed(self) -> int:
        """How many schools have closed since the last import."""
        return len(self.newly_closed)

    @property
    def did_nothing(self) -> bool:
        """Whether the database said all this already."""
        return not (self.added or self.changed or self.successors or self.groups)


def import_register(
    session: Session, *paths: Path, progress: Progress | None = None
) -> ImportResult:
    """Bring the schools up to date with the register in ``paths``: its zip, or its CSV files.

    Add and update schools, local authorities and trusts, and name the successors of schools
    that are closed or about to close. Delete nothing: a school that is not in the files stays as
    it is, since extracts may be partial, and so does every fact of which the files say nothing.
    The same files a second time change nothing. The caller commits, and acts on
    ``newly_closed``, ``reopened`` and ``renamed`` in the same transaction.

    Raises:
        RegisterError: if the files cannot be used at all; roll back.
    """
    session.flush()
    with open_register(*paths) as register:
        work = _Import(session, register, progress)
        work.schools()
        work.trusts()
        work.words()
        work.links()
        session.expire_all()
        return work.result()


class _Import:
    """One run of an import: what it has read of the database, and its counts."""

    def __init__(self, session: Session, register: Register, progress: Progress | None) -> None:
        self._session = session
        self._register = register
        self._progress = progress
        self._authorities = dict(
            session.execute(sa.select(_AUTHORITY.c.code, _AUTHORITY.c.name)).all()
        )
        self._trusts = TrustRegister(session)
        self._added = self._changed = self._unchanged = self._successors = self._groups = 0
        self._newly_closed: list[int] = []
        self._reopened: list[int] = []
        self._renamed: list[int] = []
        self._renamed_authorities: set[str] = set()

    def result(self) -> ImportResult:
        """Return what the import has done."""
        return ImportResult(
            added=self._added,
            changed=self._changed,
            unchanged=self._unchanged,
            left_out=self._register.rows_left_out,
            newly_closed=tuple(self._newly_closed),
            reopened=tuple(self._reopened),
            renamed=tuple(self._renamed),
            successors=self._successors,
            groups=self._groups,
            problems=tuple(self._register.problems),
        )

    def schools(self) -> None:
        """Add and update the schools, a batch at a time."""
        for rows in _batches(self._register.schools()):
            self._save_authorities(rows)
            self._save_schools(rows)
            self._tell("schools", self._register.schools_progress)
        self._tell("schools", self._register.schools_progress)

    def trusts(self) -> None:
        """Write what became known of the trusts, after the last school."""
        self._groups += self._trusts.finish()

    def words(self) -> None:
        """Let the schools of a local authority be found by its new name."""
        if self._renamed_authorities:
            schools = sa.select(_SCHOOL.c.urn).where(
                _SCHOOL.c.local_authority_code.in_(self._renamed_authorities)
            )
            index_schools(self._session, self._session.scalars(schools).all())

    def _save_authorities(self, rows: list[SchoolRow]) -> None:
        names = {row.local_authority_code: row.local_authority_name for row in rows}
        new = [
            {"code": code, "name": name}
            for code, name in names.items()
            if code not in self._authorities
        ]
        renamed = [
            {"the_code": code, "name": name}
            for code, name in names.items()
            if self._authorities.get(code, name) != name
        ]
        self._execute(sa.insert(_AUTHORITY), new)
        self._execute(
            sa.update(_AUTHORITY).where(_AUTHORITY.c.code == sa.bindparam("the_code")), renamed
        )
        self._renamed_authorities |= {authority["the_code"] for authority in renamed}
        self._authorities |= names
        self._groups += len(new) + len(renamed)

    def _save_schools(self, rows: list[SchoolRow]) -> None:
        current = {
            school.urn: school
            for school in self._session.execute(
                sa.select(_SCHOOL.c.urn, *(_SCHOOL.c[fact] for fact in _FACTS)).where(
                    _SCHOOL.c.urn.in_([row.urn for row in rows])
                )
            )
        }
        trust_ids = self._trusts.trust_ids(
            rows, {urn: school.trust_id for urn, school in current.items()}
        )
        new, changed = [], []
        for row in rows:
            before = current.get(row.urn)
            facts = _facts(row, before)
            if row.urn in trust_ids:
                facts["trust_id"] = trust_ids[row.urn]
            if before is None:
                new.append(facts | {"urn": row.urn})
            elif any(facts[fact] != value for fact, value in zip(_FACTS, before[1:], strict=True)):
                changed.append(facts | {"the_urn": row.urn})
                self._note_closing(row.urn, before.status, row.status)
                if facts["name"] != before.name:
                    self._renamed.append(row.urn)
        self._execute(sa.insert(_SCHOOL), new)
        self._execute(sa.update(_SCHOOL).where(_SCHOOL.c.urn == sa.bindparam("the_urn")), changed)
        index_schools(
            self._session, [row["urn"] for row in new] + [row["the_urn"] for row in changed]
        )
        self._added += len(new)
        self._changed += len(changed)
        self._unchanged += len(rows) - len(new) - len(changed)

    def _note_closing(self, urn: int, before: str, now: str) -> None:
        if before == now:
            return
        if now == Status.CLOSED:
            self._newly_closed.append(urn)
        elif before == Status.CLOSED:
            self._reopened.append(urn)

    def links(self) -> None:
        """Name the successors of schools that are closed or about to close.

        A school the links file says nothing of keeps the successor it has.
        """
        cleared = self._session.execute(
            sa.update(_SCHOOL)
            .where(_SCHOOL.c.status.not_in(ENDED), _SCHOOL.c.successor_urn.is_not(None))
            .values(successor_urn=None)
        )
        candidates = self._candidates()
        states = self._states(candidates)
        successors = choose(candidates, states)
        changed = [
            {"the_urn": urn, "successor_urn": successor}
            for urn, successor in successors.items()
            if states[urn][1] != successor
        ]
        statement = sa.update(_SCHOOL).where(_SCHOOL.c.urn == sa.bindparam("the_urn"))
        for batch in _batches(changed):
            self._execute(statement, batch)
        self._successors = cast(sa.CursorResult[Any], cleared).rowcount + len(changed)
        self._save_rivals(set(candidates), rivals(candidates, states))

    def _save_rivals(self, linked: set[int], several: dict[int, frozenset[int]]) -> None:
        """Write which schools have several successors; forget it of those that now have one."""
        stored = {
            tuple(row)
            for row in self._session.execute(
                sa.select(_CANDIDATE.c.school_urn, _CANDIDATE.c.candidate_urn)
            )
            if row[0] in linked
        }
        named = {(urn, candidate) for urn, chosen in several.items() for candidate in chosen}
        gone = sorted({urn for urn, _ in stored - named})
        for batch in _batches(gone):
            self._session.execute(sa.delete(_CANDIDATE).where(_CANDIDATE.c.school_urn.in_(batch)))
        stored -= {row for row in stored if row[0] in set(gone)}
        new = sorted(named - stored)
        self._execute(
            sa.insert(_CANDIDATE),
            [{"school_urn": urn, "candidate_urn": candidate} for urn, candidate in new],
        )

    def _candidates(self) -> dict[int, list[Candidate]]:
        """The possible successors of every school that a link names as the older one."""
        candidates: dict[int, list[Candidate]] = {}
        for links in _batches(self._register.links()):
            for link in links:
                for old, candidate in readings(link):
                    candidates.setdefault(old, []).append(candidate)
            self._tell("links", self._register.links_progress)
        return candidates

    def _states(self, candidates: dict[int, list[Candidate]]) -> dict[int, tuple[str, int | None]]:
        """The status and present successor of every school in ``candidates`` that exists."""
        urns = set(candidates) | {
            candidate.urn for choices in candidates.values() for candidate in choices
        }
        states: dict[int, tuple[str, int | None]] = {}
        for batch in _batches(sorted(urns)):
            schools = self._session.execute(
                sa.select(_SCHOOL.c.urn, _SCHOOL.c.status, _SCHOOL.c.successor_urn).where(
                    _SCHOOL.c.urn.in_(batch)
                )
            )
            states |= {urn: (status, successor) for urn, status, successor in schools}
        return states

    def _execute(self, statement: sa.Insert | sa.Update, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._session.execute(statement, rows)

    def _tell(self, noun: str, progress: tuple[int, int]) -> None:
        if self._progress is not None:
            self._progress(noun, *progress)


def _facts(row: SchoolRow, before: sa.Row[Any] | None) -> dict[str, Any]:
    """The row as the table holds it; what the file says nothing of stays as it was."""
    return {
        fact: getattr(before, fact, None)
        if fact in row.unread or fact == "trust_id"
        else getattr(row, fact)
        for fact in _FACTS
    }


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        yield batch
