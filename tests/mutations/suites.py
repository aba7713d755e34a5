"""Which tests run for a mutation: those likely to notice it first, then the rest."""

from __future__ import annotations

from pathlib import Path

from tests.mutations.mutation import ROOT

FAST = "not postgresql and not processes and not browser"
LIKELY = {
    "__main__": ["sealing", "verifying"],
    "accounts": ["reading", "soft_limits", "demurrage_and_closing"],
    "batch": ["batches", "edges"],
    "clock": ["calendar", "periods"],
    "decisions": ["posting", "holds", "before_opening", "clock"],
    "effective_dates": ["journal"],
    "book": ["posting", "holds"],
    "errors": ["posting"],
    "guards": [
        "attacks",
        "attacks_by",
        "periods",
        "replacing",
        "frozen_and_overridden",
        "clock",
        "tampering",
    ],
    "hold_fingerprints": ["verifying", "tampering"],
    "migrating": ["upgrading", "connections"],
    "postings": ["batches", "questions"],
    "queries": ["reading", "questions", "calendar"],
    "records": ["periods", "keys_and_texts"],
    "screening": ["verifying", "tampering"],
    "seals": ["sealing", "seals_tampered", "proofs"],
    "servers": ["restored", "following"],
    "requests": ["posting", "keys_and_texts"],
    "sqlite": ["posting", "holds"],
    "statuses": ["frozen_and_overridden"],
    "types": ["keys_and_texts"],
    "under_way": ["unsealed", "following"],
    "verbs": ["posting", "holds", "levy", "clock", "before_opening"],
    "verification": ["verifying", "tampering"],
}
"""The ledger's tests of a room or module whose name is not in theirs."""
CRASHES = "test_crashes.py"
RANDOM_HISTORIES = "test_against_model.py"
"""It takes a quarter of the time: it runs last, on one database, for what decides and writes."""
DECIDES = ("ledger/book.py", "ledger/engines/", "ledger/operations/")


def suites_of(path: str) -> list[list[str]]:
    """What runs for a mutation of ``path``: arguments of pytest, for one run after another."""
    return _of_ledger(path) if path.startswith("ledger/") else _of_marketplace(path)


def _of_marketplace(path: str) -> list[list[str]]:
    """On SQLite: the tests of the feature, then those of the rest."""
    parts = Path(path).parts
    own = Path("tests", *parts[:2])
    everything = ["-m", FAST, "tests/marketplace", "--ignore=tests/marketplace/demo"]
    if len(parts) > 2 and any((ROOT / own).glob("test_*.py")):
        return [["-m", FAST, str(own)], [*everything, f"--ignore={own}"]]
    return [everything]


def _of_ledger(path: str) -> list[list[str]]:
    """On the databases that the file is for: the tests named like it, then those of the rest.

    The rest starts no processes and kills nothing: those tests are slow, and for what a crash
    leaves.
    """
    engines = ["not postgresql", "postgresql"]
    if "/sqlite/" in path:
        engines = engines[:1]
    elif "/postgresql/" in path:
        engines = engines[1:]
    files = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests/ledger").rglob("test_*.py"))
        if file.name not in (CRASHES, RANDOM_HISTORIES)
    ]
    likely = [file for file in files if _is_likely(path, Path(file).stem.removeprefix("test_"))]
    rest = [file for file in files if file not in likely]
    suites = [["-m", f"{engine} and not processes", *rest] for engine in engines]
    if likely:
        suites.insert(0, ["-m", engines[0] if len(engines) == 1 else "not browser", *likely])
    if path.startswith(DECIDES):
        suites.append(["-m", engines[0], f"tests/ledger/{RANDOM_HISTORIES}"])
    return suites


def _is_likely(path: str, tests: str) -> bool:
    """Whether tests are named like a file of the ledger, or like the room that it is in."""
    names = Path(path).with_suffix("").parts[1:]
    return any(
        tests in LIKELY.get(name, ()) or word[:4] == tested[:4]
        for name in names
        if name not in ("sqlite", "postgresql") or name == names[-1]
        for word in name.split("_")
        for tested in tests.split("_")
        if len(word) > 3
    )
