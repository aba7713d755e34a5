"""Reminders: first who has to do with it, then the others, then the operator; each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace import clock
from marketplace.accounts.models import RoleGrant
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.conversations.models import Enquiry
from marketplace.conversations.service import write
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.exchanges.models import State
from marketplace.notifications.models import Notification, Reminder
from marketplace.notifications.reminders import remind
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.worker import Worker
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.notifications.telling import Schools, skip, tell
from tests.marketplace.outbox.bells import SetClock


def question(schools: Schools) -> Enquiry:
    """A question to their school, told already."""
    enquiry = asked(schools.us, posted(schools.them, title="Chess club"))
    skip(schools.session)
    return enquiry


def days(schools: Schools, set_clock: SetClock, last: int) -> dict[int, dict[str, list[str]]]:
    """Let days go by, with reminders each morning: who was told what on which."""
    told = {}
    seen = set(schools.session.scalars(sa.select(Notification.id)))
    for day in range(1, last + 1):
        set_clock.move(days=1)
        remind(schools.session)
        tell(schools.session)
        by_person: dict[str, list[str]] = {}
        for who in schools.people.values():
            for item in schools.notifications(who):
                if item.notification.id not in seen:
                    seen.add(item.notification.id)
                    by_person.setdefault(who, []).append(item.title)
        if by_person:
            told[day] = by_person
    return told


def test_an_unanswered_question_goes_from_one_to_the_others_to_the_operator(
    schools: Schools, set_clock: SetClock
) -> None:
    question(schools)
    waited = "Our School has waited {} days for your answer about Chess club"
    assert days(schools, set_clock, 40) == {
        3: {"their actor": [waited.format(3)]},
        7: {"their coordinator": [waited.format(7)]},
        14: {"operator": ["Their School has not answered Our School for 14 days"]},
    }


@pytest.mark.parametrize(
    ("state", "first", "operator"),
    [
        (
            State.PROPOSED,
            "Our School has waited {} days for your answer on Phonics coaching",
            "Their School has not answered a proposal of Our School for 14 days",
        ),
        (
            State.AGREED,
            "Say what was given: Phonics coaching for Our School was {} days ago",
            "Their School has not said what was given to Our School for 14 days",
        ),
    ],
)
def test_an_exchange_that_waits_is_reminded_of(
    schools: Schools, set_clock: SetClock, state: State, first: str, operator: str
) -> None:
    brought_to(state, schools.them, schools.us, on_date=today())
    skip(schools.session)
    assert days(schools, set_clock, 40) == {
        3: {"their actor": [first.format(3)]},
        7: {"their coordinator": [first.format(7)]},
        14: {"operator": [operator]},
    }


def test_a_delivery_that_is_not_confirmed_is_reminded_of(
    schools: Schools, set_clock: SetClock
) -> None:
    brought_to(State.DELIVERED, schools.us, schools.them)
    skip(schools.session)
    first = "Our School has waited {} days for you to confirm Phonics coaching"
    assert days(schools, set_clock, 40) == {
        3: {"their actor": [first.format(3)]},
        7: {"their coordinator": [first.format(7)]},
        14: {"operator": ["Their School has not confirmed the help of Our School for 14 days"]},
    }


def test_help_agreed_for_a_later_day_waits_from_that_day_on(
    schools: Schools, set_clock: SetClock
) -> None:
    brought_to(State.AGREED, schools.them, schools.us, on_date=today() + timedelta(days=10))
    skip(schools.session)
    assert list(days(schools, set_clock, 40)) == [13, 17, 24]


def test_an_answer_ends_reminders_and_another_question_begins_them_anew(
    schools: Schools, set_clock: SetClock
) -> None:
    enquiry = question(schools)
    assert list(days(schools, set_clock, 4)) == [3]
    write(schools.session, schools.them, enquiry, "Yes.", idempotency_key="the answer we give")
    skip(schools.session)
    assert days(schools, set_clock, 5) == {
        3: {"our actor": ["Their School has waited 3 days for your answer about Chess club"]}
    }
    write(schools.session, schools.us, enquiry, "When?", idempotency_key="the next question")
    skip(schools.session)
    assert days(schools, set_clock, 3) == {
        3: {"their actor": ["Our School has waited 3 days for your answer about Chess club"]}
    }


def test_a_confirmed_delivery_is_not_reminded_of(schools: Schools, set_clock: SetClock) -> None:
    exchange = brought_to(State.DELIVERED, schools.us, schools.them)
    skip(schools.session)
    set_clock.move(days=3)
    remind(schools.session)
    # Confirmed between the reminder and the worker.
    service.confirm(schools.session, schools.them, exchange, version=3)
    tell(schools.session)
    assert "exchange.unanswered" not in schools.told()
    assert "exchange.unanswered" not in str(days(schools, set_clock, 20))


def test_where_one_has_left_the_others_are_reminded_at_once(
    schools: Schools, set_clock: SetClock
) -> None:
    question(schools)
    schools.session.execute(
        sa.delete(RoleGrant).where(RoleGrant.person_id == schools.them.person_id)
    )
    told = days(schools, set_clock, 7)
    assert {day: set(people) for day, people in told.items()} == {
        3: {"their coordinator"},
        7: {"their coordinator"},
    }


def test_the_only_one_is_reminded_again(schools: Schools, set_clock: SetClock) -> None:
    question(schools)
    schools.person("their coordinator").active = False
    schools.session.flush()
    told = days(schools, set_clock, 7)
    assert {day: set(people) for day, people in told.items()} == {
        3: {"their actor"},
        7: {"their actor"},
    }


def test_what_has_waited_for_ages_is_left_alone(schools: Schools, set_clock: SetClock) -> None:
    question(schools)
    set_clock.move(days=29)
    assert remind(schools.session) == 0


def test_days_on_which_no_worker_ran_are_made_up_for_once(
    schools: Schools, set_clock: SetClock
) -> None:
    question(schools)
    set_clock.move(days=15)
    assert remind(schools.session) == 3
    assert remind(schools.session) == 0
    tell(schools.session)
    kinds = {kind: sorted(people) for kind, people in schools.told().items()}
    assert kinds == {
        "enquiry.unanswered": ["their actor", "their coordinator"],
        "enquiry.unanswered_for_operator": ["operator"],
    }


def test_a_closed_school_is_not_reminded(schools: Schools, set_clock: SetClock) -> None:
    question(schools)
    brought_to(State.DELIVERED, schools.us, schools.them)
    skip(schools.session)
    schools.their_school.status = "closed"
    schools.session.flush()
    set_clock.move(days=15)
    assert remind(schools.session) == 0


def test_both_schools_are_told_twice_before_a_hold_ends(
    schools: Schools, set_clock: SetClock
) -> None:
    exchange = brought_to(
        State.AGREED, schools.us, schools.them, on_date=today() + timedelta(days=30)
    )
    assert exchange.hold_id is not None
    ends = clock.now() + timedelta(days=10, hours=1)
    Book(schools.session).extend(exchange.hold_id, ends, key="its end", actor="test")
    skip(schools.session)
    told = days(schools, set_clock, 12)
    both = {"our actor", "our coordinator", "their actor", "their coordinator"}
    assert {day: set(people) for day, people in told.items()} == {4: both, 9: both}
    assert told[4]["our actor"] == [
        "The credits for Phonics coaching with Their School are held for 7 days more"
    ]
    assert told[9]["their actor"] == [
        "The credits for Phonics coaching with Our School are held for 2 days more"
    ]


def test_the_job_reminds_and_is_told_of_by_the_worker(app: Skillbank, set_clock: SetClock) -> None:
    with saved(app) as session:
        question(Schools(session))
    set_clock.move(days=3)
    with app.app_context():
        Worker(app)._write_schedule_down()
        db.session.execute(sa.update(ScheduledJob).values(next_due_at=clock.now()))
        db.session.commit()
    Worker(app).run_once()
    with app.app_context():
        session = db.session()
        assert len(session.scalars(sa.select(Reminder)).all()) == 1
        assert session.scalars(sa.select(Notification.kind)).all() == ["enquiry.unanswered"]
