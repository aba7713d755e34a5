"""Checks of typed texts: people must be able to see them, and must not be deceived by them.

A text that only holds spaces, fillers or zero-width characters makes a link that nobody can see,
and a bidi control turns round what is shown after it.
"""

from __future__ import annotations

import unicodedata

# Characters that Unicode calls letters, marks or symbols, and that show nothing.
_BLANK = frozenset(
    "\u034f"  # combining grapheme joiner
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5"  # Khmer inherent vowels
    "\u2800"  # braille pattern blank
)
# Controls, formats, surrogates, private use and unassigned characters, spaces, and marks, which
# need a letter under them.
_INVISIBLE_CATEGORIES = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"}
)
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f"  # marks
    "\u202a\u202b\u202c\u202d\u202e"  # embeddings and overrides
    "\u2066\u2067\u2068\u2069"  # isolates
)
_LINE_SEPARATORS = frozenset("\u2028\u2029")


def visible(text: str) -> bool:
    """Say whether ``text`` holds at least one character that people can see."""
    return any(_shows(char) for char in text)


def says_something(text: str, least: int) -> bool:
    """Say whether ``text`` can mean something: at least so many letters, and not one repeated.

    A row of x's, an emoji or a few signs say nothing. A letter of a script without capitals, such
    as Chinese, may be a word of its own and counts as three.
    """
    letters = [char.casefold() for char in text if char.isalpha()]
    count = sum(1 if char.upper() != char.lower() else 3 for char in letters)
    different = len(set(letters))
    return count >= least and (different > 2 or len(letters) <= 2 * different)


def without_invisible_start(text: str) -> str:
    """Return ``text`` from its first character that people can see; empty if there is none."""
    return next((text[index:] for index, char in enumerate(text) if _shows(char)), "")


def forbidden_characters(text: str, *, several_lines: bool = False) -> tuple[str, ...]:
    """Return the characters of ``text`` that no field takes, each once, in their order.

    They are control characters, bidi controls and half surrogate pairs; in a field of one line
    also every kind of line break and the tab, which ``several_lines`` allows.
    """
    return tuple(char for char in dict.fromkeys(text) if _forbidden(char, several_lines))


def code_points(characters: tuple[str, ...]) -> str:
    """Return the names by which ``characters`` can be looked up: "U+202E, U+0001"."""
    return ", ".join(f"U+{ord(char):04X}" for char in characters)


def _forbidden(char: str, several_lines: bool) -> bool:
    if char in "\n\r\t" or char in _LINE_SEPARATORS:
        return not several_lines
    return char in _BIDI_CONTROLS or unicodedata.category(char) in ("Cc", "Cs")


def _shows(char: str) -> bool:
    return char not in _BLANK and unicodedata.category(char) not in _INVISIBLE_CATEGORIES
