"""Accounts that are switched off do not count where people are counted; links, at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import NotAllowed, Refusal
from marketplace.members.service import (
    change_roles,
    colleagues_of,
    school_to_manage,
)
from marketplace.web.forms import Form
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to
from tests.marketplace.network.factories import joined_school

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


def test_an_administrator_who_is_switched_off_is_not_another_one(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school(name="Hope Primary")
        head = actor_for(school, Role.ADMINISTRATOR)
        staff(school, Role.ADMINISTRATOR, active=False)
        with pytest.raises(Refusal, match="the only administrator of Hope Primary"):
            change_roles(session, head, school.urn, head.person_id, frozenset(), seen=ADMINISTRATOR)
        staff(school, Role.ADMINISTRATOR)
        assert change_roles(
            session, head, school.urn, head.person_id, frozenset(), seen=ADMINISTRATOR
        )


def test_an_administrator_who_was_switched_off_in_between_changes_nothing(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        person = staff(school, Role.ADMINISTRATOR, active=False)
        actor = Actor(person.id, person.name, ADMINISTRATOR, school.urn, school.name)
        with pytest.raises(NotAllowed, match="no longer an administrator"):
            school_to_manage(session, actor, school.urn, lock=True)


def test_a_colleague_who_is_switched_off_is_still_listed(app: Skillbank) -> None:
    """The administrator has to see the roles, to take them away."""
    with saved(app) as session:
        school = joined_school()
        staff(school, Role.MEMBER, name="Jo", active=False)
        assert [colleague.name for colleague in colleagues_of(session, school.urn)] == ["Jo"]


def test_an_administrator_removed_just_before_the_press_makes_no_link(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roles were read at the beginning of the request; the removal came after."""
    with saved(app):
        school = joined_school()
        head = staff(school, Role.ADMINISTRATOR)
        jo = staff(school, Role.MEMBER)
    browser = Browser(app.test_client()).be(head).get(f"/schools/{school.urn}/people/{jo.id}")
    values = browser.values("Send the e-mail")
    is_valid = Form.validate_on_submit

    def remove_first(form: Form) -> bool:
        db.session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == head.id))
        return is_valid(form)

    monkeypatch.setattr(Form, "validate_on_submit", remove_first)
    browser.post(f"/schools/{school.urn}/people/{jo.id}/reset", values)
    assert browser.status == 403
    assert emails_to(app, jo.email) == []
    assert "You are no longer an administrator of this school." in browser.text


def test_a_link_and_the_removal_of_its_maker_follow_one_another(app: Skillbank) -> None:
    """The link waits for the removal, or is made before it: never in spite of it."""
    for _ in range(3):
        with saved(app):
            school = joined_school()
            head, other = (staff(school, Role.ADMINISTRATOR) for _ in range(2))
            jo = staff(school, Role.MEMBER)
        here = f"/schools/{school.urn}/people"
        making = Browser(app.test_client()).be(head).get(f"{here}/{jo.id}")
        removing = Browser(app.test_client()).be(other).get(f"{here}/{head.id}/remove")
        barrier = Barrier(2)

        def press(browser: Browser, button: str, path: str, barrier: Barrier = barrier) -> int:
            values = browser.values(button)
            barrier.wait()
            return browser.client.post(path, data=values).status_code

        with ThreadPoolExecutor(2) as pool:
            link = pool.submit(press, making, "Send the e-mail", f"{here}/{jo.id}/reset")
            removal = pool.submit(
                press, removing, f"Remove from {school.name}", f"{here}/{head.id}/remove"
            )
        assert removal.result() == 302
        sent = len(emails_to(app, jo.email))
        assert (link.result(), sent) in ((302, 1), (401, 0), (403, 0))
        assert making.post(f"{here}/{jo.id}/reset", {}).status == 401
