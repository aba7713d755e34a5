"""Keys for tests that do not care which."""

from __future__ import annotations

import itertools

_numbers = itertools.count(1)


def new_key() -> str:
    """A key that no other call in this process gave."""
    return f"test:{next(_numbers)}"
