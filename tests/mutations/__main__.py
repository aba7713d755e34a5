"""Draw mutations by chance and tell which survive."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.mutations import __doc__ as description
from tests.mutations import python, sql
from tests.mutations.mutation import ROOT, Mutation
from tests.mutations.running import TIME_LIMIT, Outcome, Workers

SKIPPED = ("marketplace/demo/",)
"""Made-up content, whose tests go over the content and not over the code."""


def main() -> None:
    """Draw mutations of the paths that are given, run the tests on each, and sum up."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, help="files or folders of the product")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60, help="mutations of Python")
    parser.add_argument("--sql", type=int, default=0, help="mutations of SQL")
    parser.add_argument("--workers", type=int, default=1, help="mutations at the same time")
    parser.add_argument("--seconds", type=int, default=300, help="for each run of the tests")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that databases are stopped
    possible = [mutation for path in options.paths for mutation in mutations_below(path)]
    random.Random(options.seed).shuffle(possible)
    summary, survivors = [], []
    with Workers(options.workers, options.seconds) as workers:
        for language, count in (("Python", options.count), ("SQL", options.sql)):
            drawn = [mutation for mutation in possible if mutation.sql == (language == "SQL")]
            outcomes = workers.outcomes(drawn, count, show) if count else []
            survivors += [outcome for outcome in outcomes if not outcome.noticed_by]
            if outcomes:
                summary.append(f"{language}: {summed_up(outcomes)}, out of {len(drawn)} possible")
    print(f"\nSeed {options.seed}", *summary, "", sep="\n")  # noqa: T201
    for outcome in survivors:
        show(outcome)


def summed_up(outcomes: list[Outcome]) -> str:
    """How many mutations were noticed; on a busy machine a time limit may notice what is sound."""
    noticed_by = [outcome.noticed_by for outcome in outcomes if outcome.noticed_by]
    share = len(noticed_by) / len(outcomes)
    text = f"{len(noticed_by)} of {len(outcomes)} noticed ({share:.0%})"
    late = noticed_by.count(TIME_LIMIT)
    return f"{text}, {late} of them only by a time limit" if late else text


def mutations_below(path: Path) -> Iterator[Mutation]:
    """Every mutation of a file, or of the files in a folder."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        name = file.resolve().relative_to(ROOT).as_posix()
        if name.startswith(SKIPPED):
            continue
        if file.suffix == ".py":
            yield from python.mutations_of(name, file.read_text(encoding="utf-8"))
        elif file.suffix == ".sql":
            yield from mutations_of_sql(name, file.read_text(encoding="utf-8"))


def mutations_of_sql(name: str, source: str) -> Iterator[Mutation]:
    """Every mutation of a file of SQL."""
    for change in sql.changes_of(source):
        line = source.count("\n", 0, change.start) + 1
        text = partial(change.apply, source)
        yield Mutation(name, line, *change.excerpts(source), text, sql=True)


def show(outcome: Outcome) -> None:
    """Print one line about a mutation."""
    mutation = outcome.mutation
    word = "not SQL" if not outcome.viable else "noticed" if outcome.noticed_by else "SURVIVED"
    by = f"  ({outcome.noticed_by})" if outcome.viable and outcome.noticed_by else ""
    print(  # noqa: T201
        f"{word:8} {outcome.seconds:4.0f} s  {mutation.path}:{mutation.line}"
        f"  {mutation.before}  →  {mutation.after or '(removed)'}{by}",
        flush=True,
    )


if __name__ == "__main__":
    main()
