"""Where practice is, and where it is missing: topics by phases, and schools by topics."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.audiences.queries import takes_part, visible_to
from marketplace.listings.topics import PHASES, Topic, current_topics, topics_by_group
from marketplace.profiles.experts.models import Expertise, ExpertiseLabel, LabelKind
from marketplace.profiles.experts.queries import Circle, is_shared, of_circle
from marketplace.schools.models import School
from marketplace.schools.traits import Trait, traits_of

WHOLE_SCHOOL = "whole-school"
_AGES = {
    "early-years": (2, 5),
    "ks1": (5, 7),
    "ks2": (7, 11),
    "ks3": (11, 14),
    "ks4": (14, 16),
    "post-16": (16, 19),
}
"""From which age on pupils are in a phase, and at which they leave it."""
_OF_PHASES = {
    "early-years": ("early-years",),
    "phonics": ("early-years", "ks1", "ks2"),
    "careers": ("ks3", "ks4", "post-16", "special"),
    "exams": ("ks4", "post-16"),
    **dict.fromkeys(("governance", "senior-leadership", "peer-review"), (WHOLE_SCHOOL,)),
    **dict.fromkeys(("finance", "premises", "school-it", "office", "catering"), (WHOLE_SCHOOL,)),
}
"""The phases in which nobody misses anything else of these topics; the others are for every one."""


@dataclass(frozen=True, slots=True)
class Knower:
    """A person who shares a topic for a phase, at a school."""

    person_id: int
    name: str
    urn: int
    topic: str
    phase: str
    expertise_id: int = 0
    """The entry of the directory that says so."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Who knows something: the names, and whether it is only for the whole school."""

    names: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    """Who knows it for a whole school, where nobody knows it for this phase in particular."""
    is_expected: bool = True
    """Whether anybody can miss it: nobody does the topics of the early years in Key Stage 4."""
    entries: tuple[int, ...] = field(default=(), compare=False)
    """The number in the directory of the entry of each of those who know it."""

    @property
    def is_gap(self) -> bool:
        """Whether nobody knows it, and somebody could."""
        return self.is_expected and not self.people

    @property
    def counts(self) -> bool:
        """Whether it is either filled or a gap."""
        return self.is_expected or bool(self.people)

    @property
    def people(self) -> tuple[str, ...]:
        """Who knows it, for this phase or for the whole school."""
        return self.names or self.covered


