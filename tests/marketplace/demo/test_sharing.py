"""What the demo's experts and pages say is of the lists that the product has."""

from __future__ import annotations

import tomllib

from marketplace.demo.content import DATA
from marketplace.demo.texts import SCHOOL_PHASES
from marketplace.listings.topics import BUILT_IN, PHASES
from marketplace.profiles.experts.vocabulary import EXPERT_ROLES
from marketplace.profiles.parts.models import PartKind


def test_experts_have_topics_phases_and_roles_of_the_lists() -> None:
    for entry in tomllib.loads((DATA / "experts.toml").read_text("utf-8"))["experts"]:
        assert set(entry) <= {"topics", "phases", "roles", "languages", "words", "suits"}
        assert 0 < len(entry["topics"]) <= 5
        assert set(entry["topics"]) <= set(BUILT_IN.by_slug)
        assert entry["phases"]
        assert set(entry["phases"]) <= set(PHASES)
        assert set(entry.get("roles", ())) <= set(EXPERT_ROLES)
        assert set(entry.get("suits", ())) <= set(SCHOOL_PHASES)
        assert 0 < len(entry["words"]) <= 300


def test_pages_have_every_part() -> None:
    for page in tomllib.loads((DATA / "profiles.toml").read_text("utf-8"))["pages"]:
        assert set(page) == {kind.value for kind in PartKind}
        assert all(text.strip() for text in page.values())
