"""``make benchmark``: measure, and print a table of ratios."""

from __future__ import annotations

import argparse
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
                single(cluster, asked.seconds, asked.rounds)
            if "bulk" in parts:
                batches(cluster, asked.seconds, asked.rounds)
            if "reading" in parts:
                reading(cluster, asked.entries)
        finally:
            cluster.stop()


def single(cluster: PostgresCluster, seconds: float, rounds: int) -> None:
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
            print(f"\nTransfers a second, {'one hot account' if hot else 'uniform'}")
            print(f"{'processes':<16}" + "".join(f"{p:>12}" for p in PROCESSES))
            best = {
                name: [
                    median(
                        rate(
                            name,
                            url,
                            accounts=ACCOUNTS,
                            processes=processes,
                            seconds=seconds,
                            hot=hot,
                            run=hot * 1000 + processes * 10 + turn,
                        )
                        for turn in range(rounds)
                    )
                    for processes in PROCESSES
                ]
                for name, url in urls.items()
            }
            for name, figures in best.items():
                print(f"{name:<16}" + "".join(f"{figure:>12,.0f}" for figure in figures))
            for name in ("bare function", "django-hordak", "plain ORM"):
                ratios = zip(best["ledger"], best[name], strict=True)
                print(f"{'ours / ' + name:<22}" + "".join(f"{a / b:>12.2f}" for a, b in ratios))


def batches(cluster: PostgresCluster, seconds: float, rounds: int) -> None:
    """A thousand a call, beside one at a time and beside the bare statement."""
    with cluster.database() as ours, cluster.database() as bare:
        CONTENDERS["ledger"]().prepare(ours, ACCOUNTS)
        one = median(
            rate("ledger", ours, accounts=ACCOUNTS, processes=1, seconds=seconds, hot=False, run=n)
            for n in range(rounds)
        )
        many = bulk.our_rate(ours, ACCOUNTS, seconds)
        statement = bulk.bare_rate(bare, ACCOUNTS, seconds)
        print("\nA thousand transfers a call, one process")
        print(f"ours {many:,.0f}/s, one at a time {one:,.0f}/s, bare statement {statement:,.0f}/s")
        print(
            f"ours / one at a time {many / one:.1f}   ours / bare statement {many / statement:.2f}"
        )


def median(figures: Iterable[float]) -> float:
    """The middle one."""
    ordered = sorted(figures)
    return ordered[len(ordered) // 2]


if __name__ == "__main__":
    main()
