"""Running the tests on mutations, each in a copy of the tree."""

from __future__ import annotations

import queue
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Databases, PostgresCluster
from tests.mutations.mutation import ROOT, Mutation
from tests.mutations.suites import suites_of
from tests.scratch import scratch_folder

COPIED = ("docs", "ledger", "marketplace", "migrations", "static", "templates", "tests")
COPIED_FILES = ("pyproject.toml", "wsgi.py", "README.md")
INSTALL = "import sys; from tests.ledger.conftest import install; install(sys.argv[1])"
TIME_LIMIT = "a time limit"
TEST_SECONDS = 60
"""A single test that takes longer waits for something that a mutation has taken away."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutation: the test that noticed it, if one did, and the seconds it took."""

    mutation: Mutation
    noticed_by: str
    seconds: float
    viable: bool = True


class Workers:
    """Copies of the tree, each of which has one mutation at a time; to be used in a ``with``."""

    def __init__(self, number: int, seconds: int) -> None:
        self._number = number
        self._seconds = seconds
        self._trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._stack = ExitStack()

    def __enter__(self) -> Workers:
        folder = self._stack.enter_context(scratch_folder())
        for number in range(self._number):
            self._trees.put(_copied_tree(folder / str(number)))
        self._databases = Databases(folder, self._postgres)
        self._cluster: PostgresCluster | None = None
        self._folder = folder
        return self

    def __exit__(self, *raised: object) -> None:
        if self._cluster is not None:
            self._cluster.stop()
        self._stack.close()

    def _postgres(self) -> PostgresCluster:
        if self._cluster is None:
            self._cluster = PostgresCluster(self._folder / "pg", durable=False)
        return self._cluster

    def outcomes(
        self, mutations: list[Mutation], count: int, show: Callable[[Outcome], None]
    ) -> list[Outcome]:
        """Run mutations, in their order, until ``count`` of them were viable; show each."""
        if any("/postgresql/" in mutation.path for mutation in mutations):
            self._postgres()
        viable: list[Outcome] = []
        remaining = iter(mutations)

        def run(mutation: Mutation) -> Outcome:
            outcome = self._run(mutation)
            show(outcome)
            return outcome

        with ThreadPoolExecutor(self._number) as pool:
            while batch := _next(remaining, count - len(viable)):
                viable += [outcome for outcome in pool.map(run, batch) if outcome.viable]
        return viable

    def _run(self, mutation: Mutation) -> Outcome:
        """Change a tree, run the tests, and change it back."""
        tree = self._trees.get()
        target = tree / mutation.path
        target.write_text(mutation.text(), encoding="utf-8")
        began = time.monotonic()
        try:
            viable, noticed_by = True, ""
            if mutation.path.endswith(".sql"):
                viable = self._installs(tree, mutation.path)
            if viable:
                noticed_by, output = self._noticed(tree, mutation.path)
                viable = not (mutation.sql and "syntax error" in output)
            return Outcome(mutation, noticed_by, time.monotonic() - began, viable)
        finally:
            shutil.copy(ROOT / mutation.path, target)
            self._trees.put(tree)

    def _installs(self, tree: Path, path: str) -> bool:
        """Whether the database takes a changed script."""
        engine = "postgresql" if "/postgresql/" in path else "sqlite"
        with self._databases.fresh(engine) as url:
            command = [sys.executable, "-c", INSTALL, url]
            return subprocess.run(command, cwd=tree, capture_output=True).returncode == 0

    def _noticed(self, tree: Path, path: str) -> tuple[str, str]:
        """What noticed the mutation that is in the tree, or nothing; and what pytest wrote."""
        log = tree.parent / "output"
        for suite in suites_of(path):
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
            command += [f"--basetemp={tree.parent / 'base'}", f"--timeout={TEST_SECONDS}", *suite]
            try:
                # To a file: a server that outlives a run for a moment keeps a pipe open.
                with log.open("w") as file:
                    run = subprocess.run(
                        command,
                        cwd=tree,
                        stdin=subprocess.DEVNULL,
                        stdout=file,
                        stderr=subprocess.STDOUT,
                        timeout=self._seconds,
                    )
            except subprocess.TimeoutExpired:
                return TIME_LIMIT, ""
            output = log.read_text(errors="replace")
            if run.returncode not in (0, 5):
                return _failed(output), output
        return "", ""


def _failed(output: str) -> str:
    """The first test that failed, or what else ended the run."""
    failed = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", output, re.MULTILINE)
    if failed:
        return failed[1]
    return TIME_LIMIT if "+ Timeout +" in output else "an error"


def _copied_tree(folder: Path) -> Path:
    """Copy what the tests need below ``folder``; return the copy."""
    tree = folder / "tree"
    tree.mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, tree / name)
    return tree


def _next(mutations: Iterator[Mutation], count: int) -> list[Mutation]:
    return [mutation for _, mutation in zip(range(count), mutations, strict=False)]
