"""The files that browsers, search engines and researchers look for at set places of every site."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import PUBLIC, access
from marketplace.settings import current_settings
from marketplace.web.addresses import site_link

PUBLIC_PAGES = (
    "/$",
    "/find-your-school$",
    "/offers",
    "/help",
    "/privacy",
    "/accessibility",
    "/terms",
    "/cookies",
    "/contact",
)
ROBOTS = "".join(
    [
        "User-agent: *\n",
        *(f"Allow: {path}\n" for path in (*PUBLIC_PAGES, "/.well-known/", "/static/")),
        "Disallow: /\n",
    ]
)
"""Search engines may list the public pages; every other page is for schools."""

SECURITY_TXT_DAYS = 90
"""How far ahead ``security.txt`` expires; RFC 9116 recommends less than a year."""


@access(PUBLIC)
def robots() -> ResponseReturnValue:
    """Tell search engines which pages they may list."""
    return Response(ROBOTS, mimetype="text/plain")


@access(PUBLIC)
def favicon() -> ResponseReturnValue:
    """Lead to the icon of the site."""
    return redirect(url_for("static", filename="mark.svg"))


@access(PUBLIC)
def security_txt() -> ResponseReturnValue:
    """Tell researchers where to report a weakness (RFC 9116).

    Without an address in the settings it names the page that says how to reach the operator.
    """
    site = current_settings().site
    contact = site.security_contact or site.contact_email
    if not contact:
        contact = site_link("help.contact")
    elif not contact.startswith("https://"):
        contact = f"mailto:{contact}"
    day = clock.now().astimezone(UTC).date() + timedelta(days=SECURITY_TXT_DAYS)
    fields = {
        "Contact": contact,
        "Expires": datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Preferred-Languages": "en",
        "Canonical": site_link("pages.security_txt"),
        "Policy": site_link("help.contact"),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return Response(text, mimetype="text/plain")


@access(PUBLIC)
def old_security_txt() -> ResponseReturnValue:
    """Lead from the older place of ``security.txt`` to the present one."""
    return redirect(url_for("pages.security_txt"), 301)
