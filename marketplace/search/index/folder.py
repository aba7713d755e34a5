"""The folder of the index: generations side by side, and a file that says which one is current.

A new generation is built beside the current one and becomes current when it is whole, by the
renaming of one file. Who has an older one open goes on reading it until it looks again.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

from marketplace.search.index.fields import version as version_now
from marketplace.search.words.vocabulary import Addition, Vocabulary, vocabulary_with

CURRENT, STATE, LOCK = "current", "state.json", "lock"
GENERATION = "generation-"


class IndexMissingError(Exception):
    """There is no index that can be used: it has not been built yet, or must be built anew."""


BROKEN = (IndexMissingError, OSError, ValueError)
"""What may be wrong with the index; who can do without what it would have said leaves that out."""


class IndexBusyError(Exception):
    """Another process writes to the index just now."""


@dataclass(slots=True)
class State:
    """What a generation is of, and up to where."""

    identity: str
    """Of which database it is; see ``writing.identity_of``."""
    watermark: int = 0
    """Every event up to this number is in it."""
    done: list[int] = field(default_factory=list)
    """Later events that are in it, too: a transaction may commit after a later one."""
    checked_at: str = ""
    """When it was last compared with the database."""
    version: int = field(default_factory=version_now)
    additions: list[list[Any]] = field(default_factory=list)
    """What the operator said of words, with which it was written."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that it was written in."""
        return vocabulary_with(tuple(Addition(*one) for one in self.additions))

    def is_of(self, additions: Iterable[Addition]) -> bool:
        """Say whether it was written with just these words of the operator's."""
        return self.additions == [list(astuple(one)) for one in additions]


def current(folder: Path) -> Path:
    """Return the folder of the current generation.

    Raises:
        IndexMissingError: if there is none, or it cannot be read.
    """
    try:
        name = (folder / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexMissingError(str(error)) from error
    if not name.startswith(GENERATION) or "/" in name or not (folder / name).is_dir():
        raise IndexMissingError(f"{folder} names no generation")
    return folder / name


def read_state(generation: Path) -> State:
    """Return the state of a generation.

    Raises:
        IndexMissingError: if it cannot be read, or is of another version of the product.
    """
    try:
        state = State(**json.loads((generation / STATE).read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexMissingError(str(error)) from error
    if state.version != version_now():
        raise IndexMissingError("it is of another version of the product or its vocabulary")
    return state


def write_state(generation: Path, state: State) -> None:
    """Write the state of a generation, whole or not at all."""
    _replace(generation / STATE, json.dumps(asdict(state)))


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Keep every other process of this machine from writing; a process that dies gives it back.

    Raises:
        IndexBusyError: if another one writes.
        OSError: if the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexBusyError(f"another process writes to {folder}") from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def new_generation(folder: Path) -> Iterator[Path]:
    """Make a new generation, which becomes current when the block ends well; older ones go."""
    generation = folder / f"{GENERATION}{secrets.token_hex(8)}"
    generation.mkdir()
    try:
        yield generation
        _replace(folder / CURRENT, generation.name)
    except BaseException:
        shutil.rmtree(generation, ignore_errors=True)
        raise
    for other in folder.glob(f"{GENERATION}*"):
        if other != generation:
            shutil.rmtree(other, ignore_errors=True)


def _replace(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="ascii")
        os.replace(draft, file)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
