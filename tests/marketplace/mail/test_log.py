"""The delivery log of a person, of a school and of the network, and how long it is kept."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.erasure import Reason, erase
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import UNDELIVERED, Email, EmailState, FailingAddress
from marketplace.mail.queries import (
    deliveries,
    deliveries_of_school,
    deliveries_to_person,
    failing_addresses,
)
from marketplace.mail.service import mark_failing, mark_undelivered, queue_due, queue_email
from marketplace.privacy.holdings import personal_data
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.factories import saved
from tests.marketplace.mail.conftest import MailHouse
from tests.marketplace.network.factories import joined_school


def queued(session: Session, **more: Any) -> Email:
    return queue_email(session, **({"template": "test", "to": "head@ash.example"} | more))


def test_the_log_of_a_person_and_of_a_school_holds_their_own(app: Skillbank) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        ours = [queued(session, person_id=us.person_id, school_urn=us.urn).id for _ in range(5)]
        queued(session, person_id=them.person_id, school_urn=them.urn)
        queued(session)
        for page in (deliveries_to_person, deliveries_of_school):
            whose = us.person_id if page is deliveries_to_person else us.urn
            first = page(session, whose, limit=3)
            assert [row.id for row in first.rows] == ours[:1:-1]
            rest = page(session, whose, limit=3, after=first.next or "")
            assert [row.id for row in rest.rows] == ours[1::-1]
            assert rest.next is None
        row = first.rows[0]
        assert (row.to, row.state, row.tries) == ("head@ash.example", EmailState.WAITING, 0)
        assert (row.person_id, row.school_urn) == (us.person_id, us.urn)
        assert not hasattr(row, "text")


def test_the_log_of_the_network_is_sifted_by_state_and_address(app: Skillbank) -> None:
    with saved(app) as session:
        waiting, refused, bounced = (
            queued(session, to=f"{name}@ash.example") for name in ("a", "b", "c")
        )
        mark_undelivered(refused, EmailState.REFUSED, "550 No")
        mark_undelivered(bounced, EmailState.BOUNCED, "550 No")
        session.flush()

        def numbers(**criteria: Any) -> list[int]:
            return [row.id for row in deliveries(session, **criteria).rows]

        assert numbers() == [bounced.id, refused.id, waiting.id]
        assert numbers(states=UNDELIVERED) == [bounced.id, refused.id]
        assert numbers(states=[EmailState.WAITING]) == [waiting.id]
        assert numbers(states=UNDELIVERED, address=" B@ash.example") == [refused.id]
        assert numbers(address="nobody@ash.example") == []


def test_the_addresses_that_fail(app: Skillbank) -> None:
    with saved(app) as session:
        for name in ("c", "a", "b"):
            mark_failing(session, f"{name}@ash.example", "550 No\nsuch user")
        mark_failing(session, "a@ash.example", "554 Never")
        page = failing_addresses(session, limit=2)
        assert [(row.address, row.reason) for row in page.rows] == [
            ("a@ash.example", "554 Never"),
            ("b@ash.example", "550 No such user"),
        ]
        rest = failing_addresses(session, limit=2, after=page.next or "")
        assert [row.address for row in rest.rows] == ["c@ash.example"]
        only = failing_addresses(session, address="B@ash.example")
        assert [row.address for row in only.rows] == ["b@ash.example"]


@pytest.mark.parametrize("index", ["ix_email_not_sent", "ix_email_due"])
def test_the_partial_indexes_are_used(app: Skillbank, index: str) -> None:
    seen: list[tuple[str, Any]] = []
    with saved(app) as session:
        engine = db.engine

        def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if "FROM email" in statement:
                seen.append((statement, parameters))

        sa.event.listen(engine, "before_cursor_execute", note)
        if index == "ix_email_due":
            queue_due(session, 10)
        else:
            deliveries(session, states=UNDELIVERED)
        sa.event.remove(engine, "before_cursor_execute", note)
        statement, parameters = seen[0]
        connection = session.connection()
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    assert index in str(plan)


def test_an_erased_person_leaves_no_email_and_no_address(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        jo, colleague = staff(school, Role.MEMBER), staff(school, Role.MEMBER)
        for person in (jo, colleague):
            queued(session, to=person.email, person_id=person.id)
            mark_failing(session, person.email, "550 No such user")
        kept = colleague.email
        erase(session, jo.id, Reason.ASKED)
        assert list(session.scalars(sa.select(Email.to_address))) == [kept]
        assert list(session.scalars(sa.select(FailingAddress.address))) == [kept]


def test_a_person_reads_what_became_of_each_email_and_not_its_text(app: Skillbank) -> None:
    with saved(app) as session:
        jo = staff(joined_school(), Role.MEMBER)
        queued(session, to=jo.email, person_id=jo.id)
        (row,) = personal_data(session, jo.id)["e-mails"]
        assert (row["to_address"], row["subject"]) == (jo.email, "Skillbank can send e-mail")
        assert set(row) & {"text", "html", "message_id"} == set()


def test_texts_are_deleted_after_a_month_and_rows_after_a_year(house: MailHouse) -> None:
    number = house.queue()
    house.work()
    house.office.on_recipient = lambda address: "550 No such user"
    refused = house.queue(to="gone@ash.example")
    house.wait(days=29)
    later = house.queue(send_after=house.now().replace(year=2029))
    assert house.email(number).text is not None
    house.wait(days=2)
    for one in (number, refused):
        email = house.email(one)
        assert (email.text, email.html) == (None, None)
        assert email.subject == "Skillbank can send e-mail"
    assert house.email(later).text is not None
    house.wait(days=336)
    with house.app.app_context():
        assert list(db.session.scalars(sa.select(Email.id))) == [later]
    house.wait(days=28)
    with house.app.app_context():
        assert list(db.session.scalars(sa.select(FailingAddress.address))) == []
