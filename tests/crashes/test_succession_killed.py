"""The worker is killed while schools go on at their successors: each is before or after it."""

from __future__ import annotations

import random
import time
from pathlib import Path

import sqlalchemy as sa

from ledger import Book
from marketplace.exchanges.models import State
from marketplace.network.models import Succession
from marketplace.network.succession import record_closed
from marketplace.outbox.models import DeliveryState, OutboxDelivery
from tests.crashes.test_worker_killed import prepared, wait_until, workers
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school
from tests.marketplace.network.test_succession import GRANT, assert_sound
from tests.marketplace.schools.factories import SchoolFactory

SCHOOLS = 8
KILLS = 3


def test_a_worker_killed_in_the_middle_moves_everything_once(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(1)
    with prepared(database_url) as app:
        with saved(app) as session:
            partner = actor_for(joined_school())
            news = []
            for _ in range(SCHOOLS):
                old, new = joined_school(), SchoolFactory()
                brought_to(State.AGREED, actor_for(old), partner, minutes=15)
                close(old, new)
                news.append(new.urn)
            assert record_closed(session) == SCHOOLS

        def settled() -> bool:
            with saved(app) as session:
                waiting = sa.select(OutboxDelivery.id).where(
                    OutboxDelivery.subscriber == "network.succession",
                    OutboxDelivery.state != DeliveryState.DONE,
                )
                done = session.scalar(sa.select(sa.func.count()).where(Succession.state == "done"))
                return done == SCHOOLS and session.scalar(waiting) is None

        with workers(database_url, tmp_path) as processes:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.3))
                process = chance.choice(processes)
                process.kill()
                process.start()
            wait_until(settled)
            assert [process.stop() for process in processes] == [0] * len(processes)
        with saved(app) as session:
            assert [Book(session).balance(f"school:{urn}") for urn in news] == [GRANT] * SCHOOLS
            assert_sound(session)
