"""The catalogue: every event has a kind or a reason, and every kind says what it must."""

from __future__ import annotations

import pkgutil
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import marketplace
from marketplace.accounts.roles import NETWORK_ROLES, SCHOOL_ROLES, may
from marketplace.notifications.catalogue import KINDS, SILENT, find_about, find_kind
from marketplace.notifications.forms import field_name
from marketplace.notifications.kinds import Kind, Urgency
from marketplace.notifications.models import LONGEST_ABOUT, LONGEST_KIND, Frequency
from marketplace.outbox.events import Event
from tests.marketplace.notifications.happenings import HAPPENINGS

TEMPLATES = Path(marketplace.__file__).parent.parent / "templates" / "email"
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def events() -> dict[str, type[Event]]:
    """Every kind of event that the marketplace records, by its type."""
    classes = [
        thing
        for module in pkgutil.walk_packages(marketplace.__path__, "marketplace.")
        if module.name.endswith(".events")
        for name, thing in vars(import_module(module.name)).items()
        if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event
        if not name.startswith("_")
    ]
    return {event.type: event for event in classes}


def without_kind(types: set[str]) -> set[str]:
    """The events that nobody is told of, without a reason."""
    return types - {kind.event.type for kind in KINDS} - set(SILENT)


def test_every_event_has_a_kind_or_a_reason_why_not() -> None:
    types = set(events())
    assert len(types) > 15
    assert without_kind(types) == set()
    assert set(SILENT) <= types, "a reason for an event that there is not"
    assert not set(SILENT) & {kind.event.type for kind in KINDS}
    assert all(len(reason.split()) > 3 for reason in SILENT.values())


def test_a_new_event_without_a_kind_is_noticed() -> None:
    @dataclass(frozen=True, kw_only=True)
    class BellStolen(Event):
        type = "bell.stolen"

    assert without_kind({*events(), BellStolen.type}) == {"bell.stolen"}


def test_names_and_labels_are_told_apart() -> None:
    for names in (
        [kind.name for kind in KINDS],
        [kind.label for kind in KINDS],
        [field_name(kind) for kind in KINDS],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert find_kind("nothing.like_it") is None
    assert find_about("nothing") is None


@each_kind
def test_each_kind_fits_its_columns_and_has_its_templates(kind: Kind[Any, Any]) -> None:
    assert len(kind.name) <= LONGEST_KIND
    assert len(kind.about.name) <= LONGEST_ABOUT
    assert find_about(kind.about.name) is kind.about
    for ending in ("txt", "html"):
        assert (TEMPLATES / f"{kind.template}.{ending}").is_file()


@each_kind
def test_what_cannot_be_changed_is_sent_at_once_and_news_is_not_urgent(
    kind: Kind[Any, Any],
) -> None:
    assert kind.default is not Frequency.OFF
    if kind.urgency is Urgency.SECURITY:
        assert kind.default is Frequency.AT_ONCE
        assert not kind.may_be_changed
    if kind.urgency is Urgency.NEWS:
        assert kind.default in (Frequency.DAILY, Frequency.WEEKLY)


@each_kind
def test_kinds_for_the_network_are_those_that_its_staff_may_be_told(kind: Kind[Any, Any]) -> None:
    if kind.is_for_network:
        assert kind.permission is not None
        assert may(NETWORK_ROLES, kind.permission)
    elif kind.permission is not None:
        assert may(SCHOOL_ROLES, kind.permission)


def test_each_kind_is_tried_with_something_that_happens() -> None:
    assert set(HAPPENINGS) == {kind.name for kind in KINDS}
