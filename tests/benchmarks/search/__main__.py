"""``python -m tests.benchmarks.search``: print how good the search is, and its worst queries."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.search.labelled import engine_of, find_with, measure, offers


def main() -> None:
    """Measure the search over the offers of the demo and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search")
    parser.add_argument("--worst", type=int, default=15, help="how many of the worst are named")
    arguments = parser.parse_args()
    listings = offers()
    with tempfile.TemporaryDirectory() as folder:
        quality = measure(find_with(engine_of(listings, Path(folder))), listings)
    print(f"{len(quality.by_query)} queries over {len(listings)} offers")
    print(f"nDCG@10 {quality.ndcg:.3f}; empty pages {quality.empty:.1%}")
    for text, ndcg in sorted(quality.by_query.items(), key=lambda item: item[1])[: arguments.worst]:
        print(f"  {ndcg:.2f}  {text}")


if __name__ == "__main__":
    main()
