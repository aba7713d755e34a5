"""How far and from where, in the words of a search: “within 10 miles of Hull”, “near us”."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HERE = r"(?:us|me|here|home|our school|my school|our area|my area)"
_MILES = re.compile(
    r"\b(?:(?:with)?in|under|up to|less than|no more than|not more than|about|around)?\s*(?:a\s+)?"
    r"\b(?P<number>[0-9]{1,3})[ -]?(?:miles?|mi)\b"
    r"(?:\s+(?:radius|drive|away|distance))?(?:\s+(?:of|from|around))?"
    rf"(?P<here>\s+{_HERE}\b)?",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"\b(?:within|under|up to|less than)\s+(?:an?\s+|half an\s+|[0-9]{1,3}\s*)"
    r"(?:hours?|minutes?|mins?)\b"
    rf"(?:['’]s?)?(?:\s+drive)?(?:\s+(?:of|from|away))?(?P<here>\s+{_HERE}\b)?",
    re.IGNORECASE,
)
_NEAR_US = re.compile(
    rf"\b(?:near(?:est)?|close|nearby|round|around)\s+(?:to\s+)?{_HERE}\b"
    r"|\bin (?:our|my|the|this) (?:local )?area\b"
    r"|\b(?:nearby|locally|close by|nearest|local to us)\b",
    re.IGNORECASE,
)
_NEAR = re.compile(r"\b(?:near(?: to)?|close to)\s+(?=[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Distance:
    """What a search says about where, and the rest of its words."""

    rest: str
    miles: int | None = None
    near_us: bool = False
    place: str = ""
    """Words that begin with the name of a place, if they are a place; not in ``rest``."""


def read_distance(text: str) -> Distance:
    """Return what a search says about where."""
    for pattern in (_MILES, _MINUTES):
        if match := pattern.search(text):
            number = match.groupdict().get("number")
            before, after = text[: match.start()], text[match.end() :]
            miles = int(number) if number else None
            if match["here"] or not after.strip():
                return Distance(f"{before} {after}", miles, near_us=True)
            return Distance(before, miles, place=after)
    if match := _NEAR_US.search(text):
        return Distance(f"{text[: match.start()]} {text[match.end() :]}", near_us=True)
    if match := _NEAR.search(text):
        return Distance(text[: match.start()], place=text[match.end() :])
    return Distance(text)