@dataclass(frozen=True, slots=True)
class GapTable:
    """A table of who knows what; ``columns`` are the headings of the cells in each row.

    ``slugs`` are the phases, or the topics, that the columns are about.
    """

    columns: tuple[str, ...]
    slugs: tuple[str, ...] = ()
    rows: list[GapRow] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        """How many cells nobody fills."""
        return sum(cell.is_gap for row in self.rows for cell in row.cells)

    @property
    def size(self) -> int:
        """How many cells are either filled or a gap."""
        return sum(cell.counts for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class GapRow:
    """One row of the table: what it is about, and its cells."""

    label: str
    cells: tuple[Cell, ...]
    slug: str = ""
    urn: int | None = None
    group: str = ""


def list_knowers(session: Session, actor: Actor, circle: Circle) -> list[Knower]:
    """Return who knows which topic for which phase in a circle, as the actor may see it.

    One statement, whose rows grow with the colleagues of the school or the trust.
    """
    topic, phase = aliased(ExpertiseLabel), aliased(ExpertiseLabel)
    rows = session.execute(
        sa.select(
            *(Person.id, Person.name, Expertise.school_urn),
            *(topic.value, phase.value, Expertise.id),
        )
        .select_from(Expertise)
        .join(Expertise.person)
        .join(Expertise.school)
        .join(topic, sa.and_(topic.expertise_id == Expertise.id, topic.kind == LabelKind.TOPIC))
        .join(phase, sa.and_(phase.expertise_id == Expertise.id, phase.kind == LabelKind.PHASE))
        .where(is_shared(), visible_to(actor, Expertise), of_circle(actor, circle))
        .order_by(Person.name, Person.id)
    )
    return [Knower(*row) for row in rows]


def schools_in(session: Session, actor: Actor, circle: Circle) -> list[School]:
    """Return the schools of a circle that take part, by name."""
    in_circle = School.urn == actor.school()
    if circle is Circle.TRUST and actor.trust_id is not None:
        in_circle = School.trust_id == actor.trust_id
    query = sa.select(School).where(in_circle, takes_part()).order_by(School.name, School.urn)
    return list(session.scalars(query))


def phases_of(schools: Iterable[School]) -> tuple[str, ...]:
    """Return the phases that these schools teach, by the ages of their pupils.

    They are all phases if the register does not say the ages of one of them.
    """
    taught: set[str] = set()
    for school in schools:
        if Trait.SPECIAL in traits_of(school) or Trait.ALTERNATIVE in traits_of(school):
            taught.add("special")
        low, high = school.age_low, school.age_high
        if low is None or high is None:
            return tuple(PHASES)
        taught |= {slug for slug, (begin, end) in _AGES.items() if low < end and high > begin}
    taught.add(WHOLE_SCHOOL)
    return tuple(slug for slug in PHASES if slug in taught)


def topics_of(group: str) -> list[Topic]:
    """Return the topics that are offered of a group; all of them for no group."""
    offered = current_topics().offered.values()
    return [topic for topic in offered if not group or topic.group == group]


def by_phase(
    knowers: Collection[Knower], topics: Iterable[Topic], phases: Collection[str]
) -> GapTable:
    """Return the table of topics by phases."""
    table = GapTable(tuple(PHASES[slug] for slug in phases), tuple(phases))
    for topic in topics:
        known = [knower for knower in knowers if knower.topic == topic.slug]
        whole = [knower for knower in known if knower.phase == WHOLE_SCHOOL]
        cells = []
        for phase in phases:
            here = [knower for knower in known if knower.phase == phase]
            expected = phase in _OF_PHASES.get(topic.slug, PHASES)
            covering = whole if expected and phase != WHOLE_SCHOOL else []
            cells.append(_cell(here, covering, is_expected=expected))
        # What is known for every phase is not missing for the whole school.
        if phases and cells[-1].is_gap and known and not any(cell.is_gap for cell in cells[:-1]):
            cells[-1] = _cell([], known)
        table.rows.append(GapRow(topic.name, tuple(cells), slug=topic.slug, group=topic.group))
    return table


def by_school(
    knowers: Collection[Knower], topics: Collection[Topic], schools: Iterable[School]
) -> GapTable:
    """Return the table of schools by topics."""
    table = GapTable(tuple(topic.name for topic in topics), tuple(topic.slug for topic in topics))
    for school in schools:
        here = [knower for knower in knowers if knower.urn == school.urn]
        phases = phases_of([school])
        cells = tuple(
            _cell(
                [knower for knower in here if knower.topic == topic.slug],
                is_expected=not set(phases).isdisjoint(_OF_PHASES.get(topic.slug, PHASES)),
            )
            for topic in topics
        )
        table.rows.append(GapRow(school.name, cells, urn=school.urn))
    return table


def csv_rows(table: GapTable, corner: str) -> Iterator[list[str]]:
    """Yield the rows of a table as a file has them: for each cell how many, and who."""
    yield [corner, *(f"{name}{part}" for name in table.columns for part in (": people", ": who"))]
    for row in table.rows:
        cells = []
        for cell in row.cells:
            nobody = "gap" if cell.is_gap else ""
            cells += [str(len(cell.people)), "; ".join(cell.people) or nobody]
        yield [row.label, *cells]


def topic_groups() -> tuple[str, ...]:
    """Return the names of the groups that have topics, in the order of the screen."""
    return tuple(topics_by_group())


def group_of(text: str) -> str:
    """Return a group of topics by its number in an address; "" for none or another one."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 4
    number = int(text) if is_number else 0
    groups = topic_groups()
    return groups[number - 1] if 0 < number <= len(groups) else ""


def _cell(
    here: Iterable[Knower], covering: Iterable[Knower] = (), *, is_expected: bool = True
) -> Cell:
    people, others = _by_person(here), _by_person(covering)
    if people:
        others = {}
    return Cell(
        tuple(one.name for one in people.values()),
        tuple(one.name for one in others.values()),
        is_expected,
        tuple(one.expertise_id for one in (people or others).values()),
    )


def _by_person(knowers: Iterable[Knower]) -> dict[int, Knower]:
    found: dict[int, Knower] = {}
    for knower in knowers:
        found.setdefault(knower.person_id, knower)
    return found
