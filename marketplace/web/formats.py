"""How credits, dates and distances are written for people, and how typed credits are read."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
METRES_PER_MILE = 1609.344

_QUARTERS = {0: "", 15: "¼", 30: "½", 45: "¾"}
_TYPED_QUARTERS = {"¼": Fraction(1, 4), "½": Fraction(1, 2), "¾": Fraction(3, 4)}


def credit_number(minutes: int) -> str:
    """``minutes`` as a number of credits: 90 is "1½"; what is no quarter keeps its minutes."""
    hours, rest = divmod(abs(minutes), 60)
    if rest in _QUARTERS:
        number = f"{hours:,}" if hours or not rest else ""
        return number + _QUARTERS[rest]
    return f"{hours:,} h {rest} min" if hours else f"{rest} min"


def credits(minutes: int) -> str:
    """``minutes`` as credits in words: 60 is "1 credit", −90 is "−1½ credits"."""
    number = credit_number(minutes)
    sign = "−" if minutes < 0 else ""
    if number.endswith("min"):
        return sign + number
    return f"{sign}{number} {'credit' if 0 < abs(minutes) <= 60 else 'credits'}"


def signed_credits(minutes: int) -> str:
    """``minutes`` as a signed number of credits: "+1½", "−2", "0"."""
    sign = "+" if minutes > 0 else "−" if minutes < 0 else ""
    return sign + credit_number(minutes)


def minutes_from_typed(text: str) -> int | None:
    """The minutes meant by typed credits ("1.5", "1½", "2", "1:30", "1h 30"); ``None`` if none.

    Exact: a number that is no whole minute is refused, never rounded.
    """
    typed = re.sub(r"\s*(credits?|hours?|hrs?)$", "", text.strip().lower()).replace("−", "-")
    if match := re.fullmatch(r"(-?\d{1,6})\s*(?::|h)\s*([0-5]?\d)\s*(?:m|min)?", typed):
        return int(match[1]) * 60 + int(match[2])
    if match := re.fullmatch(r"(\d{0,6})\s*([¼½¾])", typed):
        value = Fraction(int(match[1] or 0)) + _TYPED_QUARTERS[match[2]]
    elif re.fullmatch(r"-?\d{1,6}(?:[.,]\d{1,4})?", typed):
        value = Fraction(typed.replace(",", "."))
    else:
        return None
    minutes = value * 60
    return int(minutes) if minutes.denominator == 1 else None


def typed_credits(minutes: int) -> str:
    """``minutes`` as it would be typed into a form: 90 is "1.5"."""
    hours = Fraction(minutes, 60)
    if 100 % hours.denominator == 0:
        return f"{float(hours):g}"
    return f"{minutes // 60}:{minutes % 60:02}"


def day(value: date | datetime) -> str:
    """A date in full: "23 November 2026" (in Europe/London)."""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%B %Y}"


def short_day(value: date | datetime) -> str:
    """A date in short: "23 Nov 2026" (in Europe/London)."""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%b %Y}"


def moment(value: datetime) -> str:
    """An instant: "23 Nov 2026, 14:05" (in Europe/London)."""
    value = value.astimezone(LONDON)
    return f"{short_day(value)}, {value:%H:%M}"


def today() -> date:
    """The day it is in the schools: Europe/London."""
    return datetime.now(LONDON).date()


def miles(metres: float) -> str:
    """A distance: "under 1 mile", "12 miles"."""
    distance = metres / METRES_PER_MILE
    if distance < 1:
        return "under 1 mile"
    rounded = round(distance)
    return f"{rounded} mile" if rounded == 1 else f"{rounded:,} miles"


_SMALL_WORDS = frozenset({"and", "at", "for", "in", "of", "on", "the", "with"})


def proper(name: str) -> str:
    """A name that the register gives in capitals, as it would be written: "The Oak Trust"."""
    if not name.isupper():
        return name
    words = [
        word if word in _SMALL_WORDS and place else word[:1].upper() + word[1:]
        for place, word in enumerate(name.lower().split())
    ]
    return " ".join(words)


FILTERS = {
    function.__name__: function
    for function in (
        credits,
        credit_number,
        signed_credits,
        typed_credits,
        day,
        short_day,
        moment,
        miles,
        proper,
    )
}
