"""Every requirement of the OWASP ASVS 5.0 up to level 2 has its answer, and each answer holds."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REQUIREMENTS: dict[str, dict[str, Any]] = tomllib.loads(
    (ROOT / "tests/security/asvs.toml").read_text(encoding="utf-8")
)
LEVEL_1, LEVEL_2 = 70, 183
STATUSES = {"met", "not applicable", "deployment", "open"}
OPEN = {"V6.2.12", "V6.3.3", "V6.5.5"}
"""Adding one here is a decision."""
PLACE = re.compile(r"[\w./-]+\.(?:py|md|toml|conf|txt)\b")
HEADING = re.compile(r"docs/security\.md, “([^”]+)”")


@cache
def functions_in(name: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_is_answered_once() -> None:
    levels = [answer["level"] for answer in REQUIREMENTS.values()]
    assert (levels.count(1), levels.count(2), len(levels)) == (LEVEL_1, LEVEL_2, LEVEL_1 + LEVEL_2)
    for number, answer in REQUIREMENTS.items():
        assert re.fullmatch(r"V\d{1,2}\.\d{1,2}\.\d{1,2}", number)
        assert set(answer) <= {"level", "status", "tests", "reason"}, number
        assert answer["status"] in STATUSES, number


def test_nothing_of_level_1_is_open_and_what_is_open_says_what_is_missing() -> None:
    unmet = {name for name, answer in REQUIREMENTS.items() if answer["status"] == "open"}
    assert unmet == OPEN
    for name in unmet:
        assert REQUIREMENTS[name]["level"] == 2
        assert len(REQUIREMENTS[name]["reason"]) > 60


def test_every_test_that_is_named_exists() -> None:
    for number, answer in REQUIREMENTS.items():
        for test in answer.get("tests", ()):
            name, _, function = test.partition("::")
            assert function in functions_in(name), (number, test)


def test_what_is_met_has_tests_or_says_where_to_look() -> None:
    for number, answer in REQUIREMENTS.items():
        reason = answer.get("reason", "")
        assert answer.get("tests") or reason, number
        if answer["status"] == "met" and not answer.get("tests"):
            assert PLACE.search(reason), number
        if answer["status"] in ("not applicable", "deployment"):
            assert reason.endswith("."), number


def test_every_place_that_a_reason_names_exists() -> None:
    security = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    for number, answer in REQUIREMENTS.items():
        reason = answer.get("reason", "")
        for place in PLACE.findall(reason):
            assert (ROOT / place).exists(), (number, place)
        for heading in HEADING.findall(reason):
            assert f"## {heading}\n" in security, (number, heading)
