"""Each subscriber hears of each event once, whatever fails and whoever is killed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.database import db
from marketplace.outbox import service
from marketplace.outbox.events import Event
from marketplace.outbox.models import DeliveryState, OutboxEvent
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.service import record
from marketplace.outbox.subscribers import get_subscribers
from marketplace.outbox.worker import Worker
from tests.marketplace.outbox.bells import BellRung, SetClock, note_effect, rung
from tests.marketplace.outbox.conftest import House

POLICY = RetryPolicy(max_tries=3, first_wait=timedelta(seconds=30), lease=timedelta(minutes=5))


class Killed(BaseException):
    """The process ends here: nothing catches it."""


def run(house: House) -> None:
    Worker(house.app, POLICY).run_once()


def test_an_event_reaches_every_subscriber_once_as_it_was_recorded(house: House) -> None:
    seen: list[Event] = []
    house.subscribe("diary", seen.append)
    house.subscribe("post")
    event = rung(5, ringer_ids=(1, 2))
    number = house.record(event)
    run(house)
    run(house)
    assert house.effects() == [("diary", number), ("post", number)]
    assert seen == [
        BellRung(
            id=number,
            actor_id=7,
            school_urns=(100_001, 100_002),
            occurred_at=event.occurred_at,
            bell_id=5,
            ringer_ids=(1, 2),
        )
    ]


def test_nobody_hears_of_what_was_rolled_back(house: House) -> None:
    house.subscribe("diary")
    with house.app.app_context():
        record(db.session(), rung())
        db.session.flush()
        db.session.rollback()
    run(house)
    assert house.effects() == []


def test_an_event_without_subscribers_is_over(house: House) -> None:
    house.record(rung())
    run(house)
    with house.app.app_context():
        assert db.session.scalars(sa.select(OutboxEvent.distributed_at)).one() is not None


def test_a_later_subscriber_hears_of_what_nobody_has_distributed(house: House) -> None:
    house.record(rung())
    run(house)
    second = house.record(rung())
    house.subscribe("late")
    run(house)
    assert house.effects() == [("late", second)]


def test_a_failure_undoes_its_effects_holds_up_nobody_and_is_tried_again(
    house: House, set_clock: SetClock
) -> None:
    reasons = ["not now"]

    def fail_after_writing(session: Session, event: BellRung) -> None:
        note_effect(session, "shaky", event)
        if reasons:
            raise RuntimeError(reasons.pop())

    get_subscribers(house.app).subscribe(BellRung, "shaky", fail_after_writing)
    house.subscribe("steady")
    number = house.record(rung())
    run(house)
    assert house.effects() == [("steady", number)]
    delivery = house.delivery("shaky")
    assert delivery.tries == 1
    assert delivery.claim_token is None
    assert "RuntimeError" in (delivery.last_error or "")
    set_clock.move(seconds=20)
    run(house)
    assert house.effects() == [("steady", number)]
    set_clock.move(seconds=20)
    run(house)
    assert house.effects() == [("shaky", number), ("steady", number)]
    assert house.delivery("shaky").last_error is None


def test_after_the_last_try_it_is_parked_reported_and_can_be_retried(
    house: House, set_clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    broken, letter = True, "Dear Ms Shah, about your pupil"

    def fail(event: Event) -> None:
        if broken:
            raise ValueError(letter)

    house.subscribe("post", fail)
    number = house.record(rung())
    for _ in range(POLICY.max_tries + 2):
        run(house)
        set_clock.move(hours=7)
    delivery = house.delivery("post")
    assert (delivery.state, delivery.tries) == (DeliveryState.PARKED, 3)
    errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == POLICY.max_tries + 1
    assert f"event {number} (bell.rung) to post" in errors[0]
    assert errors[-1].startswith("Parked")
    assert "Shah" not in caplog.text + (delivery.last_error or "")
    code, output = house.jobs("status")
    assert code == 1
    assert f"parked {delivery.id}: bell.rung, event {number}, to post, 3 tries" in output
    assert "1 parked" in output
    assert house.jobs("retry", str(delivery.id + 1))[0] == 1
    assert house.jobs("retry")[0] == 2
    broken = False
    assert house.jobs("retry", "--all") == (0, "1 delivery will be tried again.\n")
    run(house)
    assert house.effects() == [("post", number)]
    assert house.jobs("status")[0] == 0


@pytest.mark.parametrize("error", [ValueError, Killed])
def test_a_subscriber_hears_that_its_delivery_is_parked(
    house: House, set_clock: SetClock, error: type[BaseException]
) -> None:
    def fail(session: Session, event: BellRung) -> None:
        raise error

    def note_parked(session: Session, event: BellRung) -> None:
        note_effect(session, "parked", event)

    get_subscribers(house.app).subscribe(BellRung, "post", fail, on_parked=note_parked)
    number = house.record(rung())
    for _ in range(POLICY.max_tries):
        assert house.effects() == []
        with suppress(Killed):
            run(house)
        set_clock.move(hours=7)
    run(house)
    assert house.effects() == [("parked", number)]
    assert house.delivery("post").state == DeliveryState.PARKED
    set_clock.move(hours=7)
    run(house)
    assert house.effects() == [("parked", number)]


def test_only_the_delivery_that_was_named_is_retried(house: House, set_clock: SetClock) -> None:
    def fail(event: Event) -> None:
        raise ValueError

    house.subscribe("diary", fail)
    house.subscribe("post", fail)
    house.record(rung())
    for _ in range(POLICY.max_tries):
        run(house)
        set_clock.move(hours=7)
    assert house.jobs("retry", str(house.delivery("post").id))[0] == 0
    assert house.delivery("post").state == DeliveryState.WAITING
    assert house.delivery("post").tries == 0
    assert house.delivery("diary").state == DeliveryState.PARKED


def test_a_killed_worker_leaves_its_delivery_to_another_after_the_lease(
    house: House, set_clock: SetClock
) -> None:
    kills = [Killed()]

    def handle(event: Event) -> None:
        if kills:
            raise kills.pop()

    house.subscribe("diary", handle)
    number = house.record(rung())
    with pytest.raises(Killed):
        run(house)
    set_clock.move(minutes=4)
    run(house)
    assert house.effects() == []
    set_clock.move(minutes=2)
    run(house)
    assert house.effects() == [("diary", number)]


def test_a_handler_that_kills_every_worker_is_parked(
    house: House, set_clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    def kill(event: Event) -> None:
        raise Killed

    house.subscribe("diary", kill)
    house.record(rung())
    for _ in range(POLICY.max_tries):
        with pytest.raises(Killed):
            run(house)
        set_clock.move(minutes=6)
    run(house)
    delivery = house.delivery("diary")
    assert (delivery.state, delivery.last_error) == (DeliveryState.PARKED, service.WORKER_DIED)
    assert "Parked" in caplog.text


def test_who_outlasts_the_lease_cannot_commit_a_second_time(
    house: House, set_clock: SetClock
) -> None:
    calls = []

    def slow(event: Event) -> None:
        calls.append(event.id)
        if len(calls) == 1:  # the first worker sleeps; a second one comes after the lease
            set_clock.move(minutes=6)
            run(house)

    house.subscribe("diary", slow)
    number = house.record(rung())
    run(house)
    assert calls == [number, number]
    assert house.effects() == [("diary", number)]
    assert house.delivery("diary").tries == 2


def test_a_retried_claim_is_not_the_old_one(house: House, set_clock: SetClock) -> None:
    """The numbers of tries begin again; the claim of a worker from before does not count."""
    house.subscribe("diary")
    house.record(rung())
    session = db.session
    with house.app.app_context():
        service.distribute(session(), get_subscribers(house.app))
        old = service.claim(session(), ["diary"], RetryPolicy(max_tries=1))
        assert old is not None
        set_clock.move(minutes=6)
        assert service.claim(session(), ["diary"], RetryPolicy(max_tries=1)) is None
        assert service.retry_parked(session()) == 1
        new = service.claim(session(), ["diary"], RetryPolicy(max_tries=1))
        assert new is not None
        assert new.tries == old.tries
        with pytest.raises(service.ClaimLost):
            service.finish(session(), old)
        service.finish(session(), new)
        session.commit()
    assert house.delivery("diary").state == DeliveryState.DONE


def test_deliveries_of_a_subscriber_that_is_gone_wait_and_are_told(
    house: House, set_clock: SetClock
) -> None:
    house.subscribe("gone")
    house.record(rung())
    with house.app.app_context():
        service.distribute(db.session(), get_subscribers(house.app))
        db.session.commit()
    get_subscribers(house.app)._handlers.clear()
    run(house)
    assert house.jobs("status")[0] == 0
    set_clock.move(minutes=16)
    run(house)
    assert house.delivery("gone").tries == 0
    code, output = house.jobs("status")
    assert code == 1
    assert "1 overdue" in output


def test_waits_double_up_to_a_limit_and_scatter() -> None:
    policy = RetryPolicy()
    waits = [policy.wait(5) for _ in range(50)]
    assert len(set(waits)) > 1
    assert all(timedelta(seconds=360) <= wait <= timedelta(seconds=600) for wait in waits)
    assert policy.wait(10_000) <= policy.longest_wait * 1.25


def test_what_is_done_with_is_deleted_after_a_month_and_nothing_else(
    house: House, set_clock: SetClock
) -> None:
    house.keep_own_jobs()
    broken = True

    def fail_once(event: Event) -> None:
        if broken and event.id == parked:
            raise ValueError

    parked = 0
    house.subscribe("diary", fail_once)
    done = house.record(rung())
    run(house)
    parked = house.record(rung())
    for _ in range(POLICY.max_tries):
        run(house)
        set_clock.move(hours=7)
    set_clock.move(days=31)
    fresh = house.record(rung())
    run(house)  # the pruning is on the schedule

    def left() -> list[int]:
        with house.app.app_context():
            rung_ones = sa.select(OutboxEvent.id).where(OutboxEvent.type == "bell.rung")
            return list(db.session.scalars(rung_ones.order_by(OutboxEvent.id)))

    assert left() == [parked, fresh]
    assert done not in left()
    broken = False
    assert house.jobs("retry", "--all")[0] == 0
    run(house)
    set_clock.move(days=2)
    run(house)
    assert left() == [parked, fresh]  # it was done only two days ago
    set_clock.move(days=29)
    run(house)
    assert left() == []
    assert house.record(rung()) > fresh  # a number is never used again


def test_claiming_reads_the_index_of_what_waits(house: House) -> None:
    house.subscribe("diary")
    seen: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *_: object):
        if "FROM outbox_delivery" in statement and "ORDER BY" in statement:
            seen.append((statement, parameters))

    with house.app.app_context():
        engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        service.claim(db.session(), ["diary"], POLICY)
        sa.event.remove(engine, "before_cursor_execute", note)
        connection = db.session.connection()
        statement, parameters = seen[0]
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    assert "ix_outbox_delivery_waiting" in str(plan)


def test_who_ends_the_transaction_before_talking_to_the_outside_is_in_nobodys_way(
    house: House,
) -> None:
    def talk(session: Session, event: BellRung) -> None:
        session.scalar(sa.select(sa.func.count()).select_from(OutboxEvent))
        session.rollback()
        if event.bell_id == 1:
            house.record(rung(2))  # somebody else writes while the other side takes its time
        note_effect(session, "post", event)

    get_subscribers(house.app).subscribe(BellRung, "post", talk)
    first = house.record(rung(1))
    run(house)
    assert house.effects() == [("post", first), ("post", first + 1)]


def test_an_idle_worker_does_not_queue_for_the_write_lock(house: House) -> None:
    house.subscribe("diary")
    worker = Worker(house.app, POLICY)
    worker.run_once()
    begun: list[str] = []
    with house.app.app_context():
        engine = db.engine

    def note(connection: sa.Connection) -> None:
        begun.append("reading" if connection.get_execution_options().get("read_only") else "write")

    sa.event.listen(engine, "begin", note)
    assert worker.work() is False
    assert begun == ["reading"]
    house.record(rung())
    assert worker.work() is True
    assert "write" in begun
    sa.event.remove(engine, "begin", note)


def test_who_takes_several_events_gets_them_together_and_one_by_one_after_a_failure(
    house: House,
) -> None:
    parts: list[list[int]] = []

    def alone(session: Session, event: BellRung) -> None:
        if event.bell_id == 2:
            raise OSError
        note_effect(session, "diary", event)

    def together(session: Session, events: Sequence[BellRung]) -> None:
        parts.append([event.bell_id for event in events])
        for event in events:
            note_effect(session, "diary", event)
            if event.bell_id == 2:
                raise OSError

    get_subscribers(house.app).subscribe(BellRung, "diary", alone, together=together)
    well = [house.record(rung(1)) for _ in range(3)]
    run(house)
    assert house.effects() == [("diary", number) for number in well]
    later = [house.record(rung(number)) for number in (1, 2, 3)]
    run(house)
    assert parts == [[1, 1, 1], [1, 2, 3]]
    assert house.effects() == [("diary", number) for number in (*well, later[0], later[2])]
