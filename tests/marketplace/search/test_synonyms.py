"""The words a search treats as the same."""

from __future__ import annotations

from collections import Counter

import pytest

from marketplace.search.synonyms import ONE_WAY, TWO_WAY

PHRASES = [phrase for group in TWO_WAY for phrase in group]
ANSWERS = [phrase for phrases in ONE_WAY.values() for phrase in phrases]


def test_there_are_enough_groups_to_be_worth_having() -> None:
    assert len(TWO_WAY) >= 60
    assert len(ONE_WAY) >= 30


def test_every_phrase_is_written_as_a_search_would_fold_it() -> None:
    for phrase in [*PHRASES, *ONE_WAY, *ANSWERS]:
        assert phrase == " ".join(phrase.lower().split())
        assert phrase.isascii()


def test_a_phrase_means_only_one_thing() -> None:
    repeated = [phrase for phrase, times in Counter(PHRASES).items() if times > 1]
    assert repeated == []


def test_every_group_says_at_least_two_ways_of_putting_it() -> None:
    assert all(len(group) >= 2 for group in TWO_WAY)


def test_one_way_never_repeats_itself_or_what_two_way_says() -> None:
    group_of = {phrase: group for group in TWO_WAY for phrase in group}
    for phrase, answers in ONE_WAY.items():
        assert len(set(answers)) == len(answers)
        assert phrase not in answers
        assert not set(answers) & set(group_of.get(phrase, ()))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mfl", "modern foreign languages"),
        ("sen", "special educational needs"),
        ("eyfs", "early years"),
        ("phonics", "early reading"),
        ("dt", "design technology"),
        ("pe", "physical education"),
        ("re", "religious education"),
        ("ect", "nqt"),
        ("subject leader", "head of department"),
        ("gdpr", "data protection"),
    ],
)
def test_an_abbreviation_and_its_long_form_are_one_group(typed: str, meant: str) -> None:
    assert any(typed in group and meant in group for group in TWO_WAY)


def test_a_search_for_languages_finds_french_but_not_the_other_way_round() -> None:
    assert "french" in ONE_WAY["mfl"]
    assert "french" not in ONE_WAY
    assert "french" not in PHRASES
