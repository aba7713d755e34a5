"""Schools to be told, and a clock that is moved on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace import clock
from marketplace.application import Skillbank
from tests.marketplace.days import noon_on_a_thursday
from tests.marketplace.factories import saved
from tests.marketplace.notifications.telling import Schools
from tests.marketplace.outbox.bells import SetClock


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The marketplace's clock: noon on a Thursday."""
    set_clock = SetClock(noon_on_a_thursday())
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock


@pytest.fixture
def schools(app: Skillbank, set_clock: SetClock) -> Iterator[Schools]:
    """Two schools with people in every role."""
    with saved(app) as session:
        yield Schools(session)
