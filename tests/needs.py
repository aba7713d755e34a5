"""What a test needs, found out from its fixtures and its code, so that nobody has to mark it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

PROCESS_MODULES = ("subprocess", "multiprocessing", "concurrent.futures.process")
SERVERS = {"postgres", "postgres_template", "second_postgres"}
"""The fixtures that are a PostgreSQL server."""
INFRASTRUCTURE = ("tests.databases", "tests.scratch")
"""These start processes of their own, but not for a test on SQLite."""


def mark(item: pytest.Function) -> None:
    """Mark a test that needs a PostgreSQL server, processes or a browser."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if "postgresql" in parameters or {"postgres", "postgres_template", "second_postgres"} & set(
        item.fixturenames
    ):
        item.add_marker(pytest.mark.postgresql)
    if "chromium" in item.fixturenames:
        item.add_marker(pytest.mark.browser)
    if _starts_processes(item):
        item.add_marker(pytest.mark.processes)


def _starts_processes(item: pytest.Function) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs.values()
    examined = getattr(item.function, "hypothesis", None)  # the test within Hypothesis's own
    waiting: list[Any] = [
        examined.inner_test if examined else item.function,
        *(item.callspec.params.values() if hasattr(item, "callspec") else ()),
        *(definition.func for several in definitions for definition in several),
    ]
    seen = set()
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        for thing in _used_by(function):
            module = _module_of(thing)
            if module.startswith(PROCESS_MODULES):
                return True
            if module.startswith("tests.") and module not in INFRASTRUCTURE:
                waiting += vars(thing).values() if inspect.isclass(thing) else [thing]
    return False


def _used_by(function: FunctionType) -> Iterator[Any]:
    """The globals that a function names, and of modules what it may take from them."""
    names = set(_names(function.__code__))
    for name in names & set(function.__globals__):
        thing = function.__globals__[name]
        yield thing
        if isinstance(thing, ModuleType) and thing.__name__.startswith("tests."):
            yield from (vars(thing)[part] for part in names & set(vars(thing)))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _module_of(thing: Any) -> str:
    if isinstance(thing, ModuleType):
        return thing.__name__
    return str(getattr(thing, "__module__", None) or type(thing).__module__)
