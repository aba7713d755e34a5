"""The index as a process that answers searches has it open."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import tantivy
from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.search.index.folder import IndexMissingError, current, read_state
from marketplace.search.index.memory import Memory
from marketplace.search.index.writing import identity_of
from marketplace.search.words.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index at one instant, and the words that it was written in."""

    searcher: tantivy.Searcher
    vocabulary: Vocabulary
    memory: Memory = field(default_factory=Memory)


@dataclass(slots=True)
class _Opened:
    generation: Path
    index: tantivy.Index
    vocabulary: Vocabulary
    written: tuple[int, ...] = ()
    """Which commit ``snapshot`` is of, as the file system tells them apart."""
    snapshot: Snapshot | None = None


class Reader:
    """The index of one application, opened when it is first needed and again when it is new."""

    KEY = "skillbank.search.reader"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def snapshot(self, session: Session, folder: Path) -> Snapshot:
        """Return the index as it is now; it does not change while it is used.

        Raises:
            IndexMissingError: there is no index that can be used for this database.
        """
        try:
            return self._snapshot(session, folder)
        except (OSError, ValueError):
            # A new generation may have come, and the one before gone, in this instant.
            self.close()
        try:
            return self._snapshot(session, folder)
        except (OSError, ValueError) as error:
            self.close()
            raise IndexMissingError(f"it cannot be read: {error}") from error

    def _snapshot(self, session: Session, folder: Path) -> Snapshot:
        with self._lock:
            generation = current(folder)
            if self._opened is None or self._opened.generation != generation:
                self._opened = _open(session, generation)
            opened = self._opened
            written = _written(generation)
            if opened.snapshot is None or opened.written != written:
                opened.index.reload()
                opened.snapshot = Snapshot(opened.index.searcher(), opened.vocabulary)
                opened.written = written
            return opened.snapshot

    def close(self) -> None:
        """Forget what is open; it is opened again when it is needed."""
        self._opened = None


def _open(session: Session, generation: Path) -> _Opened:
    state = read_state(generation)
    if state.identity not in {"", identity_of(session)}:
        raise IndexMissingError("it is of another database")
    index = tantivy.Index.open(str(generation))
    index.config_reader("manual")
    return _Opened(generation, index, state.vocabulary)


def _written(generation: Path) -> tuple[int, ...]:
    """What changes with each commit: the engine puts another file in the place of this one."""
    state = (generation / "meta.json").stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def reader_of(app: Flask | None = None) -> Reader:
    """Return the reader of ``app``, or of the current application."""
    reader: Reader = (app or current_app).extensions[Reader.KEY]
    return reader
