"""Reading from a small and from a large ledger, and verifying beside a bare sum."""

from __future__ import annotations

from tests.databases import PostgresCluster


def reading(cluster: PostgresCluster, entries: int) -> None:
    """Time balance, available, a statement page and a journal page at two sizes."""
    raise NotImplementedError
