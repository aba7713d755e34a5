"""What building an application takes longest for, done once for all those of a process of tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """What templates were compiled to, in memory; one that was changed since is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill ``bucket`` with what is kept of its template, if it is still the same."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


def share_what_is_built(patch: pytest.MonkeyPatch) -> None:
    """Let applications share their templates, what makes addresses of routes, and the articles."""
    from marketplace import help as help_pages
    from marketplace.application import Skillbank

    patch.setattr(Skillbank, "jinja_options", {"bytecode_cache": CompiledTemplates()})
    patch.setattr(Rule, "_compile_builder", _once_a_rule(Rule._compile_builder))
    patch.setattr(help_pages, "read_articles", _once_by_figures(help_pages.read_articles))


def _once_a_rule(compile_builder: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """What Werkzeug compiles of a route is a function of the rule, and the same for equal rules."""
    kept: dict[object, Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return compiled


def _once_by_figures(read: Callable[..., Any]) -> Callable[..., Any]:
    """Articles never change, so the same figures in them give the same ones."""
    kept: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}

    def read_once(figures: Mapping[str, str]) -> dict[str, Any]:
        key = tuple(figures.items())
        if key not in kept:
            kept[key] = read(figures)
        return dict(kept[key])

    return read_once
