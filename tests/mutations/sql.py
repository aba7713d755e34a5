"""The ways to change a text of SQL, PL/pgSQL or a SQLite trigger, one place at a time.

The text is split into words; what is changed still parses in most cases, because an operand ends
at the words that can end one, on its own level of brackets and CASEs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\{\w*\}|<<\w+>>|<>|<=|>=|!=|:=|=>|\|\||::|\w+|\S", re.DOTALL
)
_TRIGGER = re.compile(
    r"^CREATE TRIGGER .*?^END;|^CREATE OR REPLACE TRIGGER .*?;", re.MULTILINE | re.DOTALL
)

OTHER = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "+": "-", "-": "+",
    "AND": "OR", "OR": "AND", "IS": "IS NOT", "EXISTS": "NOT EXISTS", "TRUE": "FALSE",
    "FALSE": "TRUE", "MIN": "max", "MAX": "min", "LEAST": "greatest", "GREATEST": "least",
    "NOT": "", "DESC": "", "DISTINCT": "",
}  # fmt: skip
"""What is put in the place of one word."""

CONDITION_BEGINS = {"WHERE", "WHEN", "IF", "ELSIF", "ON", "HAVING"}
CLAUSE_ENDS = {
    "THEN", ";", "GROUP", "ORDER", "HAVING", "LIMIT", "WINDOW", "RETURNING", "UNION", "BEGIN",
    "ELSE", "LOOP", ",", "AS", "DO", "FOR", "FROM", "INTO", "EXECUTE", "WHEN", "WHERE", "JOIN",
    "LEFT", "ROWS", "DESC", "ON",
}  # fmt: skip
"""What ends a condition on its own level, besides the bracket or CASE that it is in."""
ORDER_ENDS = CLAUSE_ENDS - {",", "DESC"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of SQL, where it is, and in how many brackets and CASEs."""

    name: str
    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Change:
    """The text from ``start`` to ``end`` becomes ``new``."""

    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """The whole text with this change."""
        return text[: self.start] + self.new + text[self.end :]

    def excerpts(self, text: str) -> tuple[str, str]:
        """The place before and after, with some of what stands around it."""
        ahead = re.sub(r"^.*\s(?=.{40})", "", text[: self.start].rpartition("\n")[2])
        behind = re.sub(r"(?<=.{30})\s.*$", "", text[self.end :].partition("\n")[0])
        before = text[self.start : self.end]
        return _one_line(ahead + before + behind), _one_line(ahead + self.new + behind)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:80] + " … " + line[-37:]


def words_of(text: str) -> list[Word]:
    """The words of a text without its comments; the names in capitals, strings as they are."""
    words: list[Word] = []
    inside: list[str] = []
    for match in _WORD.finditer(text):
        name = match[0] if match[0].startswith("'") else match[0].upper()
        if name.startswith(("--", "/*")):
            continue
        closes = name in (")", "]") or (name == "END" and inside[-1:] == ["CASE"])
        if closes and inside:
            inside.pop()
        words.append(Word(name, match.start(), match.end(), len(inside)))
        if name in ("(", "[", "CASE"):
            inside.append(name)
    return words


def changes_of(text: str) -> Iterator[Change]:
    """Every change of a text of SQL."""
    words = words_of(text)
    between = _between(words)
    for place, word in enumerate(words):
        if place in between or _makes(words, place):
            continue
        yield from _changed_word(words, place)
        if word.name in ("AND", "OR"):
            yield from _without_operand(words, place, between)
        phrase = [one.name for one in words[place : place + 4]]
        if word.name == "WHERE":
            yield Change(word.start, _end(words, place, CLAUSE_ENDS), "")
        elif phrase[:2] == ["ORDER", "BY"]:
            yield Change(word.start, _end(words, place, ORDER_ENDS), "")
        elif phrase[:2] == ["LOCK", "TABLE"]:
            yield Change(word.start, _end(words, place, {";"}), "NULL")
        elif phrase == ["FOR", "NO", "KEY", "UPDATE"]:
            yield Change(word.start, _end(words, place, {";", "LOOP"}), "")
    for match in _TRIGGER.finditer(text):
        yield Change(match.start(), match.end(), "")


