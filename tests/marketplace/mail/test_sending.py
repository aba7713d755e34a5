"""The worker sends over real SMTP: what arrives, what is refused, and what is tried again."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from marketplace.database import db
from marketplace.mail.models import EmailState
from marketplace.mail.sending import send, transport_of
from marketplace.mail.service import mark_failing, mark_working, queue_email
from marketplace.mail.transport import MESSAGES_A_CONNECTION
from marketplace.outbox.models import DeliveryState
from tests.marketplace.mail.conftest import POLICY, MailHouse, MakeHouse
from tests.marketplace.mail.smtp_server import PostOffice
from tests.marketplace.outbox.bells import SetClock


def test_an_email_arrives_with_text_html_and_the_standard_headers(
    house: MailHouse, set_clock: SetClock
) -> None:
    url = "https://skillbank.example/notifications/stop/" + "abc" * 60
    number = house.queue(unsubscribe_url=url)
    house.work()
    email = house.email(number)
    assert (email.state, email.tries, email.sent_at) == (EmailState.SENT, 1, set_clock.instant)
    (received,) = house.office.received
    assert received.sender == "skillbank@skillbank.example"
    assert received.recipients == ["head@ash.example"]
    message = received.message
    assert str(message["From"]) == "Skillbank <skillbank@skillbank.example>"
    assert str(message["To"]) == "head@ash.example"
    assert str(message["Subject"]) == "Skillbank can send e-mail"
    assert message["Message-ID"] == email.message_id
    assert email.message_id.endswith("@skillbank.example>")
    assert parsedate_to_datetime(message["Date"]) == set_clock.instant
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in received.content
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == email.text
    assert html.get_content().replace("\r\n", "\n").rstrip() == (email.html or "").rstrip()
    assert max(len(line) for line in received.content.split(b"\r\n")) <= 998


def test_without_a_way_to_stop_them_there_is_no_such_header(house: MailHouse) -> None:
    house.queue()
    house.work()
    assert "List-Unsubscribe" not in house.office.received[0].message


def test_a_sent_email_is_not_sent_again(house: MailHouse) -> None:
    number = house.queue()
    house.work()
    house.work()
    with house.app.app_context():
        assert send(db.session(), number) is None
    assert len(house.office.received) == 1


def test_nothing_is_sent_for_what_was_rolled_back(house: MailHouse) -> None:
    with house.app.app_context():
        queue_email(db.session(), template="test", to="head@ash.example")
        db.session.rollback()
    house.work()
    assert house.office.received == []


def test_nobody_waits_for_the_mail_server(house: MailHouse) -> None:
    """While it thinks, another writer writes: SQLite would let only one of two."""
    numbers: list[int] = []

    def write_meanwhile() -> str:
        if not numbers:
            numbers.append(house.queue(to="finance@ash.example"))
        return "250 OK"

    house.office.on_data = write_meanwhile
    number = house.queue()
    house.work()
    assert [house.email(one).state for one in (number, *numbers)] == [EmailState.SENT] * 2
    assert house.email(number).tries == 1


def test_starttls_a_password_and_a_certificate_that_is_trusted(
    make_house: MakeHouse,
    certificate: tuple,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    house = make_house(PostOffice("127.0.0.2", certificate, with_login=True))
    number = house.queue()
    house.work()
    assert house.email(number).state == EmailState.SENT
    assert len(house.office.received) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is there already
def test_tls_at_once(
    make_house: MakeHouse, certificate: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    house = make_house(PostOffice("127.0.0.2", certificate, tls_at_once=True, with_login=True))
    number = house.queue()
    house.work()
    assert house.email(number).state == EmailState.SENT


def test_a_certificate_that_is_not_trusted_gets_nothing(
    make_house: MakeHouse, certificate: tuple
) -> None:
    house = make_house(PostOffice("127.0.0.2", certificate, with_login=True))
    number = house.queue()
    house.work()
    email = house.email(number)
    assert (email.state, email.tries) == (EmailState.WAITING, 1)
    assert (email.last_error or "").startswith("The mail server's certificate cannot be trusted:")
    assert house.office.received == []


def test_a_distant_server_without_starttls_gets_nothing(make_house: MakeHouse) -> None:
    house = make_house(PostOffice("127.0.0.2"))
    number = house.queue()
    house.work()
    assert house.email(number).state == EmailState.WAITING
    assert "STARTTLS" in (house.email(number).last_error or "")
    assert house.office.received == []


def test_a_wrong_password_is_tried_again_and_never_repeated(
    make_house: MakeHouse, certificate: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    office = PostOffice("127.0.0.2", certificate, with_login=True)
    url = f"smtp://skill%40bank:hush-hush@{office.host}:{office.port}"
    house = make_house(office, smtp_url=url)
    number = house.queue()
    house.work()
    email = house.email(number)
    assert email.state == EmailState.WAITING
    assert email.last_error == "The mail server refuses the user name or the password (535)."


@pytest.mark.parametrize(
    ("answer", "is_of_address"),
    [
        ("550 5.1.1 No such user", True),
        ("550 No such user", True),
        ("550 5.7.1 We take nothing from you", False),
        ("552 5.2.2 The mailbox is full", False),
        ("554 Go away", False),
    ],
)
def test_a_refused_recipient_is_refused_for_good(
    house: MailHouse, answer: str, is_of_address: bool
) -> None:
    house.office.on_recipient = lambda address: answer
    number = house.queue()
    house.work()
    email = house.email(number)
    assert (email.state, email.last_error, email.tries) == (EmailState.REFUSED, answer, 1)
    house.wait(days=1)
    assert house.email(number).tries == 1
    house.office.on_recipient = lambda address: "250 OK"
    second = house.queue(to="Head@ash.example")
    house.work()
    expected = EmailState.WITHHELD if is_of_address else EmailState.SENT
    assert house.email(second).state == expected
    assert len(house.office.received) == (0 if is_of_address else 1)


def test_a_refused_content_is_refused_for_good_and_says_nothing_of_the_address(
    house: MailHouse,
) -> None:
    house.office.on_data = lambda: "554 5.6.0 This looks like spam\r\n\x1b[31m"
    number = house.queue()
    house.work()
    email = house.email(number)
    assert email.state == EmailState.REFUSED
    assert (email.last_error or "").startswith("554 5.6.0 This looks like spam")
    assert "\x1b" not in (email.last_error or "")
    house.office.on_data = lambda: "250 OK"
    second = house.queue()
    house.work()
    assert house.email(second).state == EmailState.SENT


def test_greylisting_is_waited_for(house: MailHouse) -> None:
    house.office.on_recipient = lambda address: "450 4.7.1 Greylisted, come back"
    number = house.queue()
    house.work()
    email = house.email(number)
    assert (email.state, email.tries) == (EmailState.WAITING, 1)
    assert email.last_error == "The mail server said 450 4.7.1 Greylisted, come back"
    house.office.on_recipient = lambda address: "250 OK"
    house.wait(minutes=1)
    again = house.email(number)
    assert (again.state, again.tries, again.last_error) == (EmailState.SENT, 2, None)
    assert house.office.received[0].message["Message-ID"] == email.message_id


def test_a_server_that_is_away_is_waited_for(house: MailHouse) -> None:
    house.queue()
    house.work()
    house.office.stop()
    number = house.queue()
    house.work()
    assert house.email(number).last_error == (
        "The mail server cannot be reached: Connection refused."
    )
    house.office.start()
    house.wait(minutes=1)
    assert house.email(number).state == EmailState.SENT


def test_a_server_that_is_slow_is_left(house: MailHouse) -> None:
    transport = transport_of(house.app)
    assert transport is not None
    transport._timeout = 0.2
    house.office.wait_seconds = 0.6
    number = house.queue()
    house.work()
    assert house.email(number).state == EmailState.WAITING
    assert "in time" in (house.email(number).last_error or "")
    house.office.wait_seconds = 0
    house.wait(minutes=1)
    assert house.email(number).state == EmailState.SENT


def test_after_the_last_try_it_is_given_up_and_can_be_retried(house: MailHouse) -> None:
    house.office.stop()
    number = house.queue()
    for _ in range(POLICY.max_tries):
        house.wait(hours=7)
    assert house.delivery().state == DeliveryState.PARKED
    email = house.email(number)
    assert (email.state, email.tries) == (EmailState.GIVEN_UP, POLICY.max_tries)
    assert "Connection refused" in (email.last_error or "")
    house.office.start()
    assert house.flask("jobs", "retry", "--all")[0] == 0
    house.work()
    email = house.email(number)
    assert (email.state, email.failed_at) == (EmailState.SENT, None)


def test_what_is_for_later_is_sent_when_its_time_has_come(
    house: MailHouse, set_clock: SetClock
) -> None:
    number = house.queue(send_after=set_clock.instant + timedelta(hours=9))
    house.work()
    house.wait(hours=8, minutes=59)
    assert (house.email(number).state, house.office.received) == (EmailState.WAITING, [])
    house.wait(minutes=6)
    assert house.email(number).state == EmailState.SENT
    date = parsedate_to_datetime(house.office.received[0].message["Date"])
    assert date == set_clock.instant
    house.wait(minutes=6)
    assert len(house.office.received) == 1


def test_a_secret_text_is_deleted_once_it_is_sent(house: MailHouse) -> None:
    house.office.on_recipient = lambda address: "450 later"
    number = house.queue(secret=True)
    house.work()
    assert house.email(number).text is not None
    house.office.on_recipient = lambda address: "250 OK"
    house.wait(minutes=1)
    email = house.email(number)
    assert (email.state, email.text, email.html) == (EmailState.SENT, None, None)


def test_a_failing_address_gets_only_what_its_person_asks_for_until_it_works(
    house: MailHouse,
) -> None:
    def change(verb: object) -> None:
        with house.app.app_context():
            verb(db.session())  # type: ignore[operator]
            db.session.commit()

    change(lambda session: mark_failing(session, "Head@Ash.example", "550 No such user"))
    withheld = house.queue()
    asked_for = house.queue(even_if_failing=True)
    house.work()
    assert house.email(withheld).state == EmailState.WITHHELD
    assert house.email(withheld).last_error == (
        "Not sent, because the address has failed before: 550 No such user"
    )
    assert house.email(asked_for).state == EmailState.SENT
    change(lambda session: mark_working(session, "head@ash.example"))
    number = house.queue()
    house.work()
    assert house.email(number).state == EmailState.SENT


def test_without_a_mail_server_emails_are_kept(make_house: MakeHouse) -> None:
    house = make_house(smtp_url="")
    number = house.queue()
    house.work()
    email = house.email(number)
    assert (email.state, email.tries) == (EmailState.KEPT, 0)
    assert email.text is not None


def test_names_and_addresses_beyond_ascii_arrive(house: MailHouse) -> None:
    house.queue(to="zoë@schüle.example")
    house.work()
    (received,) = house.office.received
    assert received.recipients == ["zoë@xn--schle-mva.example"]
    assert str(received.message["To"]) == "zoë@xn--schle-mva.example"


def test_an_address_that_the_server_cannot_name_is_refused(make_house: MakeHouse) -> None:
    house = make_house(PostOffice(knows_utf8=False))
    plain = house.queue()
    number = house.queue(to="zoë@ash.example")
    house.work()
    assert house.email(plain).state == EmailState.SENT
    email = house.email(number)
    assert (email.state, email.last_error) == (
        EmailState.REFUSED,
        "The mail server takes no address with letters beyond a to z.",
    )


def test_a_connection_that_the_server_has_closed_is_opened_again(house: MailHouse) -> None:
    house.queue()
    with house.app.app_context():
        send(db.session(), 1)
        db.session.commit()
    assert transport_of(house.app)._smtp is not None
    house.office.stop()
    house.office.start()
    number = house.queue()
    house.work()
    assert house.email(number).tries == 1
    assert house.email(number).state == EmailState.SENT


def test_many_go_out_over_few_connections(house: MailHouse) -> None:
    with house.app.app_context():
        for number in range(MESSAGES_A_CONNECTION + 20):
            queue_email(db.session(), template="test", to=f"head{number}@ash.example")
        db.session.commit()
    house.work()
    assert len(house.office.received) == MESSAGES_A_CONNECTION + 20
    assert house.office.connections == 2
    assert transport_of(house.app)._smtp is None  # an idle worker holds none
