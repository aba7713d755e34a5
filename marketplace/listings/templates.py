"""The templates that a new listing can begin with, and their gaps, which stand in brackets."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("templates.toml")
GAP = re.compile(r"\[[^\[\]]+\]")


@dataclass(frozen=True, slots=True)
class Template:
    """The beginning of an offer or a request; ``values`` are the form's data."""

    slug: str
    kind: str
    title: str
    values: Mapping[str, Any]


@cache
def templates() -> dict[str, Template]:
    """Return every template by its slug, in the order of the file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {slug: _template(slug, **entry) for slug, entry in data.items()}


def gaps_in(text: str) -> list[str]:
    """Return what stands in brackets in ``text`` as it does in a template: it is to be replaced."""
    return [gap for gap in dict.fromkeys(GAP.findall(text)) if gap in _gaps()]


@cache
def _gaps() -> frozenset[str]:
    texts = [f"{one.title} {one.values['description']}" for one in templates().values()]
    return frozenset(gap for text in texts for gap in GAP.findall(text))


def _template(slug: str, **entry: Any) -> Template:
    duration = entry.pop("duration")
    values = entry | {
        "description": entry["description"].strip(),
        "duration": str(duration),
    }
    return Template(slug, entry["kind"], entry["title"], values)
