"""What the register says of places, kept for an hour in one process: it changes once a day."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from flask import Flask, current_app

from marketplace import clock
from marketplace.search.index.memory import Memory

KEY = "skillbank.search.hourly"

T = TypeVar("T")


def for_an_hour(key: Hashable, find_out: Callable[[], T]) -> T:
    """Return what was found out under ``key`` since the last full hour; else find it out."""
    hourly: Memory = current_app.extensions[KEY]
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return hourly.recall((hour, key), find_out)


def init_app(app: Flask) -> None:
    """Let ``app`` keep what the register says."""
    app.extensions[KEY] = Memory()
