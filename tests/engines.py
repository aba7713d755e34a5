"""Which tests need not run on PostgreSQL as well each time: those about pages, words, addresses.

Those about steps that people take one after another need not, either.

What is of the ledger, runs at the same time, or asks the database in a way of its own runs on both
engines always. The rest does with ``--every-engine``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

PAGES_AND_WORDS = (
    "journeys/",
    "marketplace/accounts/",
    "marketplace/adjustments/",
    "marketplace/audiences/test_choosing.py",
    "marketplace/audit/",
    "marketplace/claims/",
    "marketplace/confidential/test_no_trace.py",
    "marketplace/conversations/",
    "marketplace/demo/",
    "marketplace/exchanges/",
    "marketplace/help/",
    "marketplace/listings/",
    "marketplace/mail/",
    "marketplace/members/",
    "marketplace/network/",
    "marketplace/notifications/",
    "marketplace/pages/",
    "marketplace/privacy/",
    "marketplace/profiles/test_evidence.py",
    "marketplace/saved_searches/test_pages.py",
    "marketplace/schools/test_finding.py",
    "marketplace/schools/test_importing.py",
    "marketplace/schools/test_postcodes.py",
    "marketplace/schools/test_register.py",
    "marketplace/search/",
    "marketplace/statements/test_chain.py",
    "marketplace/statements/test_downloads.py",
    "marketplace/statements/test_reconciling.py",
    "marketplace/statements/test_statement.py",
    "marketplace/support/",
    "marketplace/test_access.py",
    "marketplace/test_buttons.py",
    "marketplace/test_limits.py",
    "marketplace/test_pages.py",
    "marketplace/web/",
    "security/",
)
"""Files and folders of tests, below this one."""

ON_BOTH = (
    "journeys/test_a_dispute.py",
    "journeys/test_a_trusts_director.py",
    "journeys/test_term_end.py",
    "marketplace/adjustments/test_any_order.py",
    "marketplace/audit/journal/test_search.py",
    "marketplace/audit/test_commands.py",
    "marketplace/audit/test_day_totals.py",
    "marketplace/audit/test_maintenance_commands.py",
    "marketplace/exchanges/corrections/test_succeeded.py",
    "marketplace/exchanges/test_any_order.py",
    "marketplace/exchanges/test_history_guard.py",
)
"""Of the files below those folders, the ones that run on PostgreSQL all the same."""

AT_ONCE = {"Barrier", "Thread", "ThreadPoolExecutor", "at_once"}
"""What a test uses in which things happen at the same time."""


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what need not run on PostgreSQL now."""
    if config.getoption("--every-engine"):
        return
    left_out = [item for item in items if _may_be_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def _may_be_left_out(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    below = item.path.relative_to(Path(__file__).parent).as_posix()
    return (
        "postgresql" in item.callspec.params.values()
        and below.startswith(PAGES_AND_WORDS)
        and not below.startswith(ON_BOTH)
        and AT_ONCE.isdisjoint(item.function.__code__.co_names)
    )
