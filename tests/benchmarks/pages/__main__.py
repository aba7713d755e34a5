"""``make benchmark ARGS="pages URL"``: time the pages, beside the sign-in page."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import quote_plus

from flask import Flask

from marketplace.accounts.models import Person
from marketplace.database import db
from marketplace.search.engine import Engine
from tests.benchmarks.pages.derived import keep_derived, without_total
from tests.benchmarks.pages.exports import print_exports
from tests.benchmarks.pages.subjects import Subjects, choose_subjects
from tests.benchmarks.pages.warm_process import ROUNDS_BEFORE, Visitor
from tests.marketplace.conftest import build, disconnect

SIGN_IN = "/sign-in"
BOOK = "/credits/book"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be timed; ``times`` is how many sign-in pages it may take, where that is set.

    ``again`` is whether a search may be kept from the last time, as for the next page of it.
    """

    label: str
    person: Person | None
    path: str
    times: int | None = None
    again: bool = False


def main() -> None:
    """Time the pages of a network that “demo load” made, and print them as a table.

    Signed-in people are added to the database, and what the worker keeps is brought up to date.
    """
    parser = argparse.ArgumentParser(prog="pages", description=main.__doc__)
    parser.add_argument("url", help="the database, as sqlite:////FOLDER/FILE or postgresql://…")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="time only pages with this in their names")
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="time the processor instead of the clock: for SQLite on a machine that is not quiet",
    )
    parser.add_argument("--no-exports", action="store_true")
    arguments = parser.parse_args()
    url = arguments.url.replace("postgresql://", "postgresql+psycopg://")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    clock = time.process_time if arguments.cpu else time.perf_counter
    app = build(url)
    with app.app_context():
        session = db.session()
        keep_derived(session)
        subjects = choose_subjects(session)
        session.expunge_all()
        session.rollback()
    print(
        f"The average school has {subjects.average.entries} entries, the busiest"
        f" {subjects.busiest.entries}. The trust has {subjects.schools_of_trust} schools."
    )
    pages = [page for page in pages_of(subjects) if arguments.only in page.label]
    print(f"\n{'page':<44}{'ms':>8}{'× sign-in':>11}{'at most':>9}")
    for page in pages:
        time_page(app, page, arguments.rounds, clock)
    past = page_of_past_day(subjects, "trial balance of a past day, not kept")
    if arguments.only in past.label:
        with without_total(app, subjects.past_day):
            time_page(app, past, arguments.rounds, clock)
    disconnect(app)
    if not arguments.no_exports:
        print_exports(url, subjects.auditor.id)


