"""What a browser says of itself, in a few words."""

from __future__ import annotations

from flask import request
from ua_parser import parse

UNKNOWN = "Unknown browser"
LONGEST = 100


def device_label(user_agent: str) -> str:
    """Return the browser and the system in words, such as “Firefox on Windows”.

    It is what the browser claims: good enough for a person to recognise their own, and nothing
    to rely on.
    """
    parsed = parse(user_agent[:500])
    browser = parsed.user_agent.family if parsed.user_agent else ""
    system = parsed.os.family if parsed.os else ""
    if not browser or browser == "Other":
        return UNKNOWN
    label = f"{browser} on {system}" if system and system != "Other" else browser
    return label[:LONGEST]


def current_device() -> str:
    """Return the label of the browser that sent this request."""
    return device_label(request.user_agent.string)
