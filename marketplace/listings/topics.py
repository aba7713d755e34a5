"""What listings are about: topics in groups, and the phases of education they are for.

The product comes with topics of its own; the operator adds others and renames, moves and retires
them while it runs. So ask ``current_topics()`` each time. Slugs are stored with listings and stand
in addresses, so a slug never changes its meaning; names and groups are only for people. Orders are
the orders of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, has_app_context

from marketplace.errors import Refusal

if TYPE_CHECKING:
    from flask import Flask

KEY = "skillbank.listings.topics"
LONGEST_SLUG = 40
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that a school can offer help with or ask for help with."""

    slug: str
    name: str
    group: str
    """The name of its group."""
    retired: bool = False
    """It stays on what has it, and is not offered for anything new."""
    successor: str = ""
    """The topic that a retired one leads to, or “”."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the operator said of a topic or a group, in place of what the product says."""

    slug: str
    name: str
    group: str
    """The slug of a topic’s group; “” for a group itself."""
    retired: bool = False
    successor: str = ""


class Topics:
    """The topics and groups that there are at one time; it never changes, so caches may keep it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        said = {
            **{slug: Entry(slug, name, "") for slug, name in _GROUPS.items()},
            **{
                slug: Entry(slug, name, group)
                for group, group_name in _GROUPS.items()
                for slug, name in _NAMES_BY_GROUP[group_name].items()
            },
        }
        for entry in entries:
            said[entry.slug] = entry
        topics = [entry for entry in said.values() if entry.group]
        used = {entry.group for entry in topics}
        self.slugs: frozenset[str] = frozenset(said)
        """Every slug that was ever given to a topic or a group."""
        self.retired_groups: dict[str, str] = {}
        """The names of the groups that are not shown any more, by their slugs."""
        self.groups: dict[str, str] = {}
        """The names of the groups, by their slugs; no topic has the same slug."""
        for entry in said.values():
            if not entry.group:
                # A new version of the product may bring a topic into a group that was retired.
                hidden = entry.retired and entry.slug not in used
                (self.retired_groups if hidden else self.groups)[entry.slug] = entry.name
        self.group_of: dict[str, str] = {entry.slug: entry.group for entry in topics}
        """The slug of the group of each topic."""
        self.by_slug: dict[str, Topic] = {
            entry.slug: Topic(
                entry.slug, entry.name, self.groups[entry.group], entry.retired, entry.successor
            )
            for group in self.groups
            for entry in topics
            if entry.group == group
        }
        """Every topic, the retired ones too, in the order of the screen."""
        self.offered: dict[str, Topic] = {
            slug: topic for slug, topic in self.by_slug.items() if not topic.retired
        }
        """Every topic that something new can have."""
        self._in_group = {
            group: tuple(one for one in self.by_slug.values() if self.group_of[one.slug] == group)
            for group in self.groups
        }

    def in_group(self, group: str) -> tuple[Topic, ...]:
        """Return all topics of a group by its slug, the retired ones too."""
        return self._in_group.get(group, ())

    def name_of(self, slug: str) -> str:
        """Return the name of a topic or a group; what is neither is its own name."""
        topic = self.by_slug.get(slug)
        return self.groups.get(slug, slug) if topic is None else topic.name

    def led_to(self, slug: str) -> str:
        """Return the topic that a retired one leads to at last; any other one is itself."""
        seen = {slug}
        while (topic := self.by_slug.get(slug)) is not None and topic.retired and topic.successor:
            if topic.successor in seen:
                break
            slug = topic.successor
            seen.add(slug)
        return slug


_NAMES_BY_GROUP: dict[str, dict[str, str]] = {
    "Early years and early reading": {
        "early-years": "Early years provision",
        "phonics": "Phonics and early reading",
        "starting-school": "Starting and changing school",
    },
    "English and languages": {
        "reading": "Reading",
        "writing": "Writing and spelling",
        "oracy": "Oracy",
        "english": "English language and literature",
        "mfl": "Modern foreign languages",
    },
    "Mathematics, science and technology": {
        "maths": "Mathematics",
        "maths-mastery": "Maths mastery",
        "science": "Science",
        "computing": "Computing",
        "design-technology": "Design and technology",
    },
    "Humanities, arts and PE": {
        "history": "History",
        "geography": "Geography",
        "re": "Religious education",
        "art-design": "Art and design",
        "music": "Music",
        "drama": "Drama and dance",
        "pe": "Physical education",
        "outdoor-learning": "Outdoor learning and forest school",
    },
    "SEND and inclusion": {
        "send": "SEND provision",
        "autism": "Autism and neurodiversity",
        "speech-language": "Speech, language and communication",
        "eal": "English as an additional language",
        "disadvantage": "Pupil premium and disadvantage",
        "high-attainers": "High prior attainers",
    },
    "Behaviour and pastoral care": {
        "behaviour": "Behaviour",
        "attendance": "Attendance",
        "safeguarding": "Safeguarding and DSL supervision",
        "mental-health": "Mental health and wellbeing",
        "pshe": "PSHE and relationships education",
        "careers": "Careers and work experience",
        "families": "Family engagement",
    },
    "Curriculum and assessment": {
        "curriculum": "Curriculum planning",
        "assessment": "Assessment and moderation",
        "data": "Data and tracking",
        "exams": "Exams office",
    },
    "Leadership and governance": {
        "senior-leadership": "Senior leadership",
        "middle-leadership": "Middle leadership",
        "governance": "Governance",
        "peer-review": "Self-evaluation and peer review",
    },
    "Professional development": {
        "ect-mentoring": "ECT mentoring and teacher training",
        "coaching": "Instructional coaching",
        "npq": "NPQs and leadership development",
        "support-staff": "Teaching assistants and support staff",
    },
    "Running the school": {
        "timetabling": "Timetabling",
        "finance": "Business management and finance",
        "premises": "Premises and health and safety",
        "school-it": "School IT and online learning",
        "office": "School office and data protection",
        "catering": "Catering and lunchtimes",
    },
}

_GROUPS: dict[str, str] = {
    "first-years": "Early years and early reading",
    "english-languages": "English and languages",
    "maths-science": "Mathematics, science and technology",
    "humanities-arts": "Humanities, arts and PE",
    "send-inclusion": "SEND and inclusion",
    "pastoral": "Behaviour and pastoral care",
    "curriculum-assessment": "Curriculum and assessment",
    "leading": "Leadership and governance",
    "developing-staff": "Professional development",
    "running": "Running the school",
}
"""The groups of the product by what stands for them in addresses."""

PHASES: dict[str, str] = {
    "early-years": "Early years",
    "ks1": "Key Stage 1",
    "ks2": "Key Stage 2",
    "ks3": "Key Stage 3",
    "ks4": "Key Stage 4",
    "post-16": "Post-16",
    "special": "Special and alternative provision",
    "whole-school": "Whole school",
}


BUILT_IN = Topics()
"""The topics of the product as it comes."""


def set_topics(app: Flask, read: Callable[[], Topics]) -> None:
    """Let ``read`` say which topics there are now."""
    app.extensions[KEY] = read


def current_topics() -> Topics:
    """Return the topics as they are now: those of the product, with what the operator changed."""
    if not has_app_context():
        return BUILT_IN
    read: Callable[[], Topics] | None = current_app.extensions.get(KEY)
    return BUILT_IN if read is None else read()


def topics_by_group() -> dict[str, tuple[Topic, ...]]:
    """Return every topic that is offered under the name of its group, in the order of the screen.

    A group in which nothing is offered is left out.
    """
    grouped: dict[str, list[Topic]] = {}
    for topic in current_topics().offered.values():
        grouped.setdefault(topic.group, []).append(topic)
    return {group: tuple(topics) for group, topics in grouped.items()}


def refuse_retired(topics: Iterable[str], had: Iterable[str] = ()) -> None:
    """Refuse a retired topic for what is new; what had it may keep it.

    Raises:
        Refusal: at the field of the topics, with the topic that it leads to.
    """
    known = current_topics()
    for slug in sorted(set(topics) - set(had)):
        topic = known.by_slug.get(slug)
        if topic is None or not topic.retired:
            continue
        successor = known.offered.get(known.led_to(slug))
        instead = "another topic" if successor is None else f"“{successor.name}” in its place"
        raise Refusal(f"“{topic.name}” is not offered any more. Choose {instead}.", field="topics")


def groups_of(topics: Iterable[str]) -> tuple[str, ...]:
    """Return the slugs of the groups that these topics are in, each once."""
    known = current_topics()
    groups = {known.group_of[slug] for slug in topics if slug in known.group_of}
    return tuple(slug for slug in known.groups if slug in groups)
