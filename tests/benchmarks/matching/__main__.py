"""``python -m tests.benchmarks.matching``: a larger simulation, and what the order costs in fit."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean

from tests.benchmarks.matching.quality import least_and_mean_ndcg
from tests.benchmarks.matching.simulation import Scale, simulate


def main() -> None:
    """Print both, with and without the order by room."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.matching")
    parser.add_argument("--schools", type=int, default=600)
    parser.add_argument("--requests", type=int, default=120_000)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    scale = Scale(arguments.schools, 40, arguments.requests)
    print(f"{scale.schools} schools, {scale.requests:,} requests, {arguments.seeds} runs each")
    print("order             met   of the later half   at credit limit   above upper limit")
    for balanced in (False, True):
        runs = [
            simulate(balanced=balanced, scale=scale, seed=seed) for seed in range(arguments.seeds)
        ]
        print(
            f"{'by room' if balanced else 'by fit alone':14s}"
            f"{mean(run.met for run in runs):7.1%}{mean(run.met_late for run in runs):16.1%}"
            f"{mean(run.at_credit_limit for run in runs):20.1%}"
            f"{mean(run.above_soft_limit for run in runs):20.1%}"
        )
    with tempfile.TemporaryDirectory() as folder:
        before, worst, average = least_and_mean_ndcg(Path(folder), draws=20)
    print(
        f"nDCG@10 {before:.4f} by fit alone; by room {average:.4f} on average and {worst:.4f} at"
        f" worst of 20 draws of balances: {1 - worst / before:.2%} less at worst"
    )


if __name__ == "__main__":
    main()
