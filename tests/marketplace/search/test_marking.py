"""Which words of a text are marked: what the search hit, and nothing is lost or added."""

from __future__ import annotations

import pytest

from marketplace.search.words.asked import meanings
from marketplace.search.words.marking import LONGEST_LINE, Marker
from marketplace.search.words.vocabulary import vocabulary


def marker(text: str) -> Marker:
    return Marker((one for one in meanings(text) if not one.weak), vocabulary())


def hits(searched: str, text: str) -> list[str]:
    return [part.text for part in marker(searched).mark(text) if part.is_hit]


@pytest.mark.parametrize(
    ("searched", "text", "expected"),
    [
        ("coaching", "We coached; coaches’ coaching.", ["coached", "coaches", "coaching"]),
        ("KS2", "Key Stage 2, and ks2 too", ["Key Stage 2", "ks2"]),
        ("pe", "P.E. for all", ["P.E"]),
        ("Year 6", "Our Y6 class, Year 6", ["Y6", "Year 6"]),
        ("phonics", "Early reading with Café Phonics", ["Early reading", "Phonics"]),
        ("reading", "Phonics is narrower", ["Phonics"]),
        ("help", "help", ["help"]),
        ("phonics", "nothing of it", []),
        ("", "Phonics", []),
        ("phonics", "", []),
        ("key stage", "stage key", ["stage", "key"]),
    ],
)
def test_words_are_marked_as_they_were_searched(
    searched: str, text: str, expected: list[str]
) -> None:
    assert hits(searched, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<b>Phonics</b> & more", "phonics" * 3, "🦄 phonics 🦄", "ﬁne phonics", "x" * 10_000,
        "phonics, " * 500, "Key", "key stage", "\n\tPhonics\n",
    ],
)  # fmt: skip
def test_the_pieces_together_are_the_text(text: str) -> None:
    for searched in ("phonics", "key stage 2", "reading help"):
        assert "".join(part.text for part in marker(searched).mark(text)) == text


def test_a_line_shows_the_first_hit() -> None:
    text = "Before it. " * 40 + "Then phonics comes. " + "After it. " * 40
    parts = marker("phonics").line(text)
    line = "".join(part.text for part in parts)
    assert line.startswith("… ")
    assert line.endswith(" …")
    assert "phonics" in line[:80]
    assert len(line) <= LONGEST_LINE + 4
    whole = marker("phonics").line("Short  text\nof it")
    assert [part.text for part in whole] == ["Short text of it"]
