"""Ages of children, and grades of other countries, as the years of school that they mean."""

from __future__ import annotations

from marketplace.search.words.analysis import HIGHEST_YEAR

YOUNGEST, OLDEST = 5, 18
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth"),
)


def ages() -> dict[str, list[str]]:
    """Return the phrases for each age and grade, parted by commas, with the years they mean."""
    found: dict[str, list[str]] = {}
    for grade, ordinal in enumerate(_ORDINALS, start=1):
        found[f"grade {grade}, {ordinal} grade, {grade}{_ending(grade)} grade"] = [
            f"year {grade + 1}"
        ]
    for age in range(YOUNGEST, OLDEST + 1):
        years = [year for year in (age - 5, age - 4) if 1 <= year <= HIGHEST_YEAR]
        found[f"{age} year old, {age} year olds, age {age}, aged {age}"] = [
            f"year {year}" for year in years
        ]
    return found


def _ending(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