def pages_of(subjects: Subjects) -> list[Page]:
    """Return every page that is timed but the one that needs the database changed."""
    average, busiest, auditor = subjects.average, subjects.busiest, subjects.auditor
    year = "period=this-year"
    statement = "/credits/statement"
    transaction = f"/credits/transactions/{subjects.transaction_id}"
    reconcile = "/credits/reconcile?with="
    journal = f"{BOOK}/journal"
    start, end = subjects.past_day, subjects.past_day + timedelta(days=30)
    filters = {
        "of a month": f"start={start}&end={end}",
        "from a day, oldest first": f"start={start}&order=oldest",
        "of a school by name": f"account={quote_plus(average.name)}",
        "of the average school": f"account={average.urn}",
        "of the busiest school": f"account={busiest.urn}",
        "of the fund": "account=network:fund",
        "of a trust": f"trust={quote_plus(subjects.trust_name)}",
        "of a person": f"person={quote_plus(average.person.email)}",
        "of exchanges": "kind=exchange",
        "of holds": "kind=hold",
        "of reversals": "reversal=1",
        "of 5 hours and more": "least=5",
        "of 400 hours and more": "least=400",
        "out of hours": "out_of_hours=1",
        "same person on both sides": "same_person=1",
        "that moved credits": "include=moved",
        "of everything at once": f"account={busiest.urn}&start={start}&end={end}&kind=exchange"
        "&least=1&most=9&out_of_hours=1&include=moved",
    }
    return [
        Page("statement, average school", average.person, f"/credits?{year}", 5),
        Page("statement, busiest school", busiest.person, f"/credits?{year}", 5),
        Page("all entries to print, busiest school", busiest.person, f"/credits?{year}&print=all"),
        Page("statement as PDF, busiest school", busiest.person, f"{statement}.pdf?{year}"),
        Page("statement as XLSX, busiest school", busiest.person, f"{statement}.xlsx?{year}"),
        Page("statement as CSV, busiest school", busiest.person, f"{statement}.csv?{year}"),
        Page(
            "reconcile, average school",
            average.person,
            f"{reconcile}{average.partner_urn}&{year}",
            5,
        ),
        Page(
            "reconcile, busiest school",
            busiest.person,
            f"{reconcile}{busiest.partner_urn}&{year}",
            5,
        ),
        Page("trust", subjects.trust_finance, f"/trust/credits?{year}", 10),
        Page("trust as XLSX", subjects.trust_finance, f"/trust/credits/schools.xlsx?{year}", 10),
        Page("transaction", average.person, transaction, 5),
        Page("transaction, auditor", auditor, transaction, 5),
        Page("exchange", average.person, f"/exchanges/{subjects.exchange_id}", 5),
        Page("search without words", average.person, "/search"),
        Page("search with words", average.person, "/search?q=phonics"),
        Page(
            "search: words, two facets, distance",
            average.person,
            "/search?q=phonics&topic=phonics&phase=ks1&within=20",
            8,
        ),
        Page("search with a slip", average.person, "/search?q=fonics"),
        Page("search near a town", average.person, "/search?q=reading&near=Nottingham&within=20"),
        Page("dashboard, average school", average.person, "/home", 5),
        Page("dashboard, busiest school", busiest.person, "/home", 5),
        Page("dashboard, auditor", auditor, "/home", 5),
        Page("dashboard, operator", subjects.operator, "/home", 5),
        Page("journal", auditor, journal, 5),
        *(
            Page(f"journal {label}", auditor, f"{journal}?{query}", 5)
            for label, query in filters.items()
        ),
        *pages_of_finding(subjects),
        Page("trial balance today", auditor, f"{BOOK}/trial-balance", 10),
        page_of_past_day(subjects, "trial balance of a past day, kept"),
    ]


def pages_of_finding(subjects: Subjects) -> list[Page]:
    """Return the pages on which schools find each other."""
    average = subjects.average
    place = f"near={subjects.postcode}&within=20".replace(" ", "+")
    searches = {
        "words": "q=phonics",
        "words, two facets, distance": f"q=reading+help&topic=reading&phase=ks1&{place}",
        "a sentence": "q=someone+who+is+good+at+phonics+in+year+1",
        "a slip": "q=fonics",
        "distance, nearest first": f"{place}&sort=nearest",
        "everything": "",
    }
    return [
        *(
            Page(f"search, {label}", average.person, f"/search?{query}", 8)
            for label, query in searches.items()
        ),
        *(
            Page(f"next page: {label}", average.person, f"/search?{query}&after=20", 8, again=True)
            for label, query in searches.items()
        ),
        Page("listing", average.person, f"/listings/{subjects.listing_id}", 5),
        Page("school", average.person, f"/schools/{subjects.busiest.urn}", 5),
        Page("front page", None, "/", 5),
    ]


def page_of_past_day(subjects: Subjects, label: str) -> Page:
    """Return the page of the trial balance of a day half-way through the book."""
    return Page(label, subjects.auditor, f"{BOOK}/trial-balance?date={subjects.past_day}", 10)


def searched_anew() -> AbstractContextManager[Any]:
    """Return a context in which what a search found before is not used."""
    return mock.patch.object(Engine, "recall_search", lambda _self, _key, find_out: find_out())


def time_page(app: Flask, page: Page, rounds: int, clock: Callable[[], float]) -> None:
    """Print the median of a page, beside that of the sign-in page opened in turns with it."""
    visitor, nobody = Visitor(app, page.person), Visitor(app, None)
    seconds, sign_in_seconds = [], []
    for number in range(ROUNDS_BEFORE + rounds):
        started = clock()
        nobody.open(SIGN_IN)
        between = clock()
        with nullcontext() if page.again else searched_anew():
            visitor.open(page.path)
        if number >= ROUNDS_BEFORE:
            sign_in_seconds.append(between - started)
            seconds.append(clock() - between)
    median = statistics.median(seconds)
    times = median / statistics.median(sign_in_seconds)
    limit = f"{page.times}" if page.times else ""
    mark = " *" if page.times and times > page.times else ""
    print(f"{page.label:<44}{median * 1000:>8.1f}{times:>11.1f}{limit:>9}{mark}", flush=True)


if __name__ == "__main__":
    main()
