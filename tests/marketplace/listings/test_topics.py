"""The vocabulary of listings."""

from __future__ import annotations

import re

import pytest

from marketplace.listings.topics import BUILT_IN, PHASES, topics_by_group

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_slugs_can_stand_in_an_address_and_name_their_topic() -> None:
    for slug, topic in BUILT_IN.by_slug.items():
        assert topic.slug == slug
        assert SLUG.fullmatch(slug)
        assert len(slug) <= 40
    assert all(SLUG.fullmatch(slug) for slug in PHASES)


def test_no_two_topics_or_phases_look_alike_to_a_person() -> None:
    names = [topic.name.casefold() for topic in BUILT_IN.by_slug.values()]
    assert len(names) == len(set(names))
    assert len(set(PHASES.values())) == len(PHASES) <= 9


def test_grouping_keeps_every_topic_once_and_in_order() -> None:
    grouped = topics_by_group()
    assert tuple(grouped) == tuple(BUILT_IN.groups.values())
    assert [topic for topics in grouped.values() for topic in topics] == list(
        BUILT_IN.by_slug.values()
    )
    assert all(topic.group == group for group, topics in grouped.items() for topic in topics)
    assert all(len(topics) >= 2 for topics in grouped.values())


@pytest.mark.parametrize(
    "slug", ["phonics", "mfl", "send", "governance", "timetabling", "early-years", "behaviour"]
)
def test_the_subjects_schools_ask_for_first_are_there(slug: str) -> None:
    assert slug in BUILT_IN.by_slug


def test_a_group_cannot_be_emptied_through_the_answer() -> None:
    topics_by_group().clear()
    assert topics_by_group()
