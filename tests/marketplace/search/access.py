"""Who may open what of the search page (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import (
    EVERYBODY,
)

EXPECTED = {
    ("search.find", "GET", ""): EVERYBODY,
    ("search.places", "GET", ""): EVERYBODY,
    ("own_topics.tree", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("own_topics.tree", "POST", ""): "403 403 403 403 403 403 422 403 401",
    ("own_topics.change", "GET", "ours"): "403 403 403 403 403 403 200 403 in",
    ("own_topics.change", "GET", "theirs"): "403 403 403 403 403 403 200 403 in",
    ("own_topics.change", "POST", "ours"): "403 403 403 403 403 403 422 403 401",
    ("own_topics.change", "POST", "theirs"): "403 403 403 403 403 403 422 403 401",
    ("own_topics.retire", "GET", "ours"): "403 403 403 403 403 403 200 403 in",
    ("own_topics.retire", "GET", "theirs"): "403 403 403 403 403 403 200 403 in",
    ("own_topics.retire", "POST", "ours"): "403 403 403 403 403 403 422 403 401",
    ("own_topics.retire", "POST", "theirs"): "403 403 403 403 403 403 422 403 401",
    ("own_topics.bring_back", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("own_topics.bring_back", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("own_topics.take_out", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("own_topics.take_out", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("own_topics.put_back", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("own_topics.put_back", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
    ("own_words.words", "GET", ""): "403 403 403 403 403 403 200 403 in",
    ("own_words.words", "POST", ""): "403 403 403 403 403 403 422 403 401",
    ("own_words.take_away", "POST", "ours"): "403 403 403 403 403 403 302 403 401",
    ("own_words.take_away", "POST", "theirs"): "403 403 403 403 403 403 302 403 401",
}
