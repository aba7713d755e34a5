"""A small bar chart, laid out here and drawn by a template as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.credits.formats import typed_credits
from marketplace.statements.figures import Moved

WIDTH, TOP, BASE = 300, 14, 100
"""The picture's width, the top of the highest bar, and the line on which bars stand."""
MOST_WITH_FIGURES = 4
"""Up to how many months bars have their figures above them: beside more there is no room."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``text`` stands above it."""

    sort: str
    x: float
    y: float
    width: float
    height: float
    text: str

    @property
    def middle(self) -> float:
        """Where its text stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, with a label under each pair: its place and what it says."""

    bars: list[Bar]
    labels: list[tuple[float, str]]


def month_chart(months: Sequence[tuple[str, Moved]]) -> Chart:
    """Return two bars for each month: for help given, and for help received.

    A figure below zero, which a reversal can leave, has no bar.
    """
    highest = max((max(moved.given, moved.received) for _, moved in months), default=0)
    room = WIDTH / max(len(months), 3)
    width = round(min(room * 0.32, 30), 1)
    bars, labels = [], []
    for place, (label, moved) in enumerate(months):
        middle = round(room * (place + 0.5), 1)
        labels.append((middle, label))
        for sort, minutes, x in (
            ("given", moved.given, middle - width - 1),
            ("received", moved.received, middle + 1),
        ):
            height = round((BASE - TOP) * max(minutes, 0) / highest, 1) if highest > 0 else 0
            text = typed_credits(minutes) if len(months) <= MOST_WITH_FIGURES else ""
            bars.append(Bar(sort, round(x, 1), round(BASE - height, 1), width, height, text))
    return Chart(bars, labels)
