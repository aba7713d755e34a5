"""Verifications by the worker: asked for in the browser or by the schedule, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, schema
from ledger.schema.installing import remove_guards
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.standing import BookStanding, book_standing
from marketplace.audit.verification import running
from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.audit.verification.service import ask_verification, begin_run, note_attempt
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.worker import Worker
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def auditor(app: Skillbank) -> Actor:
    """An auditor of a network with one school."""
    with saved(app):
        joined_school()
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
        return Actor(person.id, person.name, frozenset({Role.AUDITOR}))


def work(app: Skillbank) -> None:
    Worker(app).run_once()


def ask(app: Skillbank, actor: Actor, *, thorough: bool = False) -> int:
    with saved(app) as session:
        return ask_verification(session, actor, thorough=thorough)[0]


def run_of(session: Session, run_id: int) -> VerificationRun:
    return session.get_one(VerificationRun, run_id)


def standing(app: Skillbank) -> BookStanding:
    with app.app_context():
        return book_standing(db.session())


def alter_a_balance(app: Skillbank) -> None:
    """What the database's owner could do behind the ledger's back."""
    with app.app_context(), db.engine.begin() as connection:
        remove_guards(connection)
        changed = schema.balance.update().where(schema.balance.c.posted > 0)
        connection.execute(changed.values(posted=schema.balance.c.posted + 5))
        schema.install(connection)


def test_what_is_asked_for_is_done_by_the_worker_and_kept(app: Skillbank, auditor: Actor) -> None:
    assert standing(app).verified_at is None
    run_id = ask(app, auditor, thorough=True)
    work(app)
    with app.app_context():
        run = run_of(db.session(), run_id)
        head = Book(db.session()).head()
        assert (run.result, run.fault_count, run.faults) == (Result.SOUND, 0, [])
        assert (run.head, run.percent, run.attempts) == (head.last, 100, 1)
        assert run.counts["transactions"] > 0
        assert book_standing(db.session()).verified_at == run.finished_at
        job = db.session().get_one(ScheduledJob, running.JOB)
        assert job.last_result == "The book is sound."
        assert job.next_due_at > clock.now(), "the next one is that of the night"


def test_one_is_made_at_a_time(app: Skillbank, auditor: Actor) -> None:
    run_id = ask(app, auditor)
    with saved(app) as session:
        assert ask_verification(session, auditor, thorough=True) == (run_id, False)
        with pytest.raises(sa.exc.IntegrityError):
            begin_run(session, thorough=False)
        session.rollback()
    work(app)
    assert ask(app, auditor) != run_id


def test_the_schedule_asks_by_itself(app: Skillbank, auditor: Actor) -> None:
    work(app)
    with saved(app) as session:
        assert session.scalars(sa.select(VerificationRun)).all() == []
        session.execute(
            sa.update(ScheduledJob)
            .where(ScheduledJob.name == running.JOB)
            .values(next_due_at=clock.now())
        )
    work(app)
    with app.app_context():
        run = db.session().scalars(sa.select(VerificationRun)).one()
        assert (run.asked_by_id, run.result) == (None, Result.SOUND)


def test_a_fault_is_kept_in_the_ledgers_words_and_told(app: Skillbank, auditor: Actor) -> None:
    alter_a_balance(app)
    run_id = ask(app, auditor)
    work(app)
    with app.app_context():
        run = run_of(db.session(), run_id)
        assert run.result == Result.FAULTS
        assert "drifted-balance" in {kind for kind, _subject, _message in run.faults}
        assert all(message for _kind, _subject, message in run.faults)
        assert book_standing(db.session()).faults == run.fault_count
        subjects = db.session().scalars(sa.select(Email.subject)).all()
        assert any(subject.startswith("The book is not sound") for subject in subjects)


def test_a_run_whose_worker_was_killed_is_taken_up_again(app: Skillbank, auditor: Actor) -> None:
    run_id = ask(app, auditor)
    with saved(app) as session:
        note_attempt(session, run_of(session, run_id))
    work(app)  # a job whose lease has ended is due again: here no worker holds it
    with app.app_context():
        make_sure = run_of(db.session(), run_id)
        assert make_sure.result is None, "nobody brings forward what has begun"
    with saved(app) as session:
        session.execute(
            sa.update(ScheduledJob)
            .where(ScheduledJob.name == running.JOB)
            .values(claim_token="gone", claimed_until=clock.now() - timedelta(seconds=1))
            .values(next_due_at=clock.now() - timedelta(minutes=4))
        )
    work(app)
    with app.app_context():
        run = run_of(db.session(), run_id)
        assert (run.result, run.attempts) == (Result.SOUND, 2)


def test_after_three_workers_it_is_broken_off(app: Skillbank, auditor: Actor) -> None:
    run_id = ask(app, auditor)
    with saved(app) as session:
        run_of(session, run_id).attempts = 3
    work(app)
    with app.app_context():
        run = run_of(db.session(), run_id)
        assert run.result == Result.BROKEN_OFF
        assert "3 times" in run.problem
        assert book_standing(db.session()).verified_at is None
    again = ask(app, auditor)
    work(app)
    with app.app_context():
        assert run_of(db.session(), again).result == Result.SOUND


def test_what_cannot_be_verified_says_why(
    app: Skillbank, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Book, "verify", fail)
    run_id = ask(app, auditor)
    work(app)
    with app.app_context():
        run = run_of(db.session(), run_id)
        assert run.result == Result.BROKEN_OFF
        assert run.problem == "An error ended it: RuntimeError. It is in the worker’s log."


def test_a_finished_run_is_never_changed_or_deleted(app: Skillbank, auditor: Actor) -> None:
    run_id = ask(app, auditor)
    work(app)
    of_run = VerificationRun.id == run_id
    for statement in (
        sa.update(VerificationRun).where(of_run).values(fault_count=1),
        sa.delete(VerificationRun).where(of_run),
    ):
        with app.app_context(), pytest.raises(sa.exc.DBAPIError, match="never changed"):
            db.session.execute(statement)


def test_how_far_the_book_is_sealed(app: Skillbank, auditor: Actor) -> None:
    before = standing(app)
    assert (before.last_seal, before.sealed_through) == (None, None)
    assert before.unsealed > 0
    with saved(app) as session:
        (seal,) = Book(session).seal()
    sealed = standing(app)
    assert sealed.last_seal is not None
    assert (sealed.last_seal.number, sealed.last_seal.hash) == (1, seal.hash)
    assert (sealed.unsealed, sealed.unsealed_since) == (0, None)
    assert sealed.sealed_through == seal.sealed_at
    with saved(app):
        joined_school()
    after = standing(app)
    with app.app_context():
        assert after.unsealed == Book(db.session()).unsealed().transactions > 0
    assert after.unsealed_since is not None
    assert after.sealed_through == min(seal.sealed_at, after.unsealed_since)
