"""One-time links: each works once, for a while, for its purpose, until the next one is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import one_time_links
from marketplace.accounts.models import OneTimeLink, Person
from marketplace.accounts.one_time_links import LIFETIMES, Purpose
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

RESET = Purpose.PASSWORD_RESET


def works(session: Session, token: str, *purposes: Purpose) -> bool:
    return one_time_links.find(session, token, *purposes or (RESET,)) is not None


def test_a_link_is_found_often_and_used_once(app: Skillbank) -> None:
    with saved(app) as session:
        jo = PersonFactory()
        token = one_time_links.make(session, RESET, jo.id)
        for _ in range(3):
            row = one_time_links.find(session, token, RESET)
            assert row is not None
        link, person = row
        assert person is jo
        assert one_time_links.use(session, link)
        assert not one_time_links.use(session, link)
        assert not works(session, token)


@pytest.mark.parametrize("token", ["", "x" * 43, "\0", "é" * 500])
def test_what_was_never_made_is_not_found(app: Skillbank, token: str) -> None:
    with saved(app) as session:
        one_time_links.make(session, RESET, PersonFactory().id)
        assert not works(session, token)


def test_the_table_does_not_hold_the_token(app: Skillbank) -> None:
    with saved(app) as session:
        token = one_time_links.make(session, RESET, PersonFactory().id)
        [row] = session.execute(sa.select(OneTimeLink.__table__)).all()
        assert token not in repr(row)


def test_a_new_link_ends_the_one_before(app: Skillbank) -> None:
    with saved(app) as session:
        jo, sam = PersonFactory(), PersonFactory()
        first = one_time_links.make(session, RESET, jo.id)
        others = [
            (one_time_links.make(session, RESET, sam.id), RESET),
            (one_time_links.make(session, Purpose.INVITATION, jo.id), Purpose.INVITATION),
        ]
        second = one_time_links.make(session, RESET, jo.id)
        assert not works(session, first)
        assert works(session, second)
        assert all(works(session, token, purpose) for token, purpose in others)


def test_each_school_invites_with_a_link_of_its_own(app: Skillbank) -> None:
    with saved(app) as session:
        jo = PersonFactory()
        urns = [joined_school().urn, joined_school().urn, None]
        first = [
            one_time_links.make(session, Purpose.INVITATION, jo.id, school_urn=urn) for urn in urns
        ]
        one_time_links.make(session, Purpose.INVITATION, jo.id, school_urn=urns[0])
        assert [works(session, token, Purpose.INVITATION) for token in first] == [False, True, True]
        assert one_time_links.revoke(session, jo.id, school_urn=urns[1]) == 1
        assert [works(session, token, Purpose.INVITATION) for token in first] == [
            False,
            False,
            True,
        ]


def test_the_database_has_at_most_one_open_link_of_a_kind(app: Skillbank) -> None:
    with saved(app) as session:
        jo = PersonFactory()
        one_time_links.make(session, RESET, jo.id)
        now = clock.now()
        again = OneTimeLink(
            purpose=RESET, person_id=jo.id, token_hash="0" * 64, created_at=now, expires_at=now
        )
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.add(again)


def test_a_link_is_for_its_purpose_only(app: Skillbank) -> None:
    with saved(app) as session:
        token = one_time_links.make(session, Purpose.ADDRESS_CHANGE, PersonFactory().id)
        assert not works(session, token, RESET, Purpose.INVITATION)
        assert works(session, token, Purpose.ADDRESS_CHANGE)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_works_until_its_time(app: Skillbank, purpose: Purpose) -> None:
    with saved(app) as session:
        token = one_time_links.make(session, purpose, PersonFactory().id)
        for left, good in ((timedelta(seconds=30), True), (timedelta(0), False)):
            session.execute(sa.update(OneTimeLink).values(expires_at=clock.now() + left))
            assert works(session, token, purpose) == good
        session.execute(sa.delete(OneTimeLink))
        one_time_links.make(session, purpose, PersonFactory().id)
        link = session.scalars(sa.select(OneTimeLink)).one()
        assert link.expires_at - link.created_at == LIFETIMES[purpose]


def test_a_link_that_expires_before_it_is_sent_does_nothing(app: Skillbank) -> None:
    with saved(app) as session:
        row = one_time_links.find(
            session, one_time_links.make(session, RESET, PersonFactory().id), RESET
        )
        assert row is not None
        session.execute(sa.update(OneTimeLink).values(expires_at=clock.now()))
        assert not one_time_links.use(session, row[0])


def test_a_switched_off_account_has_no_link(app: Skillbank) -> None:
    with saved(app) as session:
        jo: Person = PersonFactory()
        token = one_time_links.make(session, RESET, jo.id)
        jo.active = False
        session.flush()
        assert not works(session, token)


def test_links_are_revoked_by_purpose_or_all(app: Skillbank) -> None:
    with saved(app) as session:
        jo, sam = PersonFactory(), PersonFactory()
        reset = one_time_links.make(session, RESET, jo.id)
        change = one_time_links.make(session, Purpose.ADDRESS_CHANGE, jo.id)
        of_sam = one_time_links.make(session, RESET, sam.id)
        assert one_time_links.revoke(session, jo.id, RESET) == 1
        assert (works(session, reset), works(session, change, Purpose.ADDRESS_CHANGE)) == (
            False,
            True,
        )
        assert one_time_links.revoke(session, jo.id) == 1
        assert not works(session, change, Purpose.ADDRESS_CHANGE)
        assert works(session, of_sam)
