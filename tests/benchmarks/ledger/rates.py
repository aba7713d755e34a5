"""Transfers a second: so many processes for so many seconds, each with its own connection."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.benchmarks.ledger.contenders import CONTENDERS


def rate(
    name: str, url: str, *, accounts: int, processes: int, seconds: float, hot: bool, run: int
) -> float:
    """Transfers a second of all processes together; ``hot``: account 0 is in every one."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    results: Any = context.Queue()
    workers = [
        context.Process(
            target=_work,
            args=(name, url, accounts, seconds, hot, run * 100 + number, barrier, results),
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    counted = [results.get(timeout=seconds + 120) for _ in workers]
    for worker in workers:
        worker.join()
    return sum(count / took for count, took in counted)


def _work(
    name: str,
    url: str,
    accounts: int,
    seconds: float,
    hot: bool,
    worker: int,
    barrier: Barrier,
    results: Any,
) -> None:
    transfer = CONTENDERS[name]().connect(url, worker)
    chance = random.Random(worker)
    for _ in range(20):
        transfer(*_pair(chance, accounts, hot))
    barrier.wait(timeout=100)
    start = time.perf_counter()
    count = 0
    while (took := time.perf_counter() - start) < seconds:
        transfer(*_pair(chance, accounts, hot))
        count += 1
    results.put((count, took))


def _pair(chance: random.Random, accounts: int, hot: bool) -> tuple[int, int]:
    source = 0 if hot else chance.randrange(accounts)
    target = chance.randrange(1, accounts)
    while target == source:
        target = chance.randrange(1, accounts)
    return (source, target) if not hot or chance.random() < 0.5 else (target, source)
