"""Who may open what of profiles (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import SCHOOL_ONLY

OF_HEADS = "403 403 403 200 403 403 403 403 in"
OF_STAFF = "200 200 200 200 403 200 403 403 in"
# Each says it of themselves only: the coordinator of "ours" is another person than who shared it.
OF_ITS_PERSON = "404 404 404 404 403 404 403 403 in"
SEND_OF_ITS_PERSON = "404 404 404 404 403 404 403 403 401"

EXPECTED = {
    ("experts.find", "GET", ""): SCHOOL_ONLY,
    ("experts.mine", "GET", ""): OF_STAFF,
    ("experts.new", "GET", ""): OF_STAFF,
    ("experts.new", "POST", ""): "422 422 422 422 403 422 403 403 401",
    ("experts.expert", "GET", "ours"): "200 200 200 200 200 404 403 403 in",
    ("experts.expert", "GET", "theirs"): "404 404 404 404 404 404 403 403 in",
    ("experts.change", "GET", "ours"): OF_ITS_PERSON,
    ("experts.change", "GET", "theirs"): OF_ITS_PERSON,
    ("experts.change", "POST", "ours"): SEND_OF_ITS_PERSON,
    ("experts.change", "POST", "theirs"): SEND_OF_ITS_PERSON,
    ("experts.take_back", "POST", "ours"): SEND_OF_ITS_PERSON,
    ("experts.take_back", "POST", "theirs"): SEND_OF_ITS_PERSON,
    ("experts.suggest", "GET", ""): OF_HEADS,
    ("experts.suggest", "POST", ""): "403 403 403 422 403 403 403 403 401",
    ("experts.withdraw", "POST", "ours"): "403 403 403 302 403 403 403 403 401",
    ("experts.withdraw", "POST", "theirs"): "403 403 403 404 403 403 403 403 401",
    ("profiles.parts", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("profiles.write", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("profiles.write", "POST", ""): "403 302 403 302 403 302 403 403 401",
    ("photographs.picture", "GET", "ours"): "200 200 200 200 200 404 404 404 in",
    ("photographs.picture", "GET", "theirs"): "404 404 404 404 404 404 404 404 in",
    ("photographs.ours", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("photographs.new", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("photographs.new", "POST", ""): "403 422 403 422 403 422 403 403 401",
    ("photographs.change", "GET", "ours"): "403 200 403 200 403 404 403 403 in",
    ("photographs.change", "GET", "theirs"): "403 404 403 404 403 404 403 403 in",
    ("photographs.change", "POST", "ours"): "403 422 403 422 403 404 403 403 401",
    ("photographs.change", "POST", "theirs"): "403 404 403 404 403 404 403 403 401",
    ("photographs.move", "POST", "ours"): "403 302 403 302 403 404 403 403 401",
    ("photographs.move", "POST", "theirs"): "403 404 403 404 403 404 403 403 401",
    ("photographs.remove", "GET", "ours"): "403 200 403 200 403 404 403 403 in",
    ("photographs.remove", "GET", "theirs"): "403 404 403 404 403 404 403 403 in",
    ("photographs.remove", "POST", "ours"): "403 302 403 404 403 404 403 403 401",
    ("photographs.remove", "POST", "theirs"): "403 404 403 404 403 404 403 403 401",
    ("evidence.ours", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("evidence.new", "GET", ""): "403 200 403 200 403 200 403 403 in",
    ("evidence.new", "POST", ""): "403 422 403 422 403 422 403 403 401",
    ("evidence.change", "GET", "ours"): "403 200 403 200 403 404 403 403 in",
    ("evidence.change", "GET", "theirs"): "403 404 403 404 403 404 403 403 in",
    ("evidence.change", "POST", "ours"): "403 422 403 422 403 404 403 403 401",
    ("evidence.change", "POST", "theirs"): "403 404 403 404 403 404 403 403 401",
    ("evidence.remove", "GET", "ours"): "403 200 403 200 403 404 403 403 in",
    ("evidence.remove", "GET", "theirs"): "403 404 403 404 403 404 403 403 in",
    ("evidence.remove", "POST", "ours"): "403 302 403 404 403 404 403 403 401",
    ("evidence.remove", "POST", "theirs"): "403 404 403 404 403 404 403 403 401",
    ("experts.gap_table", "GET", ""): OF_HEADS,
    ("experts.gaps_csv", "GET", ""): OF_HEADS,
}
