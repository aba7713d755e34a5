"""Who may open what of the term clock (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import FORM_OF_COORDINATORS, SEND_OF_COORDINATORS

EXPECTED = {
    ("term_clock.clock", "GET", ""): FORM_OF_COORDINATORS,
    ("term_clock.clock", "POST", ""): SEND_OF_COORDINATORS,
    ("term_clock.press", "POST", ""): SEND_OF_COORDINATORS,
}
