"""What the demo's texts are: listings, conversations, notes, and the names and jobs of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ListingKind = Literal["offer", "request"]
SchoolPhase = Literal["nursery", "primary", "secondary", "all-through", "16 plus", "special"]
Mode = Literal["on_site", "at_ours", "online"]
"""Where it happens: at the school that asked, at the school that gives, or on a screen.

For a request, too, “ours” is the school that gives the help.
"""
SchoolRole = Literal["member", "coordinator", "finance", "administrator"]

LISTING_KINDS: tuple[ListingKind, ...] = get_args(ListingKind)
SCHOOL_PHASES: tuple[SchoolPhase, ...] = get_args(SchoolPhase)
MODES: tuple[Mode, ...] = get_args(Mode)
SCHOOL_ROLES: tuple[SchoolRole, ...] = get_args(SchoolRole)
PLACEHOLDERS = frozenset({"topic", "title", "our_school", "their_school"})

_AGES: dict[str, tuple[int, int]] = {
    "early-years": (2, 5),
    "ks1": (5, 7),
    "ks2": (7, 11),
    "ks3": (11, 14),
    "ks4": (14, 16),
    "post-16": (16, 19),
}
_TAUGHT_IN: dict[SchoolPhase, tuple[str, ...]] = {
    "primary": ("early-years", "ks1", "ks2"),
    "secondary": ("ks3", "ks4", "post-16"),
    "all-through": tuple(_AGES),
}


@dataclass(frozen=True, slots=True)
class ListingText:
    """An offer or a request in the words of a school, without saying which.

    ``minutes`` is the suggested length, a multiple of 15. ``topics`` and ``phases`` are slugs
    of :mod:`marketplace.listings.topics`.
    """

    kind: ListingKind
    title: str
    description: str
    topics: tuple[str, ...]
    phases: tuple[str, ...]
    suits: tuple[SchoolPhase, ...]
    mode: Mode
    minutes: int

    def plausible_for(
        self, school_phase: SchoolPhase, age_low: int | None, age_high: int | None
    ) -> bool:
        """Say whether a school of this phase and these pupils’ ages could have written it.

        A sixth-form text needs a sixth form, a Reception text needs more than juniors; but a
        secondary school may well help primary pupils, whom it doesn’t have. Ages that the
        register doesn’t know do not exclude a text.
        """
        if school_phase not in self.suits:
            return False
        own = [_AGES[phase] for phase in self.phases if phase in _TAUGHT_IN.get(school_phase, ())]
        if not own or age_low is None or age_high is None:
            return True
        return any(min(high, age_high) > max(low, age_low) for low, high in own)


@dataclass(frozen=True, slots=True)
class ConversationText:
    """What two schools wrote to each other about a listing of this ``kind`` and these ``modes``.

    The asking school writes first and the schools take turns. The messages may hold the
    placeholders {topic}, {title}, {our_school} (who writes) and {their_school} (who reads).
    """

    kind: ListingKind
    messages: tuple[str, ...]
    modes: tuple[Mode, ...] = MODES

    def between(
        self, asking_school: str, posting_school: str, *, title: str, topic: str
    ) -> tuple[str, ...]:
        """Return the messages in order, filled in; ``topic`` is the topic’s name."""
        schools = (asking_school, posting_school)
        return tuple(
            message.format(
                title=title,
                topic=in_sentence(topic),
                our_school=schools[turn % 2],
                their_school=schools[(turn + 1) % 2],
            )
            for turn, message in enumerate(self.messages)
        )


def in_sentence(topic_name: str) -> str:
    """Return the topic’s name as it stands in mid-sentence: “phonics”, but “English” and “SEND”."""
    first_word = topic_name.split(maxsplit=1)[0]
    if first_word == "English" or not first_word[1:].islower():
        return topic_name
    return topic_name[0].lower() + topic_name[1:]


@dataclass(frozen=True, slots=True)
class Note:
    """A short note on an exchange that happens in one of these ``modes``."""

    text: str
    modes: tuple[Mode, ...] = MODES


def notes_for(notes: tuple[Note, ...], mode: Mode) -> tuple[str, ...]:
    """Return the texts among ``notes`` that could be about an exchange in this mode."""
    return tuple(note.text for note in notes if mode in note.modes)


@dataclass(frozen=True, slots=True)
class Notes:
    """What schools write on an exchange: what they agreed, what happened, and why not."""

    agreed_details: tuple[Note, ...]
    delivered: tuple[Note, ...]
    delivered_fewer_hours: tuple[Note, ...]
    decline_reasons: tuple[Note, ...]
    cancel_reasons: tuple[Note, ...]
    send_back_reasons: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class NamePool:
    """First names and surnames that go together; ``weight`` is its share in a hundred staff."""

    weight: int
    first_names: tuple[str, ...]
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobTitle:
    """A job at a school of these phases whose holder would play this role in the network."""

    title: str
    role: SchoolRole
    suits: tuple[SchoolPhase, ...] = SCHOOL_PHASES
