"""Who is told of what: by permission, each once, never of what they did themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.conversations.service import write
from marketplace.database import db
from marketplace.exchanges import service
from marketplace.exchanges.models import State
from marketplace.mail.models import Email
from marketplace.members.service import change_roles
from marketplace.notifications.models import Frequency, Notification
from marketplace.notifications.preferences import choose_frequencies
from marketplace.notifications.service import notify
from marketplace.outbox.models import OutboxDelivery, OutboxEvent
from marketplace.outbox.worker import Worker
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import brought_to, proposed
from tests.marketplace.exchanges.within_trust.factories import decided
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.happenings import HAPPENINGS, SECRET
from tests.marketplace.notifications.telling import EVENTS, Schools, skip, tell
from tests.marketplace.outbox.bells import SetClock
from tests.marketplace.schools.factories import TrustFactory


@pytest.mark.parametrize("name", HAPPENINGS)
def test_each_kind_is_told_to_those_who_may_do_something_about_it(
    schools: Schools, set_clock: SetClock, name: str
) -> None:
    happen, who = HAPPENINGS[name]
    happen(schools, set_clock)
    tell(schools.session)
    assert schools.told().get(name, set()) == who


def test_a_second_administrator_is_told_of_a_colleagues_roles(
    schools: Schools, set_clock: SetClock
) -> None:
    grant_role(
        schools.session, schools.person("our finance"), Role.ADMINISTRATOR, schools.our_school
    )
    HAPPENINGS["member.roles_changed"][0](schools, set_clock)
    tell(schools.session)
    assert schools.told()["member.roles_changed"] == {"our finance"}
    name = schools.person("our member").name
    assert schools.titles("our finance") == [f"The roles of {name} at Our School have changed"]


def test_the_subject_says_what_and_who(schools: Schools) -> None:
    proposed(schools.us, posted(schools.them, title="Chess club"), minutes=240)
    tell(schools.session)
    (email,) = schools.emails("their actor")
    assert email.subject == "Our School proposes 4 credits for Chess club"
    (notification,) = schools.notifications("their actor")
    link = f"http://localhost/notifications/{notification.notification.id}"
    for text in (email.text, email.html):
        assert link in text
        assert "Our School" in text
        assert "Their School" in text
    assert email.school_urn == schools.their_school.urn


def test_a_proposal_is_told_as_one_and_not_as_a_message_too(schools: Schools) -> None:
    proposed(schools.us, posted(schools.them))
    tell(schools.session)
    assert set(schools.told()) == {"exchange.proposed"}


def test_a_further_message_is_told_to_those_in_the_conversation(schools: Schools) -> None:
    enquiry = asked(schools.us, posted(schools.them))
    write(
        schools.session,
        schools.actor("their member"),
        enquiry,
        "Yes.",
        idempotency_key="the answer of a member",
    )
    skip(schools.session)
    write(schools.session, schools.us, enquiry, "When?", idempotency_key="the next question")
    tell(schools.session)
    assert schools.told() == {"message.written": {"their actor", "their member"}}
    write(
        schools.session,
        schools.actor("their member"),
        enquiry,
        "Friday.",
        idempotency_key="the next answer",
    )
    schools.session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == schools.us.person_id))
    tell(schools.session)
    assert schools.told()["message.written"] == {"their actor", "their member", "our coordinator"}


def test_an_event_that_is_handled_again_tells_nobody_twice(schools: Schools) -> None:
    proposed(schools.us, posted(schools.them))
    tell(schools.session)
    before = schools.titles("their actor"), len(schools.emails("their actor"))
    row = schools.session.scalars(
        sa.select(OutboxEvent).where(OutboxEvent.type == "exchange.proposed")
    ).one()
    event = EVENTS[row.type].restore(
        row.data,
        id=row.id,
        actor_id=row.actor_id,
        school_urns=tuple(row.school_urns),
        occurred_at=row.occurred_at,
    )
    notify(schools.session, event)
    assert (schools.titles("their actor"), len(schools.emails("their actor"))) == before
    with pytest.raises(sa.exc.IntegrityError), schools.session.begin_nested():
        schools.session.add(
            Notification(
                event_id=row.id,
                kind="exchange.proposed",
                person_id=schools.them.person_id,
                about="exchange",
                about_id=1,
                created_at=row.occurred_at,
            )
        )


def test_who_coordinates_both_schools_is_not_told_of_what_they_did(schools: Schools) -> None:
    both = schools.us
    person = schools.person("our actor")
    grant_role(schools.session, person, Role.COORDINATOR, schools.their_school)
    proposed(both, posted(schools.them))
    tell(schools.session)
    assert schools.told() == {"exchange.proposed": {"their actor", "their coordinator"}}


def test_what_is_no_longer_true_when_the_worker_comes_is_told_to_nobody(
    schools: Schools,
) -> None:
    brought_to(State.CONFIRMED, schools.us, schools.them)
    tell(schools.session)
    assert set(schools.told()) == {"exchange.confirmed", "credits.moved"}


def test_free_help_is_told_of_in_hours_and_moves_no_credits(schools: Schools) -> None:
    trust = schools.our_school.trust = schools.their_school.trust = TrustFactory(name="Hope Trust")
    decided(replace(schools.us, trust_id=trust.id), free=True)
    brought_to(State.CONFIRMED, schools.us, schools.them, free=True)
    tell(schools.session)
    assert set(schools.told()) == {"exchange.confirmed"}
    (told,) = schools.titles("our coordinator")
    assert told == "Their School confirms 3 hours for Phonics coaching"
    proposed(schools.us, posted(schools.them), free=True)
    tell(schools.session)
    (email,) = schools.emails("their coordinator")
    assert "Free within Hope Trust" in email.text
    assert "credit" not in email.text


def test_a_step_marks_what_was_told_of_the_exchange_before_as_read(schools: Schools) -> None:
    exchange = proposed(schools.us, posted(schools.them))
    tell(schools.session)
    assert len(schools.unread("their coordinator")) == 1
    service.agree(schools.session, schools.them, exchange, version=1)
    tell(schools.session)
    assert schools.unread("their coordinator") == []
    assert schools.unread("our actor") == ["Their School agrees: 3 credits for Phonics coaching"]
    other = proposed(schools.us, posted(schools.them))
    tell(schools.session)
    assert len(schools.unread("their coordinator")) == 1
    assert other.id != exchange.id


def test_people_of_a_closed_school_are_told_nothing(schools: Schools) -> None:
    exchange = brought_to(State.AGREED, schools.us, schools.them)
    skip(schools.session)
    schools.their_school.status = "closed"
    service.cancel(schools.session, schools.us, exchange, "", version=2)
    tell(schools.session)
    assert schools.told() == {}


def test_that_a_school_joined_long_ago_is_no_news(schools: Schools, set_clock: SetClock) -> None:
    HAPPENINGS["school.joined"][0](schools, set_clock)
    set_clock.move(days=15)
    tell(schools.session)
    assert schools.told() == {}


def test_who_is_removed_is_told_once_and_then_nothing(schools: Schools) -> None:
    member = schools.person("our member")
    change_roles(
        schools.session,
        schools.actor("our administrator"),
        schools.our_school.urn,
        member.id,
        frozenset(),
        seen=frozenset({Role.MEMBER}),
    )
    tell(schools.session)
    assert schools.titles("our member") == ["Your roles at Our School have changed"]
    assert schools.subjects("our member") == ["Your roles at Our School have changed"]


def test_no_text_that_people_write_to_each_other_is_in_an_email(
    schools: Schools, set_clock: SetClock
) -> None:
    grant_role(
        schools.session, schools.person("our finance"), Role.ADMINISTRATOR, schools.our_school
    )
    at_once = dict.fromkeys(HAPPENINGS, Frequency.AT_ONCE)
    for happen in dict.fromkeys(happen for happen, _who in HAPPENINGS.values()):
        happen(schools, set_clock)
        for person_id in schools.session.scalars(sa.select(Person.id)).all():
            choose_frequencies(schools.session, person_id, at_once)
        tell(schools.session)
        skip(schools.session)
    assert set(schools.told()) == set(HAPPENINGS)
    emails = schools.session.scalars(sa.select(Email)).all()
    told = schools.session.scalar(sa.select(sa.func.count()).select_from(Notification))
    assert len([email for email in emails if email.template == "notification"]) == told
    for email in emails:
        for text in (email.subject, email.text, email.html):
            assert text is not None
            assert "marker" not in text
            assert SECRET not in text


def test_a_title_with_markup_is_shown_as_text(schools: Schools) -> None:
    title = "<b>Chess</b> & draughts"
    proposed(schools.us, posted(schools.them, title=title))
    tell(schools.session)
    (email,) = schools.emails("their actor")
    assert email.subject == f"Our School proposes 3 credits for {title}"
    assert "<b>Chess" not in email.html
    assert "&lt;b&gt;Chess&lt;/b&gt; &amp; draughts" in email.html
    assert title in email.text


def test_the_worker_tells_what_was_committed_and_nothing_that_was_rolled_back(
    app: Skillbank,
) -> None:
    with saved(app):
        ours, theirs = joined_school(), joined_school()
        us, them = actor_for(ours), actor_for(theirs)
        staff(theirs, Role.COORDINATOR)
    with app.app_context():
        proposed(us, posted(them))
        db.session.rollback()
    Worker(app).run_once()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == 0
    with saved(app):
        proposed(us, posted(them))
    Worker(app).run_once()
    Worker(app).run_once()
    with app.app_context():
        session = db.session()
        assert session.scalar(sa.select(sa.func.count()).select_from(Notification)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == 2
        deliveries = session.scalars(
            sa.select(OutboxDelivery.state).where(OutboxDelivery.subscriber == "notifications")
        )
        assert set(deliveries) == {"done"}


def test_a_crash_while_telling_leaves_nothing_half_told(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        proposed(us, posted(them))

    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError("no space is left")

    monkeypatch.setattr("marketplace.notifications.service.queue_emails", fail)
    Worker(app).run_once()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == 0
    monkeypatch.undo()
    with app.app_context():
        db.session.execute(
            sa.update(OutboxDelivery).values(next_try_at=datetime(2026, 1, 1, tzinfo=UTC))
        )
        db.session.commit()
    Worker(app).run_once()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == 1
