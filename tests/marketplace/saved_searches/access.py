"""Who may open what of saved searches (see ``tests.marketplace.test_access``).

A saved search is one person's: "ours" is the coordinator's, "theirs" one of another school's.
"""

from __future__ import annotations

from tests.marketplace.outcomes import SCHOOL_ONLY

EXPECTED: dict[tuple[str, str, str], str] = {
    ("saved_searches.ours", "GET", ""): SCHOOL_ONLY,
    ("saved_searches.new", "GET", ""): SCHOOL_ONLY,
    ("saved_searches.new", "POST", ""): "422 422 422 422 422 422 403 403 401",
    ("saved_searches.saved", "GET", "ours"): "404 200 404 404 404 404 403 403 in",
    ("saved_searches.saved", "GET", "theirs"): "404 404 404 404 404 404 403 403 in",
    ("saved_searches.saved", "POST", "ours"): "404 422 404 404 404 404 403 403 401",
    ("saved_searches.saved", "POST", "theirs"): "404 404 404 404 404 404 403 403 401",
    ("saved_searches.delete", "POST", "theirs"): "404 404 404 404 404 404 403 403 401",
    ("saved_searches.delete", "POST", "ours"): "404 302 404 404 404 404 403 403 401",
    ("saved_searches.unsubscribe", "GET", "ours"): "200 200 200 200 200 200 200 200 200",
    ("saved_searches.unsubscribe", "POST", "ours"): "200 200 200 200 200 200 200 200 200",
}
