"""What listings are about: topics in groups, and the phases of education they are for.

Slugs are stored with listings and stand in addresses, so a slug never changes its meaning;
names and groups are only for people and may be reworded. Orders are the orders of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that a school can offer help with or ask for help with."""

    slug: str
    name: str
    group: str


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

GROUPS: tuple[str, ...] = tuple(_NAMES_BY_GROUP)

TOPICS: dict[str, Topic] = {
    slug: Topic(slug, name, group)
    for group, names in _NAMES_BY_GROUP.items()
    for slug, name in names.items()
}

GROUP_SLUGS: dict[str, str] = {
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
"""The groups by what stands for them in addresses; no topic has the same slug."""

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


def topics_by_group() -> dict[str, tuple[Topic, ...]]:
    """Return every topic under its group, both in the order of the screen."""
    return {
        group: tuple(TOPICS[slug] for slug in names) for group, names in _NAMES_BY_GROUP.items()
    }


def groups_of(topics: Iterable[str]) -> tuple[str, ...]:
    """Return the slugs of the groups that these topics are in, each once."""
    groups = {TOPICS[slug].group for slug in topics if slug in TOPICS}
    return tuple(slug for slug, name in GROUP_SLUGS.items() if name in groups)
