"""Who may open what of the search page (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    EVERYBODY,
)

EXPECTED = {
    ("search.find", "GET", ""): EVERYBODY,
}
