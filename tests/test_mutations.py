"""What the tool that changes the product makes of a tiny text."""

from __future__ import annotations

import sqlite3

import pytest

from tests.mutations import python, sql
from tests.mutations.__main__ import summed_up
from tests.mutations.mutation import Mutation
from tests.mutations.running import TIME_LIMIT, Outcome
from tests.mutations.suites import suites_of

GUARD = """
DROP TRIGGER IF EXISTS guard;
CREATE TRIGGER guard BEFORE INSERT ON entry -- a < b
WHEN NEW.line < 2 AND NEW.sum IS NOT NULL OR NEW.kind = 'a < b'
BEGIN
  SELECT RAISE(ABORT, 'no < more');
END;
"""


def mutants(text: str) -> list[str]:
    """Each changed text, with its spaces as one."""
    return [" ".join(change.apply(text).split()) for change in sql.changes_of(text)]


def test_a_condition_is_changed_and_dropped_everywhere_and_nothing_else() -> None:
    head = (
        "DROP TRIGGER IF EXISTS guard; CREATE TRIGGER guard BEFORE INSERT ON entry -- a < b WHEN "
    )
    tail = " BEGIN SELECT RAISE(ABORT, 'no < more'); END;"
    conditions = [
        text.removeprefix(head).removesuffix(tail) for text in mutants(GUARD) if head in text
    ]
    line, total, kind = "NEW.line < 2", "NEW.sum IS NOT NULL", "NEW.kind = 'a < b'"
    assert sorted(conditions) == sorted(
        [
            f"NEW.line <= 2 AND {total} OR {kind}",
            f"NEW.line < 3 AND {total} OR {kind}",
            f"{line} OR {total} OR {kind}",
            f"{line} OR {kind}",
            f"{total} OR {kind}",
            f"{line} AND NEW.sum IS NULL OR {kind}",
            f"{line} AND {total} AND {kind}",
            f"{line} AND {total}",
            f"{line} AND {total} OR NEW.kind <> 'a < b'",
        ]
    )
    assert [text for text in mutants(GUARD) if head not in text] == [
        "DROP TRIGGER IF EXISTS guard;"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SELECT a FROM t WHERE a BETWEEN b AND c ORDER BY a DESC LIMIT d",
            [
                "SELECT a FROM t ORDER BY a DESC LIMIT d",
                "SELECT a FROM t WHERE a BETWEEN b AND c LIMIT d",
                "SELECT a FROM t WHERE a BETWEEN b AND c ORDER BY a LIMIT d",
            ],
        ),
        (
            "UPDATE t SET a = b, c = d WHERE e > f",
            ["UPDATE t SET a = b, c = d", "UPDATE t SET a = b, c = d WHERE e >= f"],
        ),
        (
            "SELECT max(a) FROM t FOR NO KEY UPDATE;",
            ["SELECT min(a) FROM t FOR NO KEY UPDATE;", "SELECT max(a) FROM t ;"],
        ),
        (
            "SELECT CASE WHEN a OR b THEN c END OR d",
            [
                "SELECT CASE WHEN a AND b THEN c END OR d",
                "SELECT CASE WHEN a THEN c END OR d",
                "SELECT CASE WHEN b THEN c END OR d",
                "SELECT CASE WHEN a OR b THEN c END AND d",
                "SELECT CASE WHEN a OR b THEN c END",
            ],
        ),
        (
            "SELECT a IN ('x', 'y'), EXISTS (b), c IS DISTINCT FROM d",
            [
                "SELECT a NOT IN ('x', 'y'), EXISTS (b), c IS DISTINCT FROM d",
                "SELECT a IN ( 'y'), EXISTS (b), c IS DISTINCT FROM d",
                "SELECT a IN ('x', 'y'), NOT EXISTS (b), c IS DISTINCT FROM d",
                "SELECT a IN ('x', 'y'), EXISTS (b), c IS NOT DISTINCT FROM d",
            ],
        ),
        (
            "IF EXISTS (a) AND f(b) OR c = ANY (d) THEN",
            [
                "IF NOT EXISTS (a) AND f(b) OR c = ANY (d) THEN",
                "IF EXISTS (a) OR f(b) OR c = ANY (d) THEN",
                "IF f(b) OR c = ANY (d) THEN",
                "IF EXISTS (a) OR c = ANY (d) THEN",
                "IF EXISTS (a) AND f(b) AND c = ANY (d) THEN",
                "IF EXISTS (a) AND f(b) THEN",
                "IF EXISTS (a) AND f(b) OR c <> ANY (d) THEN",
            ],
        ),
        ("LOCK TABLE t IN SHARE MODE;", ["NULL;"]),
    ],
)
def test_a_statement_is_changed_where_it_can_be(text: str, expected: list[str]) -> None:
    assert sorted(mutants(text)) == sorted(expected)


