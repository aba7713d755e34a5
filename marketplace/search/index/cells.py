"""Cells of the National Grid, in which the engine finds listings without looking at the others."""

from __future__ import annotations

from tantivy import Query

from marketplace.search.index.asking import silent
from marketplace.search.index.fields import CELL_METRES, cell_number, schema


def cells_around(position: tuple[int, int], metres: int) -> Query:
    """Return the query for what is in a cell that touches the circle; it includes all within it.

    It does not count for the rank.
    """
    east, north = position
    square = metres * metres
    cells = [
        cell_number(column, row)
        for column, east_of in _cells_along(east, metres)
        for row, north_of in _cells_along(north, metres)
        if east_of**2 + north_of**2 <= square
    ]
    return silent(Query.term_set_query(schema(), "cell", cells))


def _cells_along(middle: int, metres: int) -> list[tuple[int, int]]:
    """The columns (or rows) of cells that a circle touches, each with its least distance."""
    spans = []
    for number in range((middle - metres) // CELL_METRES, (middle + metres) // CELL_METRES + 1):
        first, last = number * CELL_METRES - middle, (number + 1) * CELL_METRES - 1 - middle
        spans.append((number, max(first, -last, 0)))
    return spans
