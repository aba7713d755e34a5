"""Where a request comes from, as far as the proxies before the server can be trusted to say."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Believe as many entries of X-Forwarded-For and X-Forwarded-Proto as there are proxies.

    Each proxy adds an entry at the end, so the last ones are theirs and any before are claims of
    the sender. Without a proxy both headers are claims, and nothing of them is believed.
    ``X-Forwarded-Host`` is never read: a proxy passes ``Host`` as it is.
    """
    settings: Settings = app.extensions["skillbank.settings"]
    proxies = settings.site.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            KnownSchemes(app.wsgi_app), x_for=proxies, x_proto=proxies, x_host=0
        )


class KnownSchemes:
    """An application that is reached by HTTP or HTTPS, whatever else a header says."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["wsgi.url_scheme"] not in ("http", "https"):
            environ["wsgi.url_scheme"] = "http"
        return self._application(environ, start_response)


def client_address() -> str:
    """Return the address of the sender of this request, without a port; "" if there is none.

    What a proxy passes on and is no address is not believed: then it is the proxy's own address.
    An IPv4 address that is written as one of IPv6 is returned as IPv4.
    """
    address = _read(request.environ.get("REMOTE_ADDR", ""))
    if address is None:
        before_proxies = request.environ.get("werkzeug.proxy_fix.orig", {})
        address = _read(before_proxies.get("REMOTE_ADDR") or "")
    return "" if address is None else str(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text``, which may have a port: "192.0.2.1:80", "[2001:db8::1]:80"."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
