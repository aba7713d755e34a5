"""``make benchmark``: measure, and print a table of ratios."""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.ledger import bulk
from tests.benchmarks.ledger.contenders import CONTENDERS
from tests.benchmarks.ledger.rates import rate
from tests.benchmarks.ledger.reading import reading
from tests.databases import PostgresCluster

ACCOUNTS = 25_000
PROCESSES = (1, 2, 8)


def main() -> None:
    """Measure what was asked for; everything, if nothing was."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("parts", nargs="*", choices=["single", "bulk", "reading"], default=None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=10_000_000)
    asked = parser.parse_args()
    parts = asked.parts or ["single", "bulk", "reading"]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        cluster = PostgresCluster(Path(folder) / "postgres")
        try:
            if "single" in parts:
                single(cluster, Path(folder), asked.seconds, asked.rounds)
            if "bulk" in parts:
                batches(cluster, Path(folder), asked.seconds, asked.rounds)
            if "reading" in parts:
                reading(cluster, asked.entries)
        finally:
            cluster.stop()


def single(cluster: PostgresCluster, folder: Path, seconds: float, rounds: int) -> None:
    """Every contender with its own database, in turns, so that they share the machine's moods."""
    with (
        cluster.database() as ours,
        cluster.database() as bare,
        cluster.database() as hordak,
        cluster.database() as orm,
    ):
        urls = dict(zip(CONTENDERS, (ours, bare, hordak, orm), strict=True))
        for name, url in urls.items():
            CONTENDERS[name]().prepare(url, ACCOUNTS)
        for hot in (False, True):
            measured: dict[str, list[list[float]]] = {
                name: [[] for _ in PROCESSES] for name in urls
            }
            for turn, (place, processes), (name, url) in itertools.product(
                range(rounds), enumerate(PROCESSES), urls.items()
            ):
                measured[name][place].append(
                    rate(
                        name,
                        url,
                        accounts=ACCOUNTS,
                        processes=processes,
                        seconds=seconds,
                        hot=hot,
                        run=hot * 1000 + processes * 10 + turn,
                    )
                )
            print(f"\nTransfers a second, {'one hot account' if hot else 'uniform'}")
            print(f"{'processes':<22}" + "".join(f"{p:>12}" for p in PROCESSES))
            middle = {name: [median(f) for f in figures] for name, figures in measured.items()}
            for name, figures in middle.items():
                print(f"{name:<22}" + "".join(f"{figure:>12,.0f}" for figure in figures))
            for name in ("bare function", "django-hordak", "plain ORM"):
                ratios = zip(middle["ledger"], middle[name], strict=True)
                print(f"{'ours / ' + name:<22}" + "".join(f"{a / b:>12.2f}" for a, b in ratios))
    file = f"sqlite:///{folder / 'single.sqlite3'}"
    CONTENDERS["ledger"]().prepare(file, ACCOUNTS)
    figure = rate("ledger", file, accounts=ACCOUNTS, processes=1, seconds=seconds, hot=False, run=0)
    print(f"\nSQLite, uniform, one process: {figure:,.0f}/s")


def batches(cluster: PostgresCluster, folder: Path, seconds: float, rounds: int) -> None:
    """A thousand a call, beside one at a time and beside the bare statement, in turns."""
    file = f"sqlite:///{folder / 'bulk.sqlite3'}"
    with cluster.database() as ours, cluster.database() as bare:
        CONTENDERS["ledger"]().prepare(ours, ACCOUNTS)
        CONTENDERS["ledger"]().prepare(file, ACCOUNTS)
        bulk.prepare_bare(bare, ACCOUNTS)
        one, many, statement = [], [], []
        for turn in range(rounds):
            one.append(
                rate(
                    "ledger",
                    ours,
                    accounts=ACCOUNTS,
                    processes=1,
                    seconds=seconds,
                    hot=False,
                    run=turn,
                )
            )
            many.append(bulk.our_rate(ours, ACCOUNTS, seconds, turn))
            statement.append(bulk.bare_rate(bare, ACCOUNTS, seconds, turn))
        single_rate, bulk_rate, bare_rate = median(one), median(many), median(statement)
        print("\nA thousand transfers a call, one process")
        print(
            f"ours {bulk_rate:,.0f}/s, one at a time {single_rate:,.0f}/s,"
            f" bare statement {bare_rate:,.0f}/s"
        )
        print(
            f"ours / one at a time {bulk_rate / single_rate:.1f}"
            f"   ours / bare statement {bulk_rate / bare_rate:.2f}"
        )
        print(f"SQLite: {bulk.our_rate(file, ACCOUNTS, seconds, 0):,.0f}/s")


def median(figures: Iterable[float]) -> float:
    """The middle one."""
    ordered = sorted(figures)
    return ordered[len(ordered) // 2]


if __name__ == "__main__":
    main()
