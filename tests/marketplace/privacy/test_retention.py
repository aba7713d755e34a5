"""What is over its time goes, every night, and nothing before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.erasure import FORMER_STAFF
from marketplace.accounts.models import OneTimeLink, Person, TrustGrant
from marketplace.accounts.one_time_links import Purpose, make
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import grant_role
from marketplace.accounts.sessions import Method, begin
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.holdings import REMOVED
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.members.models import Invitation
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.schedule import get_schedule
from marketplace.privacy import periods
from marketplace.privacy.retention import Retention, Rule, get_retention
from marketplace.schools.models import Trust
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.members.factories import invited
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory

NOW = datetime(2034, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than six years from when these tests write."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def run(app: Skillbank, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["retention", "run", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_period_is_in_the_one_module_with_its_reason(app: Skillbank) -> None:
    rules = {rule.name: rule for rule in get_retention(app)}
    assert rules["accounts without a role"].days == periods.ACCOUNTS_WITHOUT_ROLE == 730
    assert rules["messages"].days == periods.TEXTS_OF_EXCHANGES >= 6 * 365
    for rule in rules.values():
        assert rule.why.endswith("."), rule.name


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (30, "30 days"),
        (90, "90 days"),
        (365, "1 year"),
        (400, "400 days"),
        (730, "2 years"),
        (6 * 365 + 2, "6 years"),
    ],
)
def test_a_period_is_said_in_words(days: int, words: str) -> None:
    assert Rule("x", what="x", days=days, why="x.").period == words


def test_a_name_is_taken_once_and_something_is_kept() -> None:
    rules = Retention()
    rules.add(Rule("x", what="x", days=1, why="x."))
    with pytest.raises(ValueError, match="'x' cannot"):
        rules.add(Rule("x", what="x", days=1, why="x."))
    with pytest.raises(ValueError, match="0 days"):
        rules.add(Rule("y", what="x", days=0, why="x."))


def test_old_messages_go_and_their_conversation_waits_for_nobody(
    app: Skillbank, later: None
) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        old, new = asked(us, posted(them)), asked(us, posted(them))
        over = NOW - timedelta(days=periods.TEXTS_OF_EXCHANGES, minutes=1)
        within = NOW - timedelta(days=periods.TEXTS_OF_EXCHANGES, minutes=-1)
        for enquiry, at in ((old, over), (new, within)):
            enquiry.last_at = at
            session.execute(
                sa.update(Message).where(Message.enquiry_id == enquiry.id).values(created_at=at)
            )
        old_id, new_id = old.id, new.id
    assert "messages, after 6 years: 1 would go" in run(app, "--dry-run")
    with saved(app) as session:
        assert set(session.scalars(sa.select(Message.enquiry_id))) == {old_id, new_id}
    assert "messages, after 6 years: 1 gone" in run(app)
    assert "messages, after 6 years: 0 gone" in run(app)
    with saved(app) as session:
        assert set(session.scalars(sa.select(Message.enquiry_id))) == {new_id}
        assert session.get_one(Enquiry, old_id).awaiting_urn is None
        assert session.get_one(Enquiry, new_id).awaiting_urn == them.urn


def test_the_texts_of_old_exchanges_go_and_their_figures_stay(app: Skillbank, later: None) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        done, open_one = brought_to(State.DECLINED, us, them), brought_to(State.AGREED, us, them)
        recent = brought_to(State.DECLINED, us, them)
        for exchange in (done, open_one):
            exchange.updated_at = NOW - timedelta(days=periods.TEXTS_OF_EXCHANGES + 1)
        texts = {one.id: one.details for one in (open_one, recent)}
        minutes, done_id = done.minutes, done.id
    assert "texts of exchanges, after 6 years: 1 gone" in run(app)
    assert "texts of exchanges, after 6 years: 0 gone" in run(app)
    with saved(app) as session:
        exchange = session.get_one(Exchange, done_id)
        assert (exchange.details, exchange.minutes) == (REMOVED, minutes)
        steps = session.scalars(
            sa.select(ExchangeEvent.text).where(ExchangeEvent.exchange_id == done_id)
        )
        assert set(steps) == {""}
        for exchange_id, details in texts.items():
            assert session.get_one(Exchange, exchange_id).details == details


def test_an_account_without_a_role_goes_two_years_after_it_was_first_seen_so(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(app) as session:
        school = joined_school()
        closed = SchoolFactory(status="open")
        stays = staff(school, Role.MEMBER).id
        trusted = PersonFactory()
        trust = Trust(name="Beech Trust", code="4242")
        session.add(trust)
        session.flush()
        session.add(
            TrustGrant(
                person_id=trusted.id,
                trust_id=trust.id,
                role=Role.TRUST_ADMINISTRATOR,
                granted_at=NOW,
            )
        )
        leaver, at_closed = PersonFactory().id, staff(closed, Role.MEMBER).id
        comes_back = PersonFactory()
        closed.status = "closed"
    day = NOW
    monkeypatch.setattr(clock, "now", lambda: day)
    assert "accounts without a role, after 2 years: 0 gone" in run(app)
    with saved(app) as session:
        for person_id, since in (
            (stays, None),
            (trusted.id, None),
            (leaver, NOW),
            (at_closed, NOW),
        ):
            assert session.get_one(Person, person_id).without_role_since == since

        grant_role(session, session.get_one(Person, comes_back.id), Role.MEMBER, school)
    day = NOW + timedelta(days=periods.ACCOUNTS_WITHOUT_ROLE, minutes=1)
    assert "accounts without a role, after 2 years: 2 gone" in run(app)
    with saved(app) as session:
        erased = session.scalars(sa.select(Person.id).where(Person.name == FORMER_STAFF))
        assert set(erased) == {leaver, at_closed}
        assert session.get_one(Person, comes_back.id).without_role_since is None


def test_the_worker_does_it_every_day_and_says_what(app: Skillbank, later: None) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        brought_to(State.DECLINED, us, them).updated_at = NOW - timedelta(days=3000)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["jobs", "run", "--once"]).exit_code == 0
    with saved(app) as session:
        job = session.get_one(ScheduledJob, "retention")
        assert job.rule == "daily at 04:00"
        job.next_due_at = NOW
    assert runner.invoke(args=["jobs", "run", "--once"]).exit_code == 0
    with saved(app) as session:
        result = session.get_one(ScheduledJob, "retention").last_result
    assert result == "Deleted or made anonymous: texts of exchanges: 1."


def test_sign_ins_and_the_security_log_go_after_their_time(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.now()
    with saved(app) as session:
        person = staff(joined_school(), Role.MEMBER)
        for days in (periods.ENDED_SIGN_INS, periods.SECURITY_LOG):
            for minutes in (-1, 1):
                at = today - timedelta(days=days, minutes=minutes)
                monkeypatch.setattr(clock, "now", lambda at=at: at)
                with app.test_request_context(method="POST"):
                    begin(session, person, method=Method.PASSWORD)
                record_security(session, SecurityKind.SIGNED_IN, person_id=person.id)
    monkeypatch.setattr(clock, "now", lambda: today)
    output = run(app)
    assert "sign-ins, after 90 days: 3 gone" in output
    assert "security log, after 1 year: 1 gone" in output


def test_links_and_invitations_go_a_month_after_they_ran_out(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(app) as session:
        school = joined_school()
        person = staff(school, Role.MEMBER)
        make(session, Purpose.PASSWORD_RESET, person.id)
        invitation_id = invited(school, "new@example.org").id
        link = session.scalars(sa.select(OneTimeLink)).one()
        ends = max(link.expires_at, session.get_one(Invitation, invitation_id).expires_at)
    kept = timedelta(days=periods.EXPIRED_INVITATIONS)
    first = min(ends, link.expires_at)
    monkeypatch.setattr(clock, "now", lambda: first + kept - timedelta(minutes=1))
    output = run(app)
    assert "\nlinks, after 30 days: 0 gone" in output
    monkeypatch.setattr(clock, "now", lambda: ends + kept + timedelta(minutes=1))
    output = run(app)
    assert "\nlinks, after 30 days: 1 gone" in output
    assert "\ninvitations, after 30 days: 1 gone" in output


def test_a_rule_that_fails_does_not_keep_the_others_from_being_followed(
    app: Skillbank, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> int:
        raise RuntimeError("it is broken")

    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        exchange = brought_to(State.DECLINED, us, them)
        exchange.updated_at = NOW - timedelta(days=3000)
        exchange_id = exchange.id
        get_schedule(app).write_down(session)
        session.get_one(ScheduledJob, "retention").next_due_at = NOW
    broken = replace(next(iter(get_retention(app))), name="a first one", purge=fail)
    rules = {broken.name: broken} | {rule.name: rule for rule in get_retention(app)}
    monkeypatch.setattr(get_retention(app), "_rules", rules)
    app.test_cli_runner().invoke(args=["jobs", "run", "--once"])
    with saved(app) as session:
        job = session.get_one(ScheduledJob, "retention")
        assert job.failures == 1
        assert "RuntimeError" in (job.last_error or "")
        assert session.get_one(Exchange, exchange_id).details == REMOVED
