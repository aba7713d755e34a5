"""The nine regions of England, and how people write them."""

from __future__ import annotations

import re

REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and the Humber",
)
"""As the register has them."""
_NAMES = {
    **{region.casefold(): region for region in REGIONS},
    "northeast": "North East",
    "northwest": "North West",
    "southeast": "South East",
    "southwest": "South West",
    "east england": "East of England",
    "eastern": "East of England",
    "yorkshire and humber": "Yorkshire and the Humber",
    "yorkshire and humberside": "Yorkshire and the Humber",
}
_BARE = re.compile(r"(?:the )?(.+?)(?: of england| england| region)?")


def region_of(text: str) -> str | None:
    """Return the region that a person names, such as “the North-West”; None for anything else.

    “London” alone is the town, which has a middle to measure from; “London region” is all of it.
    """
    plain = " ".join(text.casefold().replace("-", " ").replace("&", " and ").split())
    bare = _BARE.fullmatch(plain)
    if bare is None or plain == "london":
        return None
    return _NAMES.get(plain.removeprefix("the ")) or _NAMES.get(bare[1])


def in_the(region: str) -> str:
    """Return a region with its article: “the North West”, but “London”."""
    return region if region in ("London", "Yorkshire and the Humber") else f"the {region}"