def _changed_word(words: list[Word], place: int) -> Iterator[Change]:
    """Another word in the place of one."""
    word = words[place]
    before = words[place - 1].name if place else ""
    after = words[place + 1].name if place + 1 < len(words) else ""
    new = OTHER.get(word.name)
    match word.name:
        case "=" if _assigns(words, place):
            return
        case "IS" if after == "NOT":
            return
        case "EXISTS" if before == "NOT" or after != "(":
            return
        case "NOT" if before != "IS" and (after == "NULL" or (before, after) == ("IF", "EXISTS")):
            return
        case "DISTINCT" if before in ("IS", "NOT"):
            return
        case "MIN" | "MAX" | "LEAST" | "GREATEST" if after != "(":
            return
        case "IN" if after == "(" and before != "NOT":
            new = "NOT IN"
        case name if name.isdecimal() and before not in ("SELECT", "PERFORM", "BY", "::"):
            new = str(int(name) + 1)
        case name if name.startswith("'") and before in ("(", "[", ",") and after == ",":
            if place > 1 and _lists_texts(words, place):
                yield Change(word.start, words[place + 1].end, "")
            return
    if new is not None:
        yield Change(word.start, word.end, new)


def _makes(words: list[Word], place: int) -> bool:
    """Whether an OR belongs to CREATE OR REPLACE, or to the events of a trigger."""
    makes = {"CREATE", "INSERT", "UPDATE", "DELETE"}
    return words[place].name == "OR" and words[place - 1].name in makes


def _assigns(words: list[Word], place: int) -> bool:
    """Whether an equals sign gives a value to a column, a setting or a part of an error."""
    level = words[place].level
    if words[place - 2].name not in ("SET", "USING", ","):
        return False
    for word in reversed(words[:place]):
        if word.level < level or word.name == ";":
            return False
        if word.level == level and word.name in ("SET", "USING"):
            return True
        if word.level == level and word.name in ("SELECT", "FROM", "WHERE", "WHEN", "THEN"):
            return False
    return False


def _lists_texts(words: list[Word], place: int) -> bool:
    """Whether a text stands in a list of texts after IN or ARRAY."""
    while words[place].name.startswith("'") or words[place].name == ",":
        place -= 1
    return words[place].name in ("(", "[") and words[place - 1].name in ("IN", "ARRAY")


def _between(words: list[Word]) -> set[int]:
    """The places of the ANDs that belong to a BETWEEN."""
    places = set()
    for place, word in enumerate(words):
        if word.name == "BETWEEN":
            places.add(
                next(
                    later
                    for later in range(place, len(words))
                    if words[later].name == "AND" and words[later].level == word.level
                )
            )
    return places


def _without_operand(words: list[Word], place: int, between: set[int]) -> Iterator[Change]:
    """Drop what stands after AND or OR, and, where a condition begins, what stands before."""
    word = words[place]
    end = _end(words, place, CLAUSE_ENDS | {"AND", "OR"}, between)
    yield Change(word.start, end, "")
    for earlier in range(place - 1, -1, -1):
        name, level = words[earlier].name, words[earlier].level
        if level > word.level or earlier in between:
            continue
        opens = level < word.level and name == "(" and words[earlier + 1].name != "SELECT"
        if opens or (level == word.level and name in CONDITION_BEGINS):
            yield Change(words[earlier].end, word.end, "")
        elif level == word.level and name not in CLAUSE_ENDS | {"AND", "OR"}:
            continue
        return


def _end(words: list[Word], place: int, ends: set[str], besides: set[int] = frozenset()) -> int:
    """Where what begins at ``place`` ends: before the first word of ``ends`` on its level."""
    level = words[place].level
    for later in range(place + 1, len(words)):
        word = words[later]
        if word.level < level:
            return word.start
        is_part = later in besides or (word.name == "FROM" and words[later - 1].name == "DISTINCT")
        if word.level == level and word.name in ends and not is_part:
            return word.start
    return words[-1].end
