"""Events hold ids and nothing else, and come back as they were recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.outbox.events import Event
from marketplace.outbox.subscribers import Subscribers
from tests.marketplace.outbox.bells import BellRung, rung

ids = st.integers(min_value=1, max_value=2**31 - 1)


@given(bell_id=ids, ringer_ids=st.lists(ids, max_size=4).map(tuple))
def test_an_event_is_the_same_after_it_was_stored(
    bell_id: int, ringer_ids: tuple[int, ...]
) -> None:
    event = rung(bell_id, ringer_ids=ringer_ids)
    stored = json.loads(json.dumps(event.data()))
    again = BellRung.restore(
        stored,
        actor_id=event.actor_id,
        school_urns=event.school_urns,
        occurred_at=event.occurred_at,
    )
    assert again == event


@pytest.mark.parametrize("value", ["Dear Ms Shah", 1.5, {"name": "Shah"}, ("a",), [1]])
def test_an_event_refuses_whatever_is_not_an_id(value: Any) -> None:
    with pytest.raises(TypeError, match=r"BellRung\.bell_id must hold ids"):
        rung(value).data()


@pytest.mark.parametrize("name", ["bell", "Bell.rung", "bell rung", "", "bell.rung.twice"])
def test_a_type_name_is_checked_when_the_class_is_written(name: str) -> None:
    with pytest.raises(TypeError, match="must be like"):
        type("Odd", (Event,), {"type": name})


def test_old_rows_stay_readable_when_fields_come_and_go() -> None:
    common = {"actor_id": None, "school_urns": ()}
    event = BellRung.restore({"bell_id": 3, "tower_id": 9}, **common)
    assert (event.bell_id, event.ringer_ids) == (3, ())
    with pytest.raises(TypeError, match="bell_id"):
        BellRung.restore({}, **common)


def test_two_handlers_or_two_classes_cannot_have_one_name() -> None:
    subscribers = Subscribers()
    subscribers.subscribe(BellRung, "diary", lambda session, event: None)
    with pytest.raises(ValueError, match="already"):
        subscribers.subscribe(BellRung, "diary", lambda session, event: None)

    @dataclass(frozen=True, kw_only=True)
    class OtherBell(Event):
        type = "bell.rung"

    with pytest.raises(ValueError, match="two classes"):
        subscribers.subscribe(OtherBell, "ledger", lambda session, event: None)
    with pytest.raises(LookupError):
        subscribers.handler("bell.rung", "nobody")
    assert subscribers.names_for("bell.rung") == ["diary"]
