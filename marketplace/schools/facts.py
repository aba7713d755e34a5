"""The words the marketplace has for a school's facts, and how the register's become ours."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit


class Status(StrEnum):
    """Whether a school is open; what ``School.status`` holds."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    PROPOSED = "proposed"

    @property
    def label(self) -> str:
        """What people read."""
        return _STATUS_LABELS[self]


class Phase(StrEnum):
    """The stage of education; what ``School.phase`` holds.

    The register gives most special schools and pupil referral units no phase, and so do we:
    their ages say whom they teach.
    """

    NURSERY = "nursery"
    PRIMARY = "primary"
    MIDDLE_PRIMARY = "middle-primary"
    MIDDLE_SECONDARY = "middle-secondary"
    SECONDARY = "secondary"
    ALL_THROUGH = "all-through"
    SIXTEEN_PLUS = "16-plus"

    @property
    def label(self) -> str:
        """What people read; also the register's own wording."""
        return _PHASE_LABELS[self]


class SizeBand(StrEnum):
    """How big a school is by its pupils, whatever their age; what ``School.size_band`` holds.

    The bands halve and double around the median English school, which has about 250 pupils.
    """

    VERY_SMALL = "very-small"
    """Fewer than 100 pupils."""
    SMALL = "small"
    """100 to 249 pupils."""
    MEDIUM = "medium"
    """250 to 499 pupils."""
    LARGE = "large"
    """500 to 999 pupils."""
    VERY_LARGE = "very-large"
    """1,000 pupils or more."""

    @property
    def label(self) -> str:
        """What people read."""
        return _SIZE_LABELS[self]


class UrbanRural(StrEnum):
    """Whether a school is in a town or in the country; what ``School.setting`` holds."""

    URBAN = "urban"
    RURAL = "rural"

    @property
    def label(self) -> str:
        """What people read."""
        return self.value.capitalize()


_STATUS_LABELS = {
    Status.OPEN: "Open",
    Status.CLOSING: "Open, but proposed to close",
    Status.CLOSED: "Closed",
    Status.PROPOSED: "Proposed to open",
}

_PHASE_LABELS = {
    Phase.NURSERY: "Nursery",
    Phase.PRIMARY: "Primary",
    Phase.MIDDLE_PRIMARY: "Middle deemed primary",
    Phase.MIDDLE_SECONDARY: "Middle deemed secondary",
    Phase.SECONDARY: "Secondary",
    Phase.ALL_THROUGH: "All-through",
    Phase.SIXTEEN_PLUS: "16 plus",
}

_SIZE_LABELS = {
    SizeBand.VERY_SMALL: "Fewer than 100 pupils",
    SizeBand.SMALL: "100 to 249 pupils",
    SizeBand.MEDIUM: "250 to 499 pupils",
    SizeBand.LARGE: "500 to 999 pupils",
    SizeBand.VERY_LARGE: "1,000 pupils or more",
}

_SIZE_ENDS = (
    (100, SizeBand.VERY_SMALL),
    (250, SizeBand.SMALL),
    (500, SizeBand.MEDIUM),
    (1000, SizeBand.LARGE),
)

# The classifications of 2001, 2011 and 2021 and the Scottish one word it differently; a rural
# town is rural, and so is "Larger rural: Nearer to a major town or city", so rural comes first.
_RURAL = re.compile(r"\b(rural|village|hamlet|fringe)\b", re.IGNORECASE)
_URBAN = re.compile(r"\b(urban|conurbation|city|town)\b", re.IGNORECASE)

_SCHEME = re.compile(r"(https?):/*", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\"\\^`{|}@\[\]]+")
_HOST = re.compile(r"([a-z0-9]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}\.?(:\d{1,5})?", re.IGNORECASE)


REGIONS = (
    "North East",
    "North West",
    "Yorkshire and the Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
)
"""The nine regions of England, as ``School.region`` holds them."""


@lru_cache(maxsize=1024)
def bare_words(text: str) -> str:
    """Return the words of ``text`` in lower case, without the characters between them.

    The register writes a word of a closed list as “All-through” in one extract and as
    “All through” in the next.
    """
    return " ".join(re.findall(r"\w+", text.casefold()))


def size_band(pupils: int | None) -> SizeBand | None:
    """Return the band of a school with so many ``pupils``, or None if their number is not known."""
    if pupils is None:
        return None
    return next((band for end, band in _SIZE_ENDS if pupils < end), SizeBand.VERY_LARGE)


def setting(text: str | None) -> UrbanRural | None:
    """Return urban or rural, from any wording of the official rural-urban classification."""
    if text is None:
        return None
    if _RURAL.search(text):
        return UrbanRural.RURAL
    return UrbanRural.URBAN if _URBAN.search(text) else None


def search_name(text: str) -> str:
    """Return ``text`` as it is searched for: in lower case, without accents or punctuation.

    The name and the typed words both go through this, so that “st marys ce”
    finds “St Mary’s C.E. Primary School”.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    # “C.E.” is one word, “St.Mary’s” two.
    plain = re.sub(r"['’‘`]|(?<=\b\w)\.", "", plain.casefold()).replace("&", " and ")
    return " ".join(re.findall(r"\w+", plain))[:200]


def website(text: str) -> str:
    """Return ``text`` as a web address that is safe to link to: http or https, and a host.

    Most addresses in the register have no scheme; they get ``http``, which every site still
    answers, if only with a redirection.

    Raises:
        ValueError: if ``text`` is anything else, such as an e-mail address or a script.
    """
    scheme, rest = "http", text
    if match := _SCHEME.match(text):
        scheme, rest = match[1].lower(), text[match.end() :]
    if not _ADDRESS.fullmatch(rest):
        raise ValueError("is not a web address")
    address = urlsplit(f"{scheme}://{rest}")
    host = address.netloc.lower()
    if not _HOST.fullmatch(host):
        raise ValueError("is not a web address")
    return address._replace(netloc=host).geturl()
