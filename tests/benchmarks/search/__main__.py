"""``python -m tests.benchmarks.search``: print how good the search is, and its worst queries.

Of the half that is held out no query is named: whoever works on the search must not see them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from marketplace.demo.texts import ListingKind, ListingText
from tests.benchmarks.search.judged import judged
from tests.benchmarks.search.labelled import (
    Graded,
    engine_of,
    find_with,
    measure,
    offers,
    queries,
    requests,
)


def main() -> None:
    """Measure the search over the listings of the demo, for each set of queries by itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search")
    parser.add_argument("--worst", type=int, default=15, help="how many of the worst are named")
    worst: int = parser.parse_args().worst
    _print("Labelled, over the offers", offers(), queries(), worst)
    texts: dict[ListingKind, list[ListingText]] = {"offer": offers(), "request": requests()}
    for kind, listings in texts.items():
        name = f"Judged by others, over the {kind}s"
        _print(f"{name}, tuned half", listings, judged(kind, held_out=False), worst)
        _print(f"{name}, held-out half", listings, judged(kind, held_out=True), worst=0)


def _print(name: str, listings: list[ListingText], asked: Sequence[Graded], worst: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quality = measure(find_with(engine_of(listings, Path(folder))), listings, asked)
    print(f"{name}: {len(quality.by_query)} queries, {len(listings)} listings")
    print(f"  nDCG@10 {quality.ndcg:.3f}; empty pages {quality.empty:.1%}")
    if quality.unanswered:
        empty = sum(not shown for shown in quality.unanswered.values())
        print(f"  {len(quality.unanswered)} more that nothing answers: {empty} empty pages")
    for text, ndcg in sorted(quality.by_query.items(), key=lambda item: item[1])[:worst]:
        print(f"    {ndcg:.2f}  {text}")


if __name__ == "__main__":
    main()
