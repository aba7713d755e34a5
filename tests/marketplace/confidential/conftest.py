from __future__ import annotations

import pytest

from marketplace import clock
from tests.marketplace.outbox.bells import SetClock


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    set_clock = SetClock()
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock
