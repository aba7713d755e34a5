"""The invented words of the demonstration: complete, in bounds, and never about a real school."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random
from statistics import median
from typing import get_args

import pytest

from marketplace.demo.content.conversations import (
    CONVERSATIONS,
    ConversationText,
    conversations_about,
    in_sentence,
)
from marketplace.demo.content.listing_text import (
    MODES,
    SCHOOL_PHASES,
    ListingKind,
    ListingText,
    SchoolPhase,
    prose,
)
from marketplace.demo.content.names import (
    FIRST_NAMES,
    JOB_TITLES,
    NAME_POOLS,
    NETWORK_JOB_TITLES,
    SURNAMES,
    SchoolRole,
    job_titles,
    staff_name,
)
from marketplace.demo.content.notes import (
    AGREED_DETAILS,
    CANCEL_REASONS,
    DECLINE_REASONS,
    DELIVERED,
    DELIVERED_FEWER_HOURS,
    SEND_BACK_REASONS,
    Note,
    notes_for,
)
from marketplace.demo.content.offers import OFFERS
from marketplace.demo.content.requests import REQUESTS
from marketplace.listings.topics import PHASES, TOPICS

LISTINGS = (*OFFERS, *REQUESTS)
ALL_NOTES = {
    "agreed": AGREED_DETAILS,
    "delivered": DELIVERED,
    "delivered fewer hours": DELIVERED_FEWER_HOURS,
    "declined": DECLINE_REASONS,
    "cancelled": CANCEL_REASONS,
    "sent back": SEND_BACK_REASONS,
}
EVERY_LISTING = pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.title)

# A street address, a school’s own name or a figure of its results would be news about a real one.
ABOUT_SOMEBODY = re.compile(
    r"https?:|www\.|@|\d\s?%|£|\bSt\.? [A-Z]|\b(Academy|College|Grammar|Infant School|"
    r"Junior School|Primary School|High School)\b|\b(Mr|Mrs|Ms|Miss|Dr) [A-Z]|\bOutstanding\b",
)
AMERICAN = re.compile(
    r"\b(behavior|program|programs|color|favorite|math|organiz\w+|recogniz\w+|center|grade level"
    r"|elementary|vacation|enrollment|counselor|practicing)\b",
    re.IGNORECASE,
)


def every_text() -> Iterator[str]:
    for listing in LISTINGS:
        yield listing.title
        yield listing.description
    for conversations in CONVERSATIONS.values():
        for conversation in conversations:
            yield from conversation.messages
    for notes in ALL_NOTES.values():
        yield from (note.text for note in notes)


# Listings


def test_there_are_enough_listings_for_a_lively_demonstration() -> None:
    assert len(OFFERS) >= 60
    assert len(REQUESTS) >= 30
    assert {listing.kind for listing in OFFERS} == {"offer"}
    assert {listing.kind for listing in REQUESTS} == {"request"}


@EVERY_LISTING
def test_a_listing_keeps_within_the_vocabulary_and_the_limits(listing: ListingText) -> None:
    assert 1 <= len(listing.topics) <= 3
    assert 1 <= len(listing.phases) <= 3
    assert set(listing.topics) <= TOPICS.keys()
    assert set(listing.phases) <= PHASES.keys()
    assert listing.suits
    assert set(listing.suits) <= set(SCHOOL_PHASES)
    assert listing.mode in MODES
    for several in (listing.topics, listing.phases, listing.suits):
        assert len(set(several)) == len(several)
    assert listing.minutes % 15 == 0
    assert 45 <= listing.minutes <= 900
    assert 10 <= len(listing.title) <= 100
    assert 100 <= len(listing.description) <= 4000


@EVERY_LISTING
def test_a_description_is_plain_paragraphs(listing: ListingText) -> None:
    paragraphs = listing.description.split("\n\n")
    assert 1 <= len(paragraphs) <= 5
    for paragraph in paragraphs:
        assert paragraph == paragraph.strip()
        first, *items = paragraph.split("\n")
        assert all(item.startswith("– ") for item in items), first
        assert "  " not in paragraph


def test_no_listing_is_written_twice() -> None:
    titles = Counter(listing.title.casefold() for listing in LISTINGS)
    openings = Counter(listing.description[:40].casefold() for listing in LISTINGS)
    assert [title for title, times in titles.items() if times > 1] == []
    assert [opening for opening, times in openings.items() if times > 1] == []


def test_titles_are_as_short_as_people_write_them() -> None:
    words = [len(listing.title.split()) for listing in LISTINGS]
    assert max(words) <= 8
    assert 4 <= median(words) <= 5
    assert len(set(words)) >= 5


def test_every_topic_and_phase_has_something_to_show() -> None:
    assert {topic for listing in OFFERS for topic in listing.topics} == TOPICS.keys()
    assert {phase for listing in LISTINGS for phase in listing.phases} == PHASES.keys()
    assert len({topic for listing in REQUESTS for topic in listing.topics}) >= 35


def test_listings_happen_everywhere_and_at_all_lengths() -> None:
    for listings in (OFFERS, REQUESTS):
        assert {listing.mode for listing in listings} == set(MODES)
    assert len({listing.minutes for listing in LISTINGS}) >= 12
    assert 120 <= median(listing.minutes for listing in LISTINGS) <= 180


def test_a_screen_is_not_looked_at_for_a_whole_day() -> None:
    assert all(listing.minutes <= 300 for listing in LISTINGS if listing.mode == "online")


@pytest.mark.parametrize("school_phase", SCHOOL_PHASES)
def test_every_kind_of_school_has_something_to_offer_and_to_ask(school_phase: SchoolPhase) -> None:
    for listings in (OFFERS, REQUESTS):
        assert sum(school_phase in listing.suits for listing in listings) >= 10


@pytest.mark.parametrize(
    ("title", "school_phase", "age_low", "age_high", "plausible"),
    [
        ("Phonics coaching morning", "primary", 3, 11, True),
        ("Phonics coaching morning", "primary", 4, 7, True),
        ("Phonics coaching morning", "primary", 7, 11, False),  # juniors only
        ("Phonics coaching morning", "secondary", 11, 16, False),
        ("Phonics coaching morning", "primary", None, None, True),
        ("GCSE maths: the resit group", "secondary", 11, 18, True),
        ("GCSE maths: the resit group", "secondary", 11, 16, False),  # no sixth form
        ("GCSE maths: the resit group", "16 plus", 16, 19, True),
        ("French for non-specialists", "secondary", 11, 16, True),  # for primary pupils
        ("Bridging unit, Year 6 to 7", "primary", 4, 11, True),
        ("Bridging unit, Year 6 to 7", "primary", 4, 7, False),  # infants only
        ("Premises compliance walk", "nursery", 2, 5, True),
    ],
)
def test_a_school_writes_only_what_it_could_know(
    title: str,
    school_phase: SchoolPhase,
    age_low: int | None,
    age_high: int | None,
    plausible: bool,
) -> None:
    (listing,) = (listing for listing in LISTINGS if listing.title == title)
    assert listing.plausible_for(school_phase, age_low, age_high) is plausible


def test_prose_unwraps_paragraphs_and_keeps_lists() -> None:
    assert prose("\n  One\n  two.\n\n  Bring:\n  – a pen\n  that writes\n  – paper\n") == (
        "One two.\n\nBring:\n– a pen that writes\n– paper"
    )


# Every text


def test_nothing_is_said_about_a_real_school_or_person() -> None:
    found = [text for text in every_text() if ABOUT_SOMEBODY.search(text)]
    assert found == []


def test_texts_are_typeset_in_british_english() -> None:
    assert [text for text in every_text() if AMERICAN.search(text)] == []
    assert [text for text in every_text() if re.search(r"""['"—]|\.\.\.| - |!!""", text)] == []


# Conversations


def test_there_are_enough_conversations_about_each_kind() -> None:
    assert sum(map(len, CONVERSATIONS.values())) >= 30
    for kind in get_args(ListingKind):
        assert {conversation.kind for conversation in CONVERSATIONS[kind]} == {kind}
        assert all(len(conversations_about(kind, mode)) >= 8 for mode in MODES)


def test_conversations_are_short_and_start_differently() -> None:
    everything = [text for texts in CONVERSATIONS.values() for text in texts]
    assert all(2 <= len(text.messages) <= 5 for text in everything)
    assert all(0 < len(message) <= 1000 for text in everything for message in text.messages)
    openings = [text.messages[0][:30] for text in everything]
    assert len(set(openings)) == len(openings)


def test_every_conversation_can_be_filled_in() -> None:
    for texts in CONVERSATIONS.values():
        for text in texts:
            messages = text.between("Asker", "Poster", title="A title", topic="Phonics")
            assert len(messages) == len(text.messages)
            assert not any(re.search(r"[{}]", message) for message in messages)


def test_the_schools_take_turns_to_be_ours() -> None:
    text = ConversationText("offer", ("{our_school} to {their_school}",) * 3)
    assert text.between("Asker", "Poster", title="", topic="Phonics") == (
        "Asker to Poster",
        "Poster to Asker",
        "Asker to Poster",
    )


@pytest.mark.parametrize(
    ("name", "in_a_sentence"),
    [
        ("Phonics and early reading", "phonics and early reading"),
        ("English as an additional language", "English as an additional language"),
        ("SEND provision", "SEND provision"),
        ("NPQs and leadership development", "NPQs and leadership development"),
        ("School IT and online learning", "school IT and online learning"),
    ],
)
def test_a_topic_is_written_as_it_stands_in_a_sentence(name: str, in_a_sentence: str) -> None:
    assert in_sentence(name) == in_a_sentence


# Notes


def test_there_are_enough_notes_of_each_sort() -> None:
    assert len(AGREED_DETAILS) >= 25
    assert len(DELIVERED) >= 25
    assert len(DECLINE_REASONS) + len(CANCEL_REASONS) >= 15
    assert len(SEND_BACK_REASONS) >= 15


@pytest.mark.parametrize("notes", ALL_NOTES.values(), ids=ALL_NOTES.keys())
def test_notes_are_short_and_exist_for_every_mode(notes: tuple[Note, ...]) -> None:
    assert len({note.text for note in notes}) == len(notes)
    assert all(20 <= len(note.text) <= 500 for note in notes)
    assert all(len(notes_for(notes, mode)) >= 3 for mode in MODES)


def test_notes_for_a_call_never_speak_of_a_car_park() -> None:
    assert any("car park" in text for text in notes_for(AGREED_DETAILS, "on_site"))
    assert not any("car park" in text for text in notes_for(AGREED_DETAILS, "online"))


# People


def test_there_are_enough_names() -> None:
    assert len(set(FIRST_NAMES)) == len(FIRST_NAMES) >= 120
    assert len(set(SURNAMES)) == len(SURNAMES) >= 150
    assert sum(pool.weight for pool in NAME_POOLS) == 100
    for pool in NAME_POOLS:
        assert len(set(pool.first_names)) == len(pool.first_names)
        assert len(set(pool.surnames)) == len(pool.surnames)
    assert all(re.fullmatch(r"[A-Z][A-Za-z’]+", name) for name in (*FIRST_NAMES, *SURNAMES))


def test_names_follow_from_the_seed_and_come_from_the_lists() -> None:
    first, again = (Random(7), Random(7))
    drawn = [staff_name(first) for _ in range(200)]
    assert drawn == [staff_name(again) for _ in range(200)]
    assert len(set(drawn)) > 150
    assert {name for name, _ in drawn} <= set(FIRST_NAMES)
    assert {name for _, name in drawn} <= set(SURNAMES)


@pytest.mark.parametrize("school_phase", SCHOOL_PHASES)
@pytest.mark.parametrize("role", get_args(SchoolRole))
def test_every_role_at_every_kind_of_school_has_a_job(
    role: SchoolRole, school_phase: SchoolPhase
) -> None:
    assert job_titles(role, school_phase)


def test_jobs_are_listed_once_and_fit_their_schools() -> None:
    titles = [job.title for job in JOB_TITLES]
    assert len(set(titles)) == len(titles)
    assert "Phonics lead" not in job_titles("member", "secondary")
    assert "Exams officer" not in job_titles("member", "nursery")
    assert all(NETWORK_JOB_TITLES.values())
