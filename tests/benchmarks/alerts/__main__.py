"""``python -m tests.benchmarks.alerts``: run many saved searches over what is new, and time it.

The searches have the words of the labelled queries (``tests.benchmarks.search``), a third of them
with a distance, a third with a phase. The new listings have the texts of the demo.
"""

from __future__ import annotations

import argparse
import random
import secrets
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.database import db
from marketplace.demo.content import demo_content
from marketplace.listings.service import Draft, post_listing
from marketplace.mail.models import Email
from marketplace.outbox.worker import Worker
from marketplace.saved_searches.models import SavedSearch
from marketplace.saved_searches.running import run_saved_searches
from tests.benchmarks.search.labelled import queries
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


def main() -> None:
    """Make searches and listings in a database of its own, run the searches, print the times."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alerts")
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--listings", type=int, default=100, help="how many are new")
    parser.add_argument("--schools", type=int, default=200)
    parser.add_argument("--url", default="", help="an empty database; else SQLite in a file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'alerts.sqlite3'}"
        make_tables(url)
        with running(url) as app:
            _prepare(app, arguments.schools, arguments.searches, arguments.listings)
            _measure(app)


def _prepare(app: Skillbank, schools: int, searches: int, listings: int) -> None:
    rng = random.Random(1)
    with saved(app) as session:
        actors = [
            actor_for(
                joined_school(
                    easting=380_000 + rng.randrange(-60_000, 60_000),
                    northing=398_000 + rng.randrange(-60_000, 60_000),
                )
            )
            for _ in range(schools)
        ]
        words = [query.text for query in queries()]
        now = clock.now()
        session.execute(
            sa.insert(SavedSearch),
            [
                {
                    "person_id": actor.person_id,
                    "school_urn": actor.urn,
                    "name": "A search",
                    "criteria": {
                        "q": rng.choice(words),
                        "kind": "offer",
                        "values": {"phase": [rng.choice(("ks1", "ks2"))]}
                        if number % 3 == 0
                        else {},
                        "within": 20 if number % 3 == 1 else None,
                    },
                    "frequency": "at_once",
                    "seen_up_to": 0,
                    "last_run_at": now,
                    "created_at": now,
                    "version": 1,
                    "idempotency_key": secrets.token_urlsafe(16),
                }
                for number in range(searches)
                for actor in [rng.choice(actors)]
            ],
        )
        texts = demo_content().offers
        for _ in range(listings):
            text, reach = rng.choice(texts), rng.choice((Reach.NATIONAL, Reach.REGION))
            draft = Draft(
                "offer", text.title, text.description, text.topics, text.phases, text.mode,
                text.minutes, Audience(reach),
            )  # fmt: skip
            post_listing(
                session, rng.choice(actors), draft, idempotency_key=secrets.token_urlsafe(16)
            )


def _measure(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        began = time.perf_counter()
        searches, alerts = run_saved_searches(session, session.commit)
        took = time.perf_counter() - began
        print(f"{searches:,} saved searches in {took:.1f} s, {searches / took * 60:,.0f} a minute;")
        print(f"{alerts:,} of them told of something.")
        session.commit()
    began = time.perf_counter()
    worker = Worker(app)
    while (emails := _emails(app)) < alerts:
        assert worker.work(), "the worker has nothing to do"
    took = time.perf_counter() - began
    rate = emails / took * 60
    print(f"{emails:,} e-mails written by the worker in {took:.1f} s, {rate:,.0f} a minute.")


def _emails(app: Skillbank) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Email)) or 0


if __name__ == "__main__":
    main()
