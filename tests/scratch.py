"""A folder for the databases of one process of tests: fast, short, and gone when the process is."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 1 << 30
"""The bytes that have to be free in memory; a worker needs about a tenth of them."""
LONGEST = 60
"""The longest path, in bytes: a server's socket is in it, and its path must be below 100."""

KEEPER = """
trap '' HUP INT TERM
cat >/dev/null
for server in $(head -qn 1 "$1"/*/postmaster.pid 2>/dev/null); do
    kill -QUIT "$server" 2>/dev/null
    while kill -0 "$server" 2>/dev/null; do sleep 0.05; done
done
rm -rf "$1"
"""
"""Waits for the end of its input, which comes however the process at the other end goes, stops
the PostgreSQL servers in the folder and removes it."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is removed, its PostgreSQL servers with it, even if this process is killed.

    It is not below pytest's own folders, which another run may remove; and it is in memory where
    there is room, because nothing in it has to outlive the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="skillbank-", dir=_place()))
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", folder],
        stdin=subprocess.PIPE,
        start_new_session=True,  # no signal for the tests' group of processes is for the keeper
    )
    try:
        yield folder
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait()


def _place() -> Path:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        return MEMORY
    usual = Path(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) <= LONGEST else Path("/tmp")
