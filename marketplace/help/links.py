"""Links of help pages to the product: a signed-in reader gets those that they may open."""

from __future__ import annotations

import re

from flask import current_app, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from marketplace.accounts.access import may_open
from marketplace.accounts.current_user import CurrentUser

_LINK = re.compile(r'<a href="(/[^"#?]*)[^"]*">(.*?)</a>', re.DOTALL)


def with_links_for(user: CurrentUser | None, html: str) -> Markup:
    """Return an article in which the names of pages that ``user`` may not open are no links.

    A visitor who is not signed in keeps all links: they lead to the sign-in page first.
    """
    if user is None:
        return Markup(html)  # noqa: S704 - made from the articles that come with the product
    return Markup(  # noqa: S704
        _LINK.sub(lambda link: link[0] if _may_open(user, link[1]) else _name(link[2]), html)
    )


def _name(text: str) -> str:
    return f"<strong>{text}</strong>"


def _may_open(user: CurrentUser, path: str) -> bool:
    adapter = current_app.url_map.bind(request.host)
    try:
        endpoint, _ = adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return may_open(user.actor, endpoint)
