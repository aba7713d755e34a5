"""Just before an e-mail is sent: what is no longer so, or was read meanwhile, is not sent."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import RoleGrant
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.service import agree, decline
from marketplace.mail.checks import NOT_NEEDED, get_checks
from marketplace.mail.models import Email, EmailState
from marketplace.mail.presenters import delivery_row
from marketplace.mail.queries import deliveries_to_person
from marketplace.mail.sending import send
from marketplace.mail.service import queue_due
from marketplace.notifications.digests import make_digest
from marketplace.notifications.models import Frequency
from marketplace.notifications.preferences import Hours, choose_quiet_hours
from marketplace.notifications.service import mark_all_read
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.notifications.telling import Schools, skip, tell
from tests.marketplace.outbox.bells import SetClock

READER = "their coordinator"


@pytest.fixture
def proposed(schools: Schools) -> Exchange:
    """A proposal of which one coordinator is told after noon's quiet hours."""
    session = schools.session
    schools.choose(Frequency.OFF)
    schools.choose(Frequency.AT_ONCE, READER)
    choose_quiet_hours(session, schools.person(READER).id, Hours(time(11), time(14)))
    exchange = brought_to(State.PROPOSED, schools.them, schools.us)
    tell(session)
    skip(session)
    (email,) = schools.emails(READER)
    assert email.queued_at is None
    return exchange


def sent_later(session: Session, set_clock: SetClock, email: Email) -> Email:
    """The e-mail after the quiet hours, once the worker has come to it."""
    set_clock.move(hours=3)
    queue_due(session, 10)
    send(session, email.id)
    session.flush()
    return email


def reason(schools: Schools, email: Email) -> str | None:
    return get_checks().reason_not_to_send(schools.session, email)


def test_what_is_still_true_is_sent(
    schools: Schools, set_clock: SetClock, proposed: Exchange
) -> None:
    (email,) = schools.emails(READER)
    set_clock.move(hours=3)
    queue_due(schools.session, 10)
    assert reason(schools, email) is None


@pytest.mark.parametrize("step", [agree, decline])
def test_a_turn_that_is_over_is_not_told_of(
    schools: Schools, set_clock: SetClock, proposed: Exchange, step: object
) -> None:
    session = schools.session
    if step is agree:
        agree(session, schools.them, proposed, version=1)
    else:
        decline(session, schools.them, proposed, "No.", version=1)
    email = sent_later(session, set_clock, schools.emails(READER)[0])
    assert (email.state, email.last_error, email.failed_at) == (EmailState.KEPT, NOT_NEEDED, None)
    (row,) = deliveries_to_person(session, schools.person(READER).id).map(delivery_row).rows
    assert (row.tag, row.state, row.reason) == (
        ("Not sent", "neutral"),
        "It was not sent.",
        NOT_NEEDED,
    )


def test_what_was_read_on_the_site_meanwhile_is_not_sent(
    schools: Schools, set_clock: SetClock, proposed: Exchange
) -> None:
    mark_all_read(schools.session, schools.person(READER).id)
    email = sent_later(schools.session, set_clock, schools.emails(READER)[0])
    assert email.last_error == NOT_NEEDED


def test_who_may_no_longer_know_is_not_told(
    schools: Schools, set_clock: SetClock, proposed: Exchange
) -> None:
    schools.session.execute(
        sa.delete(RoleGrant).where(RoleGrant.person_id == schools.person(READER).id)
    )
    email = sent_later(schools.session, set_clock, schools.emails(READER)[0])
    assert email.last_error == NOT_NEEDED


def test_a_digest_is_sent_while_anything_in_it_is_true(
    schools: Schools, set_clock: SetClock
) -> None:
    session = schools.session
    reader = schools.person(READER)
    schools.choose(Frequency.OFF)
    schools.choose(Frequency.DAILY, READER)
    exchanges = [brought_to(State.PROPOSED, schools.them, schools.us) for _ in range(2)]
    tell(session)
    choose_quiet_hours(session, reader.id, Hours(time(11), time(14)))
    assert make_digest(session, reader.id, clock.now())
    (email,) = schools.emails(READER)
    set_clock.instant += timedelta(hours=3)
    queue_due(session, 10)
    decline(session, schools.them, exchanges[0], "No.", version=1)
    assert reason(schools, email) is None
    decline(session, schools.them, exchanges[1], "No.", version=1)
    assert reason(schools, email) == NOT_NEEDED
