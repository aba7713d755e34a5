"""Whole addresses of pages, for e-mails and other places outside the site."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from marketplace.settings import current_settings


def site_link(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page, as people open it from outside.

    It begins with ``SKILLBANK_URL``, never with what a request says of its host: whoever sends a
    request could otherwise choose where the link in another person's e-mail leads. It works
    without a request, too.
    """
    site = urlsplit(current_settings().site_url)
    adapter = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return adapter.build(endpoint, values, force_external=True)
