"""Texts that nobody can see, and characters that no field takes."""

from __future__ import annotations

import pytest

from marketplace.web.texts import (
    code_points,
    forbidden_characters,
    says_something,
    visible,
    without_invisible_start,
)

INVISIBLE = [
    *(" ", "\t", "\n", "\xa0", "\u2003", "\u3000", "\u2028"),
    *("\x01", "\x7f", "\x85", "\xad"),
    *("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\U000e0020"),
    *("\u3164", "\u2800", "\u115f", "\u1160", "\uffa0", "\u034f", "\ufe0f", "\u0301"),
    *("\ud800", "\ue000", "\u0378"),
]


@pytest.mark.parametrize("char", INVISIBLE, ids=ascii)
def test_a_text_of_what_shows_nothing_is_not_visible(char: str) -> None:
    assert not visible(char)
    assert not visible(f"{char} {char}")
    assert visible(f"{char}a{char}")
    assert without_invisible_start(f"{char} {char}é{char}") == f"é{char}"
    assert without_invisible_start(char) == ""


@pytest.mark.parametrize("text", ["a", "7", "½", "-", "é", "e\u0301", "字", "👩‍🏫", "ع", "®"])
def test_one_character_that_shows_is_enough(text: str) -> None:
    assert visible(text)
    assert forbidden_characters(text) == ()


def test_an_empty_text_is_not_visible() -> None:
    assert not visible("")


@pytest.mark.parametrize(
    "char",
    [
        *("\x00", "\x01", "\x1b", "\x7f", "\x85", "\ud800"),
        *("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"),
    ],
    ids=ascii,
)
def test_controls_are_forbidden_in_every_field(char: str) -> None:
    for several_lines in (False, True):
        assert forbidden_characters(f"a{char}b{char}", several_lines=several_lines) == (char,)


@pytest.mark.parametrize("char", ["\n", "\r", "\t", "\u2028", "\u2029"], ids=ascii)
def test_line_breaks_are_for_fields_of_several_lines(char: str) -> None:
    assert forbidden_characters(f"a{char}b") == (char,)
    assert forbidden_characters(f"a{char}b", several_lines=True) == ()


def test_characters_are_named_so_that_they_can_be_looked_up() -> None:
    assert code_points(forbidden_characters("a\u202eb\x01")) == "U+202E, U+0001"


@pytest.mark.parametrize(
    ("text", "least", "says"),
    [
        ("", 2, False),
        ("IT", 2, True),
        ("PE", 2, True),
        ("x", 2, False),
        ("xxxx", 2, False),
        ("xyxyxyxy", 2, False),
        ("😀😀😀", 2, False),
        ("语音", 2, True),
        ("Фонетика для начальной школы", 10, True),
        ("语音教学辅导", 10, True),
        ("Good help", 10, False),
        ("A colleague comes.", 10, True),
    ],
)
def test_a_row_of_signs_says_nothing(text: str, least: int, says: bool) -> None:
    assert says_something(text, least) is says
