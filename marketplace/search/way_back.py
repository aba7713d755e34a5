"""The search that a page was opened from: kept in the address, so that one can go back to it."""

from __future__ import annotations

from flask import request

from marketplace.search.presenters import address, search_of


def kept_search() -> str | None:
    """Return the search that led to this page, as a page that follows has it in its address."""
    words = request.args.get("search", "")
    return words if search_of(words) else None


def back_to_search() -> tuple[str, str] | None:
    """Return the address and the label of the way back to that search; None if none led here."""
    search = search_of(request.args.get("search", ""))
    return (address(search), "Back to the search") if search else None
