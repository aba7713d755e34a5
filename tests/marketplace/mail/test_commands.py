"""``mail status``, ``mail test``, and what ``jobs status`` complains of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.mail.models import EmailState
from marketplace.mail.sending import transport_of
from tests.marketplace.mail.conftest import POLICY, MailHouse, MakeHouse


def test_status_names_new_failures_until_they_are_noted(house: MailHouse) -> None:
    house.queue()
    house.work()
    assert house.flask("mail", "status") == (
        0,
        "E-mails: 0 waiting, 1 sent, 0 refused, 0 bounced, 0 withheld, 0 kept, 0 given up.\n",
    )
    house.office.on_recipient = lambda address: "550 5.1.1 No such user"
    number = house.queue(to="gone@ash.example")
    house.work()
    withheld = house.queue(to="gone@ash.example")
    house.work()
    assert house.email(withheld).state == EmailState.WITHHELD
    code, output = house.flask("mail", "status")
    assert code == 1
    assert (
        f"  {number}: refused, 26 Nov 2026 12:00, to gone@ash.example,"
        " “Skillbank can send e-mail”, 550 5.1.1 No such user\n"
    ) in output
    assert f"  {withheld}:" not in output
    assert "run “mail status --seen”" in output
    code, output = house.flask("mail", "status", "--seen")
    assert (code, "Noted: 1." in output) == (0, True)
    assert house.flask("mail", "status")[0] == 0
    second = house.queue(to="also-gone@ash.example")
    house.work()
    code, output = house.flask("mail", "status")
    assert (code, f"  {second}:" in output, f"  {number}:" in output) == (1, True, False)


def test_what_was_given_up_is_a_failure(house: MailHouse) -> None:
    house.office.stop()
    house.queue()
    for _ in range(POLICY.max_tries):
        house.wait(hours=7)
    code, output = house.flask("mail", "status")
    assert (code, "given up, 26 Nov" in output) == (1, True)
    assert house.flask("jobs", "status")[0] == 1


def test_an_email_is_tried_at_once(house: MailHouse) -> None:
    assert house.flask("mail", "test", "ops@ash.example") == (
        0,
        "The mail server took it: 250 2.0.0 Ok: queued as 4XyZ\n",
    )
    assert house.office.received[0].recipients == ["ops@ash.example"]
    assert transport_of(house.app)._smtp is None
    assert house.email(1).state == EmailState.SENT
    house.work()
    assert len(house.office.received) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 5.1.1 No such user", EmailState.REFUSED), ("451 Not now", EmailState.GIVEN_UP)],
)
def test_a_try_that_fails_says_what_the_server_said(
    house: MailHouse, answer: str, state: EmailState
) -> None:
    house.office.on_recipient = lambda address: answer
    code, output = house.flask("mail", "test", "ops@ash.example")
    assert (code, answer in output) == (1, True)
    assert house.email(1).state == state
    assert house.flask("mail", "status")[0] == 0  # the operator has just seen it


def test_a_try_says_what_is_missing(make_house: MakeHouse) -> None:
    house = make_house(smtp_url="")
    code, output = house.flask("mail", "test", "ops@ash.example")
    assert (code, "set SKILLBANK_SMTP_URL" in output) == (1, True)


def test_a_try_wants_an_address(house: MailHouse) -> None:
    code, output = house.flask("mail", "test", "ops")
    assert (code, "“ops” is not an e-mail address." in output) == (1, True)


def test_emails_that_are_kept_are_complained_of_in_production(make_house: MakeHouse) -> None:
    house = make_house(smtp_url="")
    house.queue()
    house.work()
    assert house.flask("jobs", "status")[0] == 0
    house.app.extensions["skillbank.settings"] = replace(
        house.app.extensions["skillbank.settings"], production=True
    )
    for command in ("jobs", "mail"):
        code, output = house.flask(command, "status")
        assert code == 1
        assert "No mail server is set, so 1 e-mail of the last seven days were kept" in output
