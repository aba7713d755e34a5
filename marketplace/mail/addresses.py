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
    try:
        parts = Address(addr_spec=address)
    except Exception as error:  # the parser raises errors of many kinds
        raise ValueError("this is not an e-mail address") from error
    if not parts.username or not parts.domain or parts.addr_spec != address:
        raise ValueError("this is not an e-mail address")
    return address


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
