"""Digests: one e-mail a person and day, with what is still true, and nothing if nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from marketplace import clock
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.clock import LONDON
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.mail.models import Email
from marketplace.notifications import digests
from marketplace.notifications.digests import (
    LINES_SHOWN,
    last_weekly,
    make_digest,
    people_with_digests,
)
from marketplace.notifications.models import Frequency, Notification, NotificationDigest
from marketplace.notifications.preferences import Hours, choose_quiet_hours
from marketplace.notifications.service import mark_all_read
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.worker import Worker
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.telling import Schools, tell
from tests.marketplace.outbox.bells import SetClock

WHO = "their actor"


@pytest.fixture
def daily(schools: Schools) -> Schools:
    """Their actor wants everything once a day."""
    schools.choose(Frequency.DAILY, WHO)
    return schools


def propose(schools: Schools, *titles: str) -> None:
    """Propose something for each title, and tell them."""
    for title in titles:
        proposed(schools.us, posted(schools.them, title=title), minutes=60)
    tell(schools.session)


def go_to_morning(set_clock: SetClock, days: int, **later: int) -> None:
    """Set the clock, which shows a Thursday, to half past seven in London ``days`` later."""
    day = clock.today() + timedelta(days=days)
    morning = datetime.combine(day, time(7, 30), LONDON).astimezone(UTC)
    set_clock.instant = morning + timedelta(**later)


def make_all(schools: Schools, set_clock: SetClock) -> int:
    """Make every digest that is due now; how many."""
    now = set_clock.now()
    people = people_with_digests(schools.session, now)
    return sum(make_digest(schools.session, person_id, now) for person_id in people)


def undigested(schools: Schools) -> int:
    return len(
        schools.session.scalars(
            sa.select(Notification.id).where(
                Notification.digest.is_not(None), Notification.digested_at.is_(None)
            )
        ).all()
    )


def test_a_digest_has_everything_in_one_email(daily: Schools, set_clock: SetClock) -> None:
    propose(daily, "Chess club", "Maths circle")
    assert daily.emails(WHO) == []
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 1
    (email,) = daily.emails(WHO)
    assert email.subject == "Our School proposes 1 credit for Chess club, and 1 more"
    for text in (email.text, email.html):
        for words in ("Their School", "Exchanges", "for Chess club", "for Maths circle"):
            assert words in text
        for item in daily.notifications(WHO):
            assert f"/notifications/{item.notification.id}" in text
    assert "/notifications/unsubscribe/" in email.unsubscribe_url
    assert undigested(daily) == 0
    assert make_all(daily, set_clock) == 0


def test_only_what_is_still_true_is_in_it(daily: Schools, set_clock: SetClock) -> None:
    listing = posted(daily.them, title="Settled already")
    exchange = proposed(daily.us, listing, minutes=60)
    propose(daily, "Still open")
    # The worker has not told anybody of this step yet.
    service.decline(daily.session, daily.them, exchange, "", version=1)
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 1
    (email,) = daily.emails(WHO)
    assert email.subject == "Our School proposes 1 credit for Still open"
    assert "Settled already" not in email.text
    assert undigested(daily) == 0


def test_nothing_is_sent_if_nothing_is_left(daily: Schools, set_clock: SetClock) -> None:
    propose(daily, "Chess club")
    mark_all_read(daily.session, daily.them.person_id)
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 0
    assert daily.emails(WHO) == []
    assert undigested(daily) == 0
    assert daily.session.scalars(sa.select(NotificationDigest)).all() == []


@pytest.mark.parametrize("how", ["role", "switched off", "school closed"])
def test_who_may_not_see_it_any_more_gets_none(
    daily: Schools, set_clock: SetClock, how: str
) -> None:
    propose(daily, "Chess club")
    if how == "role":
        daily.session.execute(
            sa.delete(RoleGrant).where(RoleGrant.person_id == daily.them.person_id)
        )
    elif how == "switched off":
        daily.person(WHO).active = False
    else:
        daily.their_school.status = "closed"
    daily.session.flush()
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 0
    assert daily.emails(WHO) == []


def test_all_schools_of_a_person_are_in_one_email(daily: Schools, set_clock: SetClock) -> None:
    second = joined_school(name="A Second School")
    grant_role(daily.session, daily.person(WHO), Role.COORDINATOR, second)
    propose(daily, "Chess club")
    at_second = type(daily.them)(
        daily.them.person_id,
        daily.them.person_name,
        daily.them.roles,
        second.urn,
        second.name,
    )
    proposed(daily.us, posted(at_second, title="Maths circle"))
    tell(daily.session)
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 1
    (email,) = daily.emails(WHO)
    before, after = email.text.split("\nTheir School\n")
    assert "A Second School" in before
    assert "Maths circle" in before.split("A Second School", 1)[1]
    assert "Chess club" in after


def test_a_long_digest_leads_to_the_list(daily: Schools, set_clock: SetClock) -> None:
    propose(daily, *(f"Club {number:02}" for number in range(LINES_SHOWN + 2)))
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 1
    (email,) = daily.emails(WHO)
    assert f"Club {LINES_SHOWN - 1:02}" in email.text
    assert f"Club {LINES_SHOWN:02}" not in email.text
    assert "And 2 more: http://localhost/notifications" in email.text


def test_a_person_has_one_digest_a_day(daily: Schools, set_clock: SetClock) -> None:
    propose(daily, "Chess club")
    set_clock.move(hours=19.5)
    assert make_all(daily, set_clock) == 1
    propose(daily, "Maths circle")
    assert make_all(daily, set_clock) == 0
    assert undigested(daily) == 1
    set_clock.move(days=1)
    assert make_all(daily, set_clock) == 1
    assert len(daily.emails(WHO)) == 2
    person_id = daily.them.person_id
    with pytest.raises(sa.exc.IntegrityError), daily.session.begin_nested():
        daily.session.add(
            NotificationDigest(
                person_id=person_id,
                day=set_clock.now().date(),
                made_at=set_clock.now(),
                notifications=1,
            )
        )


def test_a_digest_waits_for_the_end_of_quiet_hours(daily: Schools, set_clock: SetClock) -> None:
    hours = Hours(time(18), time(8, 15))
    choose_quiet_hours(daily.session, daily.them.person_id, hours)
    propose(daily, "Chess club")
    go_to_morning(set_clock, 1)
    ends = set_clock.now() + timedelta(minutes=45)
    assert make_all(daily, set_clock) == 1
    assert daily.emails(WHO)[0].send_after == ends


def test_weekly_digests_are_made_on_monday(schools: Schools, set_clock: SetClock) -> None:
    """It is Thursday when they are told."""
    schools.choose(Frequency.WEEKLY, WHO)
    propose(schools, "Chess club")
    made = []
    for _day in ("Friday", "Saturday", "Sunday", "Monday"):
        go_to_morning(set_clock, 1, seconds=1)
        made.append(make_all(schools, set_clock))
    assert made == [0, 0, 0, 1]
    propose(schools, "Maths circle")
    go_to_morning(set_clock, 1, seconds=1)
    assert make_all(schools, set_clock) == 0


def test_a_monday_on_which_no_worker_ran_is_made_up_for(
    schools: Schools, set_clock: SetClock
) -> None:
    schools.choose(Frequency.WEEKLY, WHO)
    propose(schools, "Chess club")
    go_to_morning(set_clock, 6, minutes=90)
    assert make_all(schools, set_clock) == 1


def test_daily_and_weekly_are_one_email_on_monday(schools: Schools, set_clock: SetClock) -> None:
    schools.choose(Frequency.WEEKLY, WHO)
    propose(schools, "Chess club")
    schools.choose(Frequency.OFF, WHO)
    schools.choose(Frequency.WEEKLY, WHO, kinds=("exchange.proposed",))
    propose(schools, "Maths circle")
    schools.choose(Frequency.DAILY, WHO, kinds=("enquiry.asked",))
    go_to_morning(set_clock, 4, seconds=1)
    assert make_all(schools, set_clock) == 1
    assert len(schools.emails(WHO)) == 1


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_the_last_monday_morning_is_within_a_week(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = last_weekly(now)
    local = due.astimezone(LONDON)
    assert (local.weekday(), local.time()) == (0, time(7, 30))
    assert due <= now < due + timedelta(days=7, hours=1)


def test_the_job_makes_each_digest_and_says_how_many(
    app: Skillbank, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest that fails keeps nobody else from theirs, and is made when it can be."""
    with saved(app) as session:
        schools = Schools(session)
        schools.choose(Frequency.DAILY, "their actor", "their coordinator")
        propose(schools, "Chess club")
        unlucky = schools.them.person_id
    go_to_morning(set_clock, 1, minutes=1)
    queue_email = digests.queue_email

    def fail_for_one(session: object, **values: object) -> object:
        if values["person_id"] == unlucky:
            raise OSError("no space is left")
        return queue_email(session, **values)

    monkeypatch.setattr(digests, "queue_email", fail_for_one)
    run_job(app)
    assert state(app) == (1, 1, "RuntimeError")
    monkeypatch.setattr(digests, "queue_email", queue_email)
    set_clock.move(hours=2)
    run_job(app)
    assert state(app) == (2, 0, None)


def run_job(app: Skillbank) -> None:
    """Let a worker run the job, which is due, and nothing else."""
    with app.app_context():
        Worker(app)._write_schedule_down()
        db.session.execute(
            sa.update(ScheduledJob)
            .where(ScheduledJob.name == "send_digests")
            .values(next_due_at=clock.now())
        )
        db.session.commit()
    Worker(app).run_once()


def state(app: Skillbank) -> tuple[int, int, str | None]:
    """How many digests there are, for how many people something waits, and the job's error."""
    with app.app_context():
        session = db.session()
        emails = session.scalars(sa.select(Email.id).where(Email.template == "digest")).all()
        waiting = session.scalars(
            sa.select(Notification.person_id)
            .where(Notification.digest == "daily", Notification.digested_at.is_(None))
            .distinct()
        ).all()
        error = session.scalars(
            sa.select(ScheduledJob.last_error).where(ScheduledJob.name == "send_digests")
        ).one()
        return (
            len(emails),
            len(waiting),
            "RuntimeError" if "RuntimeError" in (error or "") else error,
        )
