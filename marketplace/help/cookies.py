"""The cookies that the site sets: only those that it cannot work without."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from marketplace.accounts.known_devices import LASTS as DEVICE_LASTS
from marketplace.accounts.known_devices import cookie_name as device_cookie_name
from marketplace.settings import current_settings


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie, as the page about cookies shows it."""

    name: str
    purpose: str
    lasts: str


def cookies(app: Flask | None = None) -> list[Cookie]:
    """Return every cookie that ``app``, or the running application, sets."""
    app = app or current_app
    longest = current_settings().sign_in.longest_minutes
    return [
        Cookie(
            app.session_interface.get_cookie_name(app),
            "Keeps you signed in, and makes sure that a form was sent from our own page.",
            f"Until you sign out, or {_lasting(longest)} at most.",
        ),
        Cookie(
            device_cookie_name(app),
            "Knows the browser in which you have signed in before, so that wrong passwords that"
            " others try do not keep you out.",
            f"{DEVICE_LASTS.days} days after you last signed in. You can have it forgotten on your"
            " account page.",
        ),
    ]


def _lasting(minutes: int) -> str:
    """A time in words: whole days, or else hours."""
    days, rest = divmod(minutes, 24 * 60)
    if rest or not days:
        return f"{round(minutes / 60, 1):g} hours"
    return "1 day" if days == 1 else f"{days} days"
