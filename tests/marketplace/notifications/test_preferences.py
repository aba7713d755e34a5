"""What people choose: how often for each kind, quiet hours, and the page where they choose."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import LONDON
from marketplace.database import db
from marketplace.notifications.catalogue import KINDS
from marketplace.notifications.forms import field_name
from marketplace.notifications.kinds import Urgency
from marketplace.notifications.models import Frequency
from marketplace.notifications.preferences import (
    Hours,
    choose_frequencies,
    choose_quiet_hours,
    frequencies_of,
    quiet_hours_of,
)
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.happenings import HAPPENINGS
from tests.marketplace.notifications.telling import Schools, kind_called, tell
from tests.marketplace.outbox.bells import SetClock

TASK, NEWS, SECURITY = "exchange.proposed", "exchange.agreed", "member.my_roles_changed"


@pytest.mark.parametrize(
    ("name", "who"), [(TASK, "their actor"), (NEWS, "their actor"), (SECURITY, "our member")]
)
@pytest.mark.parametrize("frequency", [None, *Frequency])
@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_sent_when(
    schools: Schools,
    set_clock: SetClock,
    name: str,
    who: str,
    frequency: Frequency | None,
    quiet: bool,
) -> None:
    """By kind, choice and quiet hours; it is noon."""
    kind = kind_called(name)
    if frequency is not None:
        schools.choose(frequency, who)
    if quiet:
        hours = Hours(time(11), time(14, 30))
        choose_quiet_hours(schools.session, schools.person(who).id, hours)
    HAPPENINGS[name][0](schools, set_clock)
    tell(schools.session)
    (told,) = schools.notifications(who)
    counts = frequency or kind.default
    if kind.urgency is Urgency.SECURITY:
        counts = Frequency.AT_ONCE
    emails = schools.emails(who)
    assert len(emails) == (1 if counts is Frequency.AT_ONCE else 0)
    assert told.notification.digest == (
        counts if counts in (Frequency.DAILY, Frequency.WEEKLY) else None
    )
    if emails:
        waits = quiet and kind.urgency is not Urgency.SECURITY
        end = datetime.combine(clock.today(), time(14, 30), LONDON)
        assert emails[0].send_after == (end if waits else None)
        assert (emails[0].unsubscribe_url is None) == (kind.urgency is Urgency.SECURITY)


def test_a_choice_is_for_one_person_and_one_kind(schools: Schools) -> None:
    schools.choose(Frequency.OFF, "their actor", kinds=(TASK,))
    proposed(schools.us, posted(schools.them))
    tell(schools.session)
    assert schools.told() == {TASK: {"their actor", "their coordinator"}}
    assert schools.subjects("their actor") == []
    assert len(schools.subjects("their coordinator")) == 1
    chosen = frequencies_of(schools.session, schools.them.person_id)
    defaults = {kind.name: kind.default for kind in KINDS}
    assert chosen == {**defaults, TASK: Frequency.OFF}


def test_what_waits_for_a_digest_follows_the_choice(schools: Schools) -> None:
    person_id = schools.them.person_id
    schools.choose(Frequency.DAILY, "their actor")
    proposed(schools.us, posted(schools.them))
    tell(schools.session)

    def digest_after(frequency: Frequency) -> str | None:
        choose_frequencies(schools.session, person_id, {TASK: frequency})
        schools.session.expire_all()
        (told,) = schools.notifications("their actor")
        return told.notification.digest

    assert digest_after(Frequency.WEEKLY) == "weekly"
    assert digest_after(Frequency.AT_ONCE) == "weekly"
    assert digest_after(Frequency.DAILY) == "daily"
    assert digest_after(Frequency.OFF) is None
    assert digest_after(Frequency.DAILY) is None


def test_only_what_changes_is_stored(schools: Schools) -> None:
    person_id = schools.them.person_id
    chosen = {TASK: Frequency.AT_ONCE, NEWS: Frequency.OFF, SECURITY: Frequency.OFF, "gone": "off"}
    changed = choose_frequencies(schools.session, person_id, chosen)  # type: ignore[arg-type]
    assert changed == [NEWS]
    assert frequencies_of(schools.session, person_id)[SECURITY] is Frequency.AT_ONCE


@pytest.fixture
def page(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        coordinator = actor_for(joined_school())
    return Browser(client).be(coordinator).get("/account/notifications")


def test_the_page_has_what_the_person_may_be_told(app: Skillbank, page: Browser) -> None:
    def names(browser: Browser) -> set[str]:
        return {f["name"] for f in browser.page.select(".preference select")}

    coordinators = {"kind-school-succeeded", "kind-school-frozen", "kind-school-unfrozen"}
    coordinators |= {"kind-expertise-suggested"}
    coordinators |= {
        field_name(kind)
        for kind in KINDS
        if kind.may_be_changed
        and kind.permission is not None
        and kind.permission.value
        in (
            "exchanges.agree",
            "conversations.ask",
            "listings.post",
            "groups.manage",
            "listings.view",
        )
    }
    assert names(page) == coordinators
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        nobody = PersonFactory()
    browser = Browser(app.test_client()).be(operator).get("/account/notifications")
    assert names(browser) == {
        "kind-claim-waiting",
        "kind-adjustment-proposed",
        "kind-adjustment-approved",
        "kind-adjustment-refused",
        "kind-adjustment-lapsed",
        "kind-correction-beyond_limit",
        "kind-verification-faults",
        "kind-succession-waiting",
        "kind-succession-proposed",
        "kind-succession-refused",
        "kind-school-joined",
        "kind-listing-reported",
        "kind-review-reported",
        "kind-enquiry-unanswered_for_operator",
        "kind-exchange-unanswered_for_operator",
        "kind-dispute-answered_for_operator",
        "kind-dispute-unanswered_for_operator",
        "kind-dispute-overdue_for_operator",
    }
    with saved(app):
        finance = actor_for(joined_school(), Role.FINANCE)
    bursar = Browser(app.test_client()).be(finance).get("/account/notifications")
    assert names(bursar) == {
        "kind-expertise-suggested",
        "kind-search-alerted",
        "kind-listing-hidden_for_reporter",
        "kind-listing-kept_for_reporter",
        "kind-listing-restored_for_reporter",
        "kind-adjustment-done",
        "kind-credits-moved",
        "kind-credits-put_right",
        "kind-school-succeeded",
        "kind-school-frozen",
        "kind-school-unfrozen",
        "kind-message-written",
        "kind-enquiry-unanswered",
    }
    assert "Always sent at once: My own roles have changed." in browser.text
    assert names(Browser(app.test_client()).be(nobody).get("/account/notifications")) == set()


def test_what_is_chosen_is_stored_and_shown(app: Skillbank, page: Browser) -> None:
    page.submit(
        "Save",
        **{"kind-exchange-proposed": "off", "kind-exchange-agreed": "weekly"},
        begins="18:00",
        ends="07:00",
    )
    assert page.flashes == ["Your choice is saved."]
    values = page.values("Save")
    assert values["kind-exchange-proposed"] == ["off"]
    assert values["kind-exchange-agreed"] == ["weekly"]
    assert values["kind-exchange-declined"] == ["daily"]
    assert (values["begins"], values["ends"]) == (["18:00"], ["07:00"])
    page.submit("Save", begins="", ends="")
    assert page.flashes == ["Your choice is saved."]
    with app.app_context():
        assert quiet_hours_of(db.session(), range(1, 100)) == {}


@pytest.mark.parametrize(
    ("begins", "ends", "message"),
    [
        ("18:00", "", "Quiet hours: choose both times, or “None” for both."),
        ("", "07:00", "Quiet hours: choose both times, or “None” for both."),
        ("18:00", "18:00", "Quiet hours: choose an end that is not the beginning."),
    ],
)
def test_quiet_hours_have_a_beginning_and_an_end(
    page: Browser, begins: str, ends: str, message: str
) -> None:
    page.submit("Save", **{"kind-exchange-proposed": "off"}, begins=begins, ends=ends)
    assert (page.status, page.errors) == (422, [message])
    values = page.values("Save")
    assert values["kind-exchange-proposed"] == ["off"]
    assert (values["begins"], values["ends"]) == ([begins], [ends])


def test_a_choice_that_there_is_not_is_refused(page: Browser) -> None:
    values = page.values("Save")
    page.post(page.path, {**values, "kind-exchange-proposed": ["never"], "begins": ["25:00"]})
    assert page.status == 422
    assert len(page.errors) == 2
