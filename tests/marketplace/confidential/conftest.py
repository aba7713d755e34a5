from __future__ import annotations

import pytest

from marketplace import clock
from tests.marketplace.days import noon_on_a_thursday
from tests.marketplace.outbox.bells import SetClock


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    set_clock = SetClock(noon_on_a_thursday())
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock
