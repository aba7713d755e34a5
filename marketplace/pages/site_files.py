"""The files that browsers and search engines look for at the root of every site."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access

ROBOTS = "User-agent: *\nAllow: /$\nAllow: /static/\nDisallow: /\n"
"""Search engines may list the front page; every other page is for schools."""


@access(PUBLIC)
def robots() -> ResponseReturnValue:
    """Tell search engines which pages they may list."""
    return Response(ROBOTS, mimetype="text/plain")


@access(PUBLIC)
def favicon() -> ResponseReturnValue:
    """Lead to the icon of the site."""
    return redirect(url_for("static", filename="mark.svg"), 301)
