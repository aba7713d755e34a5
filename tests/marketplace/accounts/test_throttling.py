"""Wrong passwords make strangers wait, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import throttling
from marketplace.accounts.models import Person, Throttle
from marketplace.accounts.roles import Role
from marketplace.accounts.throttling import Bucket, TooManyTries
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.outbox.worker import Worker
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.outbox.bells import SetClock

HERE, THERE = "192.0.2.1", "198.51.100.7"
WRONG = "a wrong password"


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """A clock that stands still: waits are exact."""
    hands = SetClock()
    monkeypatch.setattr(clock, "now", hands.now)
    return hands


def at(app: Skillbank, address: str) -> Browser:
    """A browser that nobody knows, at a network address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Browser(client)


def tries(browser: Browser, who: Person | str, number: int, password: str = WRONG) -> list[int]:
    """Try a password so many times; what each try was answered (200 if it was right)."""
    return [browser.sign_in(who, password).status for _ in range(number)]


def is_in(browser: Browser) -> bool:
    return browser.get("/home").path == "/home"


def test_five_failures_are_free_and_then_each_waits_twice_as_long(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    browser = at(app, HERE)
    assert tries(browser, jo, 6) == [422] * 5 + [429]
    waits = []
    for _ in range(12):
        hands.move(hours=0)
        waits.append(int(browser.sign_in(jo, WRONG).answer.headers["Retry-After"]))
        hands.move(seconds=waits[-1])
        assert browser.sign_in(jo, WRONG).status == 422
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    hands.move(seconds=899)
    assert browser.sign_in(jo, PASSWORD).status == 429
    hands.move(seconds=1)
    assert is_in(browser.sign_in(jo, PASSWORD))


def test_the_page_says_when_it_goes_on_and_what_else_one_can_do(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    browser = at(app, HERE)
    tries(browser, jo, 5)
    hands.move(seconds=1)
    tries(browser, jo, 1)
    browser.sign_in(jo, PASSWORD)
    assert (browser.status, browser.heading) == (429, "Sign in")
    assert browser.errors == [
        "Too many wrong tries have been made here. Try again in 2 seconds, at 12:00."
    ]
    assert browser.values("Sign in")["email"] == [jo.email]
    assert browser.values("Sign in")["password"] == [""]
    assert browser.page.select('.notice a[href="/forgotten-password"]')
    assert browser.answer.headers["Retry-After"] == "2"


def test_a_known_device_signs_in_at_once_while_strangers_wait(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    known = at(app, HERE).sign_in(jo).get("/home").submit("Sign out")
    for number in range(30):
        tries(at(app, f"203.0.113.{number}"), jo, 1)
    stranger = at(app, THERE)
    assert stranger.sign_in(jo, PASSWORD).status == 429
    assert is_in(known.sign_in(jo))


def test_a_device_waits_for_its_own_failures_only(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    known = at(app, HERE).sign_in(jo).get("/home").submit("Sign out")
    assert tries(known, jo, 6) == [422] * 5 + [429]
    other = at(app, HERE)
    assert is_in(other.sign_in(jo))


def test_a_device_of_one_person_is_none_of_another(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    with saved(app):
        sam = staff(joined_school(), Role.MEMBER)
    browser = at(app, HERE).sign_in(sam).get("/home").submit("Sign out")
    for number in range(11):
        tries(at(app, f"203.0.113.{number}"), jo, 1)
    assert browser.sign_in(jo).status == 429
    assert is_in(browser.sign_in(sam))


def test_a_cookie_that_somebody_made_is_no_device(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    at(app, HERE).sign_in(jo)
    browser = at(app, THERE)
    for value in ("x", "1", "", "InRva2VuIg.abc.def"):
        browser.client.set_cookie("device", value)
        assert browser.sign_in(jo, WRONG).status == 422
    browser.sign_in(jo, WRONG)
    assert browser.sign_in(jo).status == 429


def test_guesses_from_many_addresses_are_bounded_together(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    begin, looked_at = hands.instant, 0
    number = 0
    while hands.instant < begin + timedelta(hours=1):
        answer = at(app, f"2001:db8:{number:x}::1").sign_in(jo, WRONG)
        number += 1
        looked_at += answer.status == 422
        if answer.status == 429:
            hands.move(seconds=int(answer.answer.headers["Retry-After"]))
    assert 20 <= looked_at <= 24


def test_one_customers_network_is_one_address(app: Skillbank, jo: Person, hands: SetClock) -> None:
    for number in range(5):
        assert at(app, f"2001:db8:1:2::{number}").sign_in(jo, WRONG).status == 422
    assert at(app, "2001:db8:1:2:ffff::1").sign_in(jo, WRONG).status == 429
    assert at(app, "2001:db8:1:3::1").sign_in(jo, WRONG).status == 422


def test_others_behind_the_same_proxy_sign_in(app: Skillbank, jo: Person, hands: SetClock) -> None:
    with saved(app):
        people = [staff(joined_school(), Role.MEMBER) for _ in range(3)]
    for number in range(70):
        tries(at(app, HERE), f"nobody{number}@example.org", 1)
    tries(at(app, HERE), jo, 6)
    for person in people:
        assert is_in(at(app, HERE).sign_in(person))


def test_where_many_accounts_are_tried_each_has_one_free_try(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    for number in range(20):
        assert tries(at(app, HERE), f"nobody{number}@example.org", 2) == [422, 422]
    assert tries(at(app, HERE), jo, 2) == [422, 429]
    assert tries(at(app, THERE), jo, 2) == [422, 422]
    hands.move(seconds=2)
    assert is_in(at(app, HERE).sign_in(jo))
    hands.move(minutes=6)
    assert tries(at(app, HERE), "one.more@example.org", 2) == [422, 422]


def test_unknown_addresses_are_answered_like_known_ones(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    answers = []
    for address in (jo.email, "nobody@example.org"):
        browser = at(app, HERE)
        statuses = tries(browser, address, 7)
        shown = browser.text, [str(field.attrs.get("name")) for field in browser.page("input")]
        answers.append((statuses, browser.errors, shown))
    assert answers[0] == answers[1]


def test_time_forgives_one_failure_an_hour(app: Skillbank, jo: Person, hands: SetClock) -> None:
    browser = at(app, HERE)
    assert tries(browser, jo, 6)[-1] == 429
    hands.move(hours=2, minutes=1)
    assert tries(browser, jo, 3) == [422, 422, 429]
    hands.move(hours=20)
    assert tries(browser, jo, 6) == [422] * 5 + [429]


def test_the_right_password_clears_what_its_address_has_failed(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    browser = at(app, HERE)
    for _ in range(2):
        assert tries(browser, jo, 4) == [422] * 4
        browser.sign_in(jo).get("/home").submit("Sign out")
        browser.client.delete_cookie("device")
    assert is_in(browser.sign_in(jo))


def test_a_right_password_takes_back_no_failures_of_others(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    for number in range(11):
        tries(at(app, f"203.0.113.{number}"), jo, 1)
    hands.move(seconds=2)
    assert is_in(at(app, HERE).sign_in(jo))
    assert tries(at(app, THERE), jo, 2) == [422, 429]


def test_a_long_wait_is_in_the_log_and_told_to_the_person_once_a_day(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    browser = at(app, HERE)
    for _ in range(14):
        tries(browser, jo, 1)
        hands.move(minutes=16)
    tries(browser, "nobody@example.org", 5)
    Worker(app).run_once()
    with app.app_context():
        lines = db.session.execute(
            sa.text("SELECT kind, person_id FROM security_event ORDER BY id")
        ).all()
        emails = db.session.scalars(sa.select(Email).where(Email.person_id == jo.id)).all()
    assert ("locked_out", jo.id) in [tuple(line) for line in lines]
    assert [email.subject for email in emails] == [
        "Wrong passwords or codes have been tried on your account"
    ]


def test_a_failure_is_in_the_log_of_whose_account_it_was(
    app: Skillbank, jo: Person, hands: SetClock
) -> None:
    browser = at(app, HERE)
    tries(browser, f" {jo.email.upper()} ", 1)
    tries(browser, "nobody@example.org", 1)
    with app.app_context():
        lines = db.session.execute(
            sa.text("SELECT kind, person_id, address FROM security_event ORDER BY id")
        ).all()
    assert [tuple(line) for line in lines] == [
        ("sign_in_failed", jo.id, HERE),
        ("sign_in_failed", None, HERE),
    ]


@pytest.fixture
def request_here(app: Skillbank) -> Iterator[Session]:
    with app.test_request_context("/", method="POST", environ_base={"REMOTE_ADDR": HERE}):
        yield db.session()


def test_a_try_that_ends_in_an_error_stays_counted(request_here: Session) -> None:
    bucket = Bucket("code|7", free=3)
    for _ in range(3):
        throttling.check(request_here, bucket)
        request_here.rollback()  # as if the request had failed
    with pytest.raises(TooManyTries):
        throttling.check(request_here, bucket)


def test_a_try_that_is_taken_back_counts_once_the_request_fails(request_here: Session) -> None:
    bucket = Bucket("code|7", free=1)
    throttling.passed(request_here, throttling.check(request_here, bucket))
    request_here.rollback()
    with pytest.raises(TooManyTries):
        throttling.check(request_here, bucket)


def test_a_try_that_must_wait_is_not_counted(request_here: Session, hands: SetClock) -> None:
    bucket, other = Bucket("code|7", free=1), Bucket("code|8", free=9)
    throttling.check(request_here, bucket)
    for _ in range(5):
        with pytest.raises(TooManyTries):
            throttling.check(request_here, bucket, other)
    hands.move(seconds=1)
    attempt = throttling.check(request_here, bucket, other)
    assert [failures for _, failures in attempt.counts] == [2, 1]


def test_the_message_says_how_long(hands: SetClock) -> None:
    now = hands.instant
    for seconds, words in ((0.2, "a second"), (1.5, "2 seconds"), (99, "99"), (900, "15 minutes")):
        message = TooManyTries(now + timedelta(seconds=seconds)).message
        assert f"Try again in {words}" in message
    assert "at 12:15" in message


def test_the_operator_unlocks_a_person(app: Skillbank, jo: Person, hands: SetClock) -> None:
    for number in range(16):
        tries(at(app, f"203.0.113.{number}"), jo, 1)
    stranger = at(app, HERE)
    assert stranger.sign_in(jo).status == 429
    runner = app.test_cli_runner()
    result = runner.invoke(args=["people", "unlock", jo.email.upper()])
    assert (result.exit_code, result.output) == (0, f"{jo.name} can try again at once.\n")
    assert is_in(stranger.sign_in(jo))
    again = runner.invoke(args=["people", "unlock", jo.email])
    assert "was not locked out" in again.output
    unknown = runner.invoke(args=["people", "unlock", "nobody@example.org"])
    assert unknown.exit_code == 1
    assert "There is no account with the address nobody@example.org" in unknown.output


def test_counts_are_deleted_when_they_are_old(app: Skillbank, jo: Person) -> None:
    tries(at(app, HERE), jo, 1)
    with saved(app) as session:
        assert throttling.delete_old(session, datetime.now(UTC) - timedelta(days=3)) == 0
        session.execute(sa.update(Throttle).values(last_failed_at=clock.now() - timedelta(days=4)))
        assert throttling.delete_old(session, clock.now() - timedelta(days=3)) == 3
