"""E-mails that were kept until a mail server is set, and those no longer needed by then."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts import one_time_links
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.password_resets import start_reset
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.mail.checks import LINK_IS_OVER
from marketplace.mail.models import Email, EmailState
from marketplace.mail.service import TOO_OLD
from tests.marketplace.accounts.factories import staff
from tests.marketplace.factories import saved
from tests.marketplace.mail.conftest import MailHouse, MakeHouse
from tests.marketplace.network.factories import joined_school


def recipients(house: MailHouse) -> list[str]:
    return [received.recipients[0] for received in house.office.received]


def test_what_was_kept_is_sent_once_when_a_mail_server_is_set(make_house: MakeHouse) -> None:
    without = make_house(smtp_url="")
    old = without.queue("old@ash.example")
    without.work()
    without.wait(days=6)
    new = without.queue("new@ash.example")
    without.work()
    assert [without.email(number).state for number in (old, new)] == [EmailState.KEPT] * 2
    without.wait(days=1, minutes=1)
    house = make_house()
    house.work()
    house.wait(minutes=6)
    house.wait(minutes=6)
    assert recipients(house) == ["new@ash.example"]
    assert house.email(new).state == EmailState.SENT
    late = house.email(old)
    assert (late.state, late.last_error, late.sent_at) == (EmailState.KEPT, TOO_OLD, None)


def test_two_workers_queue_what_was_kept_once(make_house: MakeHouse) -> None:
    without = make_house(smtp_url="")
    without.queue()
    without.work()
    one, other = make_house(), make_house()
    one.wait(minutes=6)
    other.work()
    assert len(one.office.received) + len(other.office.received) == 1


def test_a_link_that_works_no_more_is_not_sent_and_one_that_works_is(
    make_house: MakeHouse,
) -> None:
    without = make_house(smtp_url="")
    with saved(without.app) as session:
        school = joined_school()
        late, lasting = (staff(school, Role.MEMBER) for _ in range(2))
        start_reset(session, late)
        one_time_links.revoke(session, lasting.id)
        start_reset(session, lasting)
        session.execute(
            sa.update(one_time_links.OneTimeLink)
            .where(one_time_links.OneTimeLink.person_id == lasting.id)
            .values(expires_at=clock.now() + timedelta(days=3))
        )
    without.work()
    without.wait(hours=2)
    house = make_house()
    house.wait(minutes=6)
    house.wait(minutes=6)
    assert recipients(house) == [lasting.email]
    with house.app.app_context():
        email = db.session.scalars(sa.select(Email).where(Email.to_address == late.email)).one()
        assert (email.state, email.last_error, email.text) == (EmailState.KEPT, LINK_IS_OVER, None)
        assert one_time_links.open_link(db.session(), lasting.id, Purpose.PASSWORD_RESET)
