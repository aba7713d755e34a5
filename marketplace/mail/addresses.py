"""Addresses: whether one can stand in a header, and the address that e-mails come from."""

from __future__ import annotations

from email.headerregistry import Address
from urllib.parse import urlsplit

from marketplace.mail.models import LONGEST_ADDRESS
from marketplace.settings import Settings


def checked_address(text: str) -> str:
    """Return an e-mail address as it is stored and compared: in lower case.

    Raises:
        ValueError: if it is not one plain address; it could otherwise add headers or recipients.
    """
    address = text.strip().lower()
    if not 3 <= len(address) <= LONGEST_ADDRESS or not address.isprintable() or " " in address:
        raise ValueError("this is not an e-mail address")
    # The parser takes no name beyond ASCII, which is of no matter for what it looks for here.
    alike = "".join(char if char.isascii() else "x" for char in address)
    try:
        wire_address(address)
        parts = Address(addr_spec=alike)
    except Exception as error:  # the parser raises errors of many kinds
        raise ValueError("this is not an e-mail address") from error
    if not parts.username or not parts.domain or parts.addr_spec != alike:
        raise ValueError("this is not an e-mail address")
    return address


def wire_address(address: str) -> str:
    """Return ``address`` with its domain in the letters of ASCII, as mail servers name it.

    Raises:
        ValueError: if its domain cannot be written so.
    """
    name, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{name}{at}{domain.encode('idna').decode('ascii')}"


def sender_address(settings: Settings) -> str:
    """Return the address that e-mails come from."""
    return settings.mail.sender or f"skillbank@{sender_domain(settings)}"


def sender_domain(settings: Settings) -> str:
    """Return the domain that stands in the Message-ID and that greets the mail server."""
    if settings.mail.sender:
        return settings.mail.sender.rpartition("@")[2]
    host = urlsplit(settings.site_url).hostname or ""
    # A number is not the domain of an address: it is that of a machine on which one tries things.
    return host if any(char.isalpha() for char in host) and ":" not in host else "localhost"
