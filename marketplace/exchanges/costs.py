"""What an exchange costs, in words: credits, or nothing within a trust that helps for nothing."""

from __future__ import annotations

from marketplace.credits.formats import credits, hours
from marketplace.exchanges.models import Exchange
from marketplace.web.capitals import proper


def amount(exchange: Exchange, minutes: int) -> str:
    """Return ``minutes`` of the exchange in words: "3 credits", or "3 hours" of free help."""
    return hours(minutes) if exchange.is_free else credits(minutes)


def cost(exchange: Exchange) -> str:
    """Return what counts now of the exchange: "3 credits", or "3 hours, free"."""
    words = amount(exchange, exchange.figure)
    return f"{words}, free" if exchange.is_free else words


def free_within(exchange: Exchange) -> str:
    """Return "Free within Harbour Learning Trust"; "" for help that costs credits.

    The trust is that of the proposal: a school may have left it since.
    """
    return "" if exchange.free_trust is None else free_within_trust(exchange.free_trust.name)


def free_within_trust(name: str) -> str:
    """Return that help is free within the trust of this name."""
    return f"Free within {proper(name)}"


FILTERS = {"amount": amount, "cost": cost, "free_within": free_within}