def test_every_change_of_a_trigger_is_one_that_the_database_takes() -> None:
    changed = list(sql.changes_of(GUARD))
    for change in changed:
        with sqlite3.connect(":memory:") as connection:
            connection.executescript("CREATE TABLE entry (line, sum, kind)")
            connection.executescript(change.apply(GUARD))
        connection.close()
    assert len(changed) == 10


def test_python_is_changed_in_functions_and_its_sql_everywhere() -> None:
    source = '''"""SELECT nothing FROM here WHERE a = b"""
LIMIT = 10
QUERY = """
SELECT a FROM t
 WHERE a < 7
"""

def full(lines):
    return len(lines) > LIMIT + 1
'''
    mutations = list(python.mutations_of("a.py", source))
    assert [(one.line, one.after) for one in mutations if one.sql] == [
        (5, ""),
        (5, "WHERE a <= 7"),
        (5, "WHERE a < 8"),
    ]
    assert [(one.line, one.before, one.after) for one in mutations if not one.sql] == [
        (9, "return len(lines) > LIMIT + 1", "return None"),
        (9, "len(lines) > LIMIT + 1", "len(lines) >= LIMIT + 1"),
        (9, "1 in return len(lines) > LIMIT + 1", "2"),
        (9, "1 in return len(lines) > LIMIT + 1", "0"),
    ]
    assert "WHERE a <= 7" in mutations[1].text()
    assert "len(lines) > LIMIT + 1" in mutations[1].text()
    assert "len(lines) > LIMIT + 0" in mutations[-1].text()


def test_what_is_for_one_database_is_tested_on_that_one() -> None:
    marks = {
        path: [suite[1] for suite in suites_of(path)]
        for path in (
            "ledger/engines/sqlite/guards.sql",
            "ledger/engines/postgresql/guards.sql",
            "ledger/queries/holds.py",
        )
    }
    assert marks == {
        "ledger/engines/sqlite/guards.sql": [
            "not postgresql",
            "not postgresql and not processes",
            "not postgresql",
        ],
        "ledger/engines/postgresql/guards.sql": [
            "postgresql",
            "postgresql and not processes",
            "postgresql",
        ],
        "ledger/queries/holds.py": [
            "not browser",
            "not postgresql and not processes",
            "postgresql and not processes",
        ],
    }


def test_the_tests_that_are_named_like_a_file_run_first() -> None:
    first, *rest = suites_of("ledger/queries/holds.py")
    assert "tests/ledger/test_holds.py" in first
    assert all("tests/ledger/test_holds.py" not in suite for suite in rest)
    assert all("tests/ledger/test_posting.py" in suite for suite in rest)


def test_random_histories_run_last_for_what_decides() -> None:
    *earlier, last = suites_of("ledger/operations/holds.py")
    assert last[-1] == "tests/ledger/test_against_model.py"
    assert all(last[-1] not in suite for suite in earlier)


def test_nothing_of_the_ledger_runs_for_the_marketplace() -> None:
    own, rest = suites_of("marketplace/listings/service.py")
    assert own[-1] == "tests/marketplace/listings"
    assert "tests/marketplace" in rest
    assert "--ignore=tests/marketplace/listings" in rest


def test_what_only_a_time_limit_noticed_is_told() -> None:
    mutation = Mutation("a.py", 1, "a", "b", lambda: "b")
    outcomes = [Outcome(mutation, by, 1.0) for by in ("test_a", TIME_LIMIT, "", "test_b")]
    assert summed_up(outcomes) == "3 of 4 noticed (75%), 1 of them only by a time limit"
    assert summed_up(outcomes[2:]) == "1 of 2 noticed (50%)"
