"""Which hosts are this site's own, and which site a form comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from flask import request

from marketplace.settings import Settings, current_settings

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


class Origin(StrEnum):
    """Which site a form was sent from, as the browser says."""

    OURS = "ours"
    ANOTHER = "another"
    UNKNOWN = "unknown"


def host_is_ours(host: str, settings: Settings) -> bool:
    """Say whether ``host`` (with or without a port) is one under which the site answers."""
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return False
    if not settings.production and match[1] in LOCAL_HOSTS:
        return True
    name = urlsplit(settings.site_url).hostname or ""
    return match[1] == (f"[{name}]" if ":" in name else name)


def form_origin() -> Origin:
    """Return where this form comes from.

    Browsers say so in ``Sec-Fetch-Site``, which no page can forge, and older ones in ``Origin``.
    A proxy for privacy may take out both; then only the token of the form speaks for it. So does
    it where a page has no origin ("null"), and where a person has the browser send a form again.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site", "")
    if fetch_site == "same-origin":
        return Origin.OURS
    if fetch_site in ("cross-site", "same-site"):
        return Origin.ANOTHER
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return Origin.UNKNOWN
    return Origin.OURS if origin.lower() in _own_origins() else Origin.ANOTHER


def _own_origins() -> Iterator[str]:
    """The address of the site, and the one of this request, whose host is a trusted one."""
    yield current_settings().site_url.lower()
    yield f"{request.scheme}://{request.host}".lower()
