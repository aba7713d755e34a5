"""How credits are written for people, and how typed credits are read."""

from __future__ import annotations

import re
from fractions import Fraction

_QUARTERS = {0: "", 15: "¼", 30: "½", 45: "¾"}
_TYPED_TIME = re.compile(
    r"([0-9]{1,6})(?:\s*:\s*([0-5][0-9])\s*(?:m|min)?|\s*h\s*([0-5]?[0-9])\s*(?:m|min)?)"
)
_TYPED_QUARTERS = {"¼": Fraction(1, 4), "½": Fraction(1, 2), "¾": Fraction(3, 4)}


def credit_number(minutes: int) -> str:
    """Return ``minutes`` as a number of credits: 90 is "1½", 20 is "20 min"."""
    hours, rest = divmod(abs(minutes), 60)
    if rest in _QUARTERS:
        number = f"{hours:,}" if hours or not rest else ""
        return number + _QUARTERS[rest]
    return f"{hours:,} h {rest} min" if hours else f"{rest} min"


def credits(minutes: int) -> str:
    """Return ``minutes`` as credits in words: 60 is "1 credit", −90 is "−1½ credits"."""
    number = credit_number(minutes)
    sign = "−" if minutes < 0 else ""
    if number.endswith("min"):
        return sign + number
    return f"{sign}{number} {'credit' if 0 < abs(minutes) <= 60 else 'credits'}"


def hours(minutes: int) -> str:
    """Return ``minutes`` of time that nobody pays for, in words: 60 is "1 hour", 90 "1½ hours"."""
    number = credit_number(minutes)
    if number.endswith("min"):
        return number
    return f"{number} {'hour' if 0 < minutes <= 60 else 'hours'}"


def signed_credits(minutes: int) -> str:
    """Return ``minutes`` as a signed number of credits: "+1½", "−2", "0"."""
    sign = "+" if minutes > 0 else "−" if minutes < 0 else ""
    return sign + credit_number(minutes)


def decimal_credits(minutes: int) -> str:
    """Return ``minutes`` as credits with two decimals, for columns: 1005 is "16.75".

    Minutes that are no whole hundredth of a credit are hours and minutes, never rounded: 20 is
    "0:20".
    """
    sign = "−" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    if rest % 3:
        return f"{sign}{hours:,}:{rest:02}"
    return f"{sign}{hours:,}.{rest * 100 // 60:02}"


def signed_decimal_credits(minutes: int) -> str:
    """Return ``minutes`` as decimal credits with their sign: "+2.75", "−1.50", "0.00"."""
    return f"+{decimal_credits(minutes)}" if minutes > 0 else decimal_credits(minutes)


def minutes_from_typed(text: str) -> int | None:
    """Return the minutes meant by typed credits; ``None`` if that is not without doubt.

    Credits are typed as hours: "1.5", "1½", "1:30", "1h 30", "-2", "1,000". A comma before three
    digits parts thousands, as it does in English; a comma before one digit, or before a quarter
    of an hour in two, is the decimal comma ("1,5", "0,75"). A number that is not a whole minute is
    refused, never rounded.
    """
    number_text = re.sub(r"\s*(credits?|hours?|hrs?)$", "", text.strip().lower()).replace("−", "-")
    sign = -1 if number_text.startswith("-") else 1
    hours = _hours(number_text.removeprefix("-"))
    if hours is None or (hours * 60).denominator != 1:
        return None
    return sign * int(hours * 60)


def _hours(number_text: str) -> Fraction | None:
    """The hours of a typed number without a sign."""
    if match := _TYPED_TIME.fullmatch(number_text):
        return int(match[1]) + Fraction(int(match[2] or match[3]), 60)
    if match := re.fullmatch(r"([0-9]{0,6})\s*([¼½¾])", number_text):
        return int(match[1] or 0) + _TYPED_QUARTERS[match[2]]
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3}){1,2}(\.[0-9]{1,4})?", number_text):
        return Fraction(number_text.replace(",", ""))
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,4}|,([0-9]|25|50|75))?", number_text):
        return Fraction(number_text.replace(",", "."))
    return None


def typed_credits(minutes: int) -> str:
    """Return ``minutes`` as it would be typed into a form: 90 is "1.5", 100 is "1:40"."""
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    if rest % 15 and rest % 6:
        return f"{sign}{hours}:{rest:02}"
    decimals = f"{rest * 100 // 60:02}".rstrip("0")
    return f"{sign}{hours}.{decimals}" if decimals else f"{sign}{hours}"


FILTERS = {
    function.__name__: function
    for function in (
        credits,
        credit_number,
        decimal_credits,
        hours,
        signed_credits,
        signed_decimal_credits,
        typed_credits,
    )
}
