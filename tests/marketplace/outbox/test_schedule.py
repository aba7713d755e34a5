"""What is due runs once, by one worker, and once for all the times it was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import Book
from marketplace.database import db
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.schedule import LONDON, Daily, Interval, JobRun, get_schedule
from marketplace.outbox.worker import Worker
from tests.ledger.keys import new_key
from tests.marketplace.outbox.bells import SetClock, effects
from tests.marketplace.outbox.conftest import House

HOUR = timedelta(hours=1)
instants = st.integers(0, 5 * 365 * 24 * 60 * 60).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def run(house: House) -> None:
    Worker(house.app).run_once()


def row(house: House, name: str) -> ScheduledJob:
    with house.app.app_context():
        job = db.session.get_one(ScheduledJob, name)
        db.session.expunge(job)
        return job


def note(run: JobRun) -> str:
    run.session.execute(effects.insert().values(subscriber=run.name, event_id=0))
    return "noted"


@given(due=instants, now=instants, minutes=st.integers(1, 5000))
def test_an_interval_leaves_out_what_was_missed(due: datetime, now: datetime, minutes: int) -> None:
    rule = Interval(timedelta(minutes=minutes))
    following = rule.following(due, now)
    assert following > max(due, now) or (following > due and now < due)
    assert (following - due) % rule.length == timedelta(0)
    assert following - rule.length <= max(due, now)


@given(now=instants, at=st.times().map(lambda at: time(at.hour, at.minute)))
def test_a_daily_job_is_due_once_on_every_day(now: datetime, at: time) -> None:
    rule = Daily(at)
    first = rule.first(now)
    assert now < first <= now + timedelta(hours=25)
    days, due = [], first
    for _ in range(400):
        days.append(due.astimezone(LONDON).date())
        due = rule.following(due, due)
    assert days == [days[0] + timedelta(days=number) for number in range(400)]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 1, 30, tzinfo=UTC)),
        (date(2026, 7, 15), datetime(2026, 7, 15, 0, 30, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # 01:30 does not come
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # it comes twice
    ],
)
def test_a_daily_job_follows_the_clock_on_the_wall(day: date, due: datetime) -> None:
    rule = Daily(time(1, 30))
    before = datetime.combine(day, time(), UTC) - timedelta(hours=3)
    assert rule.first(before) == due
    assert rule.following(due, due) > due + timedelta(hours=22)


def test_an_interval_has_a_length_and_a_daily_time_is_a_plain_one() -> None:
    with pytest.raises(ValueError, match="after some time"):
        Interval(timedelta(0))
    for at in (time(1, 30, tzinfo=UTC), time(1, 30, fold=1)):
        with pytest.raises(ValueError, match="Europe/London"):
            Daily(at)


def test_a_job_runs_when_it_is_due_and_once_for_many_missed_times(
    house: House, set_clock: SetClock
) -> None:
    get_schedule(house.app).every("clean", HOUR, note)
    run(house)
    run(house)
    assert house.effects() == [("clean", 0)]
    set_clock.move(minutes=59)
    run(house)
    assert row(house, "clean").runs == 1
    set_clock.move(days=3, minutes=10)
    run(house)
    run(house)
    job = row(house, "clean")
    assert job.runs == 2
    assert job.last_result == "noted"
    assert job.next_due_at == datetime(2026, 11, 29, 14, 0, tzinfo=UTC)


def test_a_daily_job_waits_for_its_time(house: House, set_clock: SetClock) -> None:
    get_schedule(house.app).every("seal", time(2, 30), note)
    run(house)
    assert row(house, "seal").runs == 0
    set_clock.move(hours=14.5)
    run(house)
    assert row(house, "seal").runs == 1
    assert row(house, "seal").next_due_at == datetime(2026, 11, 28, 2, 30, tzinfo=UTC)


def test_a_second_worker_leaves_a_running_job_alone(house: House) -> None:
    runs = []

    def job(run_of_job: JobRun) -> None:
        runs.append(run_of_job.token)
        if len(runs) == 1:
            run(house)

    get_schedule(house.app).every("clean", HOUR, job)
    run(house)
    assert len(runs) == 1


def test_a_job_that_fails_is_undone_tried_again_soon_and_reported(
    house: House, set_clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    letter = "Dear Ms Shah"
    broken = True

    def job(run: JobRun) -> str:
        note(run)
        if broken:
            raise ValueError(letter)
        return "well"

    get_schedule(house.app).every("clean", HOUR, job)
    run(house)
    assert house.jobs("status")[0] == 0
    for _ in range(2):
        set_clock.move(minutes=2)
        run(house)
    failed = row(house, "clean")
    assert (failed.failures, failed.runs, failed.claim_token) == (3, 3, None)
    assert "ValueError" in (failed.last_error or "")
    assert house.effects() == []
    code, output = house.jobs("status")
    assert code == 1
    assert "clean has failed 3 times on end." in output
    assert "Shah" not in caplog.text + output
    broken = False
    set_clock.move(minutes=5)
    run(house)
    assert house.effects() == [("clean", 0)]
    assert row(house, "clean").failures == 0
    code, output = house.jobs("status")
    assert code == 0
    assert "clean: every hour; last run 26 Nov 2026 12:09; due" in output
    assert "; well" in output


class Killed(BaseException):
    """The process ends here."""


def test_a_job_of_a_killed_worker_keeps_its_steps_and_runs_again_after_the_lease(
    house: House, set_clock: SetClock
) -> None:
    kills = [Killed()]

    def job(run: JobRun) -> None:
        note(run)
        run.commit()
        note(run)
        if kills:
            raise kills.pop()

    get_schedule(house.app).every("clean", HOUR, job, lease=timedelta(minutes=10))
    with pytest.raises(Killed):
        run(house)
    assert len(house.effects()) == 1
    set_clock.move(minutes=9)
    run(house)
    assert len(house.effects()) == 1
    assert "clean: every hour; running since 26 Nov 2026 12:00" in house.jobs("status")[1]
    set_clock.move(minutes=2)
    run(house)
    assert len(house.effects()) == 3
    assert row(house, "clean").runs == 1


def test_a_step_keeps_the_job_for_another_lease(house: House, set_clock: SetClock) -> None:
    runs = []

    def job(run_of_job: JobRun) -> None:
        runs.append(run_of_job.token)
        for _ in range(3):
            set_clock.move(minutes=8)
            run_of_job.commit()
            run(house)

    get_schedule(house.app).every("clean", HOUR, job, lease=timedelta(minutes=10))
    run(house)
    assert len(runs) == 1
    assert row(house, "clean").runs == 1


@pytest.mark.parametrize("steps", [True, False])
def test_who_outlasts_the_lease_cannot_commit(
    house: House, set_clock: SetClock, steps: bool
) -> None:
    runs = []

    def job(run_of_job: JobRun) -> None:
        runs.append(run_of_job.token)
        if len(runs) == 1:
            set_clock.move(minutes=11)
            run(house)
            note(run_of_job)
            if steps:
                run_of_job.commit()

    get_schedule(house.app).every("clean", HOUR, job, lease=timedelta(minutes=10))
    run(house)
    assert len(runs) == 2
    assert house.effects() == []
    assert row(house, "clean").runs == 1


def test_a_changed_rule_counts_from_the_next_start(house: House) -> None:
    schedule = get_schedule(house.app)
    schedule.every("clean", time(2, 30), note)
    run(house)
    del schedule._entries["clean"]
    schedule.every("clean", time(18, 0), note)
    run(house)
    assert row(house, "clean").next_due_at == datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def test_a_name_is_on_the_schedule_once(house: House) -> None:
    schedule = get_schedule(house.app)
    schedule.every("clean", HOUR, note)
    with pytest.raises(ValueError, match="clean"):
        schedule.every("clean", HOUR, note)


def test_status_says_when_nobody_works(house: House, set_clock: SetClock) -> None:
    code, output = house.jobs("status")
    assert code == 1
    assert "No worker has ever run here" in output
    assert house.jobs("run", "--once")[0] == 0
    assert house.jobs("status")[0] == 0
    set_clock.move(hours=2)
    code, output = house.jobs("status")
    assert code == 1
    assert "expire_holds is overdue" in output


def test_the_book_is_swept_every_hour_and_sealed_every_night(
    house: House, set_clock: SetClock
) -> None:
    with house.app.app_context():
        book = Book(db.session())
        for code in ("network:fund", "school:100000"):
            book.open_account(code, floor=None, key=new_key())
        book.transfer("network:fund", "school:100000", 60, key="grant")
        db.session.commit()
    assert house.jobs("run", "--once")[0] == 0
    assert row(house, "expire_holds").last_result == (
        "0 sides of expired holds released; 0 entries added up."
    )
    set_clock.move(hours=15)
    assert house.jobs("run", "--once")[0] == 0
    output = house.jobs("status")[1]
    with house.app.app_context():
        (seal,) = Book(db.session()).seals()
    assert f"seal 1: 3 transactions, {seal.hash}" in output
    set_clock.move(days=1)
    assert house.jobs("run", "--once")[0] == 0
    assert (
        f"Nothing new to seal. The newest is seal 1: 3 transactions, {seal.hash}"
        in (house.jobs("status")[1])
    )
