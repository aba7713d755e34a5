"""The content of the demo: complete, in bounds, and never about a real school.

Each test is one property of all the content, and says which entries of which files lack it.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from random import Random
from statistics import median

import pytest

from marketplace.demo.content import (
    NETWORK_ROLES,
    conversations_about,
    job_titles,
    staff_name,
)
from marketplace.demo.texts import (
    LISTING_KINDS,
    MODES,
    SCHOOL_PHASES,
    SCHOOL_ROLES,
    ConversationText,
    SchoolPhase,
    in_sentence,
    notes_for,
)
from marketplace.listings.topics import BUILT_IN, PHASES
from tests.marketplace.demo.entries import (
    CONTENT,
    CONVERSATIONS,
    LISTINGS,
    NOTES,
    OFFERS,
    REQUESTS,
    assert_empty,
    offenders,
    placed,
    repeated,
    texts_with,
)

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
TYPEWRITTEN = re.compile(r"""['"—]|\.\.\.| - |!!""")
FIRST_NAMES = {name for pool in CONTENT.name_pools for name in pool.first_names}
SURNAMES = {name for pool in CONTENT.name_pools for name in pool.surnames}


# Listings


def test_there_are_enough_listings_for_a_lively_demonstration() -> None:
    assert len(OFFERS) >= 60
    assert len(REQUESTS) >= 30
    assert_empty([place for place, listing in OFFERS.items() if listing.kind != "offer"])
    assert_empty([place for place, listing in REQUESTS.items() if listing.kind != "request"])


def test_every_listing_has_one_to_three_topics_of_the_vocabulary() -> None:
    assert_empty(offenders(lambda one: 1 <= len(one.topics) <= 3))
    assert_empty(offenders(lambda one: set(one.topics) <= BUILT_IN.by_slug.keys()))
    assert_empty(offenders(lambda one: len(set(one.topics)) == len(one.topics)))


def test_every_listing_has_one_to_three_phases_of_the_vocabulary() -> None:
    assert_empty(offenders(lambda one: 1 <= len(one.phases) <= 3))
    assert_empty(offenders(lambda one: set(one.phases) <= PHASES.keys()))
    assert_empty(offenders(lambda one: len(set(one.phases)) == len(one.phases)))


def test_every_listing_suits_some_kind_of_school() -> None:
    assert_empty(offenders(lambda one: bool(one.suits)))
    assert_empty(offenders(lambda one: set(one.suits) <= set(SCHOOL_PHASES)))
    assert_empty(offenders(lambda one: len(set(one.suits)) == len(one.suits)))


def test_every_listing_happens_in_one_of_the_modes() -> None:
    assert_empty(offenders(lambda one: one.mode in MODES))


def test_every_listing_lasts_whole_quarters_of_an_hour_within_the_limits() -> None:
    assert_empty(offenders(lambda one: one.minutes % 15 == 0))
    assert_empty(offenders(lambda one: 45 <= one.minutes <= 900))


def test_titles_and_descriptions_are_neither_too_short_nor_too_long() -> None:
    assert_empty(offenders(lambda one: 10 <= len(one.title) <= 100))
    assert_empty(offenders(lambda one: 100 <= len(one.description) <= 4000))


def test_descriptions_are_one_to_five_plain_paragraphs() -> None:
    wrong = []
    for place, listing in LISTINGS.items():
        paragraphs = listing.description.split("\n\n")
        if not 1 <= len(paragraphs) <= 5:
            wrong.append(f"{place}: {len(paragraphs)} paragraphs")
        for number, paragraph in enumerate(paragraphs, 1):
            _, *items = paragraph.split("\n")
            if paragraph != paragraph.strip() or "  " in paragraph:
                wrong.append(f"{place}: spaces in paragraph {number}")
            if not all(item.startswith("– ") for item in items):
                wrong.append(f"{place}: a line in paragraph {number} is not an item of a list")
    assert_empty(wrong)


def test_no_listing_is_written_twice() -> None:
    assert_empty(repeated((place, one.title) for place, one in LISTINGS.items()))
    assert_empty(repeated((place, one.description[:40]) for place, one in LISTINGS.items()))


def test_titles_are_as_short_as_people_write_them() -> None:
    assert_empty(offenders(lambda one: len(one.title.split()) <= 8))
    words = [len(listing.title.split()) for listing in LISTINGS.values()]
    assert 4 <= median(words) <= 5
    assert len(set(words)) >= 5


def test_every_topic_and_phase_has_something_to_show() -> None:
    assert {
        topic for listing in OFFERS.values() for topic in listing.topics
    } == BUILT_IN.by_slug.keys()
    assert {phase for listing in LISTINGS.values() for phase in listing.phases} == PHASES.keys()
    assert len({topic for listing in REQUESTS.values() for topic in listing.topics}) >= 35


def test_listings_happen_everywhere_and_at_all_lengths() -> None:
    for listings in (OFFERS, REQUESTS):
        assert {listing.mode for listing in listings.values()} == set(MODES)
    assert len({listing.minutes for listing in LISTINGS.values()}) >= 12
    assert 120 <= median(listing.minutes for listing in LISTINGS.values()) <= 180


def test_a_screen_is_not_looked_at_for_a_whole_day() -> None:
    assert_empty(offenders(lambda one: one.mode != "online" or one.minutes <= 300))


def test_every_kind_of_school_has_something_to_offer_and_to_ask() -> None:
    suited = {
        (phase, kind): sum(phase in listing.suits for listing in listings.values())
        for phase in SCHOOL_PHASES
        for kind, listings in (("offer", OFFERS), ("request", REQUESTS))
    }
    assert_empty({which: count for which, count in suited.items() if count < 10})


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
    (listing,) = (listing for listing in LISTINGS.values() if listing.title == title)
    assert listing.plausible_for(school_phase, age_low, age_high) is plausible


# Every text


def test_nothing_is_said_about_a_real_school_or_person() -> None:
    assert_empty(texts_with(ABOUT_SOMEBODY))


def test_texts_are_typeset_in_british_english() -> None:
    assert_empty(texts_with(AMERICAN))
    assert_empty(texts_with(TYPEWRITTEN))


# Conversations


def test_there_are_enough_conversations_about_each_kind() -> None:
    assert len(CONVERSATIONS) >= 30
    for kind, conversations in CONTENT.conversations.items():
        assert {conversation.kind for conversation in conversations} == {kind}
    counts = {
        (kind, mode): len(conversations_about(kind, mode))
        for kind, mode in product(LISTING_KINDS, MODES)
    }
    assert_empty({which: count for which, count in counts.items() if count < 8})


def test_conversations_are_short_and_start_differently() -> None:
    lengths = {place: len(one.messages) for place, one in CONVERSATIONS.items()}
    assert_empty({place: length for place, length in lengths.items() if not 2 <= length <= 5})
    assert_empty(
        [
            f"{place}, message {number}"
            for place, one in CONVERSATIONS.items()
            for number, message in enumerate(one.messages, 1)
            if not 0 < len(message) <= 1000
        ]
    )
    assert_empty(repeated((place, one.messages[0][:30]) for place, one in CONVERSATIONS.items()))


def test_every_conversation_can_be_filled_in() -> None:
    wrong = []
    for place, conversation in CONVERSATIONS.items():
        messages = conversation.between("Asker", "Poster", title="A title", topic="Phonics")
        if len(messages) != len(conversation.messages) or re.search(r"[{}]", "".join(messages)):
            wrong.append(place)
    assert_empty(wrong)


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
    notes = CONTENT.notes
    assert len(notes.agreed_details) >= 25
    assert len(notes.delivered) >= 25
    assert len(notes.decline_reasons) + len(notes.cancel_reasons) >= 15
    assert len(notes.send_back_reasons) >= 15


def test_notes_are_short_differ_and_exist_for_every_mode() -> None:
    places = {sort: placed("notes.toml", sort) for sort in NOTES}
    assert_empty(
        [
            place
            for sort, notes in NOTES.items()
            for place, note in zip(places[sort], notes, strict=True)
            if not 20 <= len(note.text) <= 500
        ]
    )
    assert_empty(
        {
            sort: twice
            for sort, notes in NOTES.items()
            if (
                twice := [
                    text for text, times in Counter(one.text for one in notes).items() if times > 1
                ]
            )
        }
    )
    counts = {
        (sort, mode): len(notes_for(notes, mode))
        for (sort, notes), mode in product(NOTES.items(), MODES)
    }
    assert_empty({which: count for which, count in counts.items() if count < 3})


def test_notes_for_a_call_never_speak_of_a_car_park() -> None:
    details = CONTENT.notes.agreed_details
    assert any("car park" in text for text in notes_for(details, "on_site"))
    assert_empty([text for text in notes_for(details, "online") if "car park" in text])


# People


def test_there_are_enough_names() -> None:
    assert len(FIRST_NAMES) >= 120
    assert len(SURNAMES) >= 150
    assert sum(pool.weight for pool in CONTENT.name_pools) == 100
    for pool in CONTENT.name_pools:
        for names in (pool.first_names, pool.surnames):
            assert_empty([name for name, times in Counter(names).items() if times > 1])
    odd = [name for name in FIRST_NAMES | SURNAMES if not re.fullmatch(r"[A-Z][A-Za-z’]+", name)]
    assert_empty(odd)


def test_names_follow_from_the_seed_and_come_from_the_lists() -> None:
    first, again = (Random(7), Random(7))
    drawn = [staff_name(first) for _ in range(200)]
    assert drawn == [staff_name(again) for _ in range(200)]
    assert len(set(drawn)) > 150
    assert {name for name, _ in drawn} <= FIRST_NAMES
    assert {name for _, name in drawn} <= SURNAMES


def test_every_role_at_every_kind_of_school_has_a_job() -> None:
    pairs = list(product(SCHOOL_ROLES, SCHOOL_PHASES))
    assert len(pairs) == 24
    assert_empty([pair for pair in pairs if not job_titles(*pair)])


def test_jobs_are_listed_once_and_fit_their_schools() -> None:
    titles = Counter(job.title for job in CONTENT.jobs)
    assert_empty([title for title, times in titles.items() if times > 1])
    assert "Phonics lead" not in job_titles("member", "secondary")
    assert "Exams officer" not in job_titles("member", "nursery")
    assert_empty([role for role in NETWORK_ROLES if not CONTENT.network_jobs[role]])
