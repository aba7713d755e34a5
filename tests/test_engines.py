"""Which tests run on which engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines import PAGES_AND_WORDS


@pytest.mark.parametrize("name", PAGES_AND_WORDS)
def test_what_may_be_left_out_exists(name: str) -> None:
    path = Path(__file__).parent / name
    assert path.is_dir() if name.endswith("/") else path.is_file()


def test_the_ledger_and_the_outbox_are_never_left_out() -> None:
    always = ("ledger/", "migrations/", "crashes/", "marketplace/outbox/", "marketplace/credits/")
    assert not any(name.startswith(always) for name in PAGES_AND_WORDS)
