"""The security log: what is in it, that refusals are kept, and that nobody can change it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.models import Person, SecurityEvent
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved


def lines(app: Skillbank) -> list[tuple[str, int | None]]:
    with app.app_context():
        events = db.session.scalars(sa.select(SecurityEvent).order_by(SecurityEvent.id))
        return [(event.kind, event.person_id) for event in events]


def test_signing_in_and_out_is_in_the_log(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.sign_in(jo).get("/home").submit("Sign out")
    assert lines(app) == [("signed_in", jo.id), ("signed_out", jo.id)]


def test_a_wrong_password_is_kept_though_the_form_is_refused(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    assert browser.sign_in(jo, "wrong").status == 422
    assert [kind for kind, _ in lines(app)] == ["sign_in_failed"]


def test_a_line_has_no_secret(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.sign_in(jo, "a secret that I typed")
    browser.sign_in(jo)
    with app.app_context():
        columns = db.session.execute(sa.select(SecurityEvent.__table__)).all()
    assert "secret" not in repr(columns)
    assert jo.email not in repr(columns)


@pytest.mark.parametrize(
    "statement", ["UPDATE security_event SET kind = 'x'", "DELETE FROM security_event"]
)
def test_nobody_changes_a_line(app: Skillbank, jo: Person, statement: str) -> None:
    with saved(app) as session:
        record_security(session, SecurityKind.SIGNED_IN, person_id=jo.id)
    with (
        app.app_context(),
        db.engine.begin() as connection,
        pytest.raises(sa.exc.DBAPIError, match="the security log is append-only"),
    ):
        connection.exec_driver_sql(statement)
    assert lines(app) == [("signed_in", jo.id)]


def test_a_line_can_be_deleted_after_its_time(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        for days in (364, 367):
            session.add(
                SecurityEvent(
                    kind=f"day {days}",
                    occurred_at=clock.now() - timedelta(days=days),
                    person_id=jo.id,
                    details={},
                )
            )
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM security_event WHERE kind = 'day 367'")
    assert [kind for kind, _ in lines(app)] == ["day 364"]
