"""E-mails that come back: read from notices as mail servers write them, and marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.mail.bounces import read_notice
from marketplace.mail.models import EmailState
from tests.marketplace.mail.conftest import MailHouse

NOTICE = """\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: skillbank@skillbank.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
MIME-Version: 1.0

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Thu, 26 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} {said}

--b1
Content-Type: {kind}

From: Skillbank <skillbank@skillbank.example>
To: {to}
Message-ID: {message_id}
Subject: Ours

--b1--
"""


def notice(message_id: str, **more: str) -> str:
    values = {
        "to": "head@ash.example",
        "action": "failed",
        "status": "5.1.1",
        "said": "No such user",
        "kind": "message/rfc822",
    }
    return NOTICE.format(message_id=message_id, **values | more)


def sent(house: MailHouse, **more: str) -> int:
    number = house.queue(**more)
    house.work()
    assert house.email(number).state == EmailState.SENT
    return number


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_failure_notice_marks_its_email_and_its_address(house: MailHouse, kind: str) -> None:
    number = sent(house)
    message_id = house.email(number).message_id
    code, output = house.flask(
        "mail", "receive-bounce", content=notice(message_id, kind=kind).replace("\n", "\r\n")
    )
    assert (code, output) == (
        0,
        f"E-mail {number} to head@ash.example bounced: 550 5.1.1 No such user\n"
        "Nothing more is sent to head@ash.example, until its person confirms or changes it.\n",
    )
    email = house.email(number)
    assert (email.state, email.last_error) == (EmailState.BOUNCED, "550 5.1.1 No such user")
    second = house.queue()
    house.work()
    assert house.email(second).state == EmailState.WITHHELD
    assert house.flask("mail", "working", "Head@Ash.example")[0] == 0
    third = house.queue()
    house.work()
    assert house.email(third).state == EmailState.SENT


def test_a_full_mailbox_marks_the_email_only(house: MailHouse) -> None:
    number = sent(house)
    message_id = house.email(number).message_id
    returned = notice(message_id, status="5.2.2", said="The mailbox is full")
    assert house.flask("mail", "receive-bounce", content=returned)[0] == 0
    assert house.email(number).state == EmailState.BOUNCED
    sent(house)


def test_a_forged_recipient_is_not_marked(house: MailHouse) -> None:
    """Whoever knows one Message-ID must not stop the e-mails of another person."""
    number = sent(house)
    returned = notice(house.email(number).message_id, to="finance@elm.example")
    house.flask("mail", "receive-bounce", content=returned)
    sent(house, to="finance@elm.example")


def test_what_is_not_a_failure_of_ours_is_ignored(house: MailHouse) -> None:
    number = sent(house)
    message_id = house.email(number).message_id
    for returned in (
        notice(message_id, action="delayed", status="4.4.1"),
        notice(message_id, action="failed", status="4.4.7"),
        notice(message_id, action="delivered", status="2.0.0"),
        notice("<somebody-elses@mx.example>"),
        notice(message_id).replace("multipart/report; report-type=delivery-status;", "text/plain;"),
        "Subject: Out of office\n\nI am away.\n",
        "",
        b"\xff\xfe\0" * 1000,
    ):
        code, output = house.flask("mail", "receive-bounce", content=returned)
        assert (code, output.startswith("Ignored")) == (0, True), output
    assert house.email(number).state == EmailState.SENT


@given(st.lists(st.tuples(st.integers(0, 1200), st.binary(max_size=12)), max_size=12))
def test_a_spoilt_notice_is_read_or_not_and_never_an_error(
    changes: list[tuple[int, bytes]],
) -> None:
    content = notice("<ours@skillbank.example>").encode()
    for position, piece in changes:
        content = content[:position] + piece + content[position + len(piece) // 2 :]
    failure = read_notice(content)
    assert failure is None or failure.message_id


def test_the_operator_marks_an_address_or_a_message(house: MailHouse) -> None:
    older, newer = sent(house), sent(house)
    code, output = house.flask("mail", "bounced", "head@ash.example", "--reason", "Left in May")
    assert code == 0
    assert f"Its e-mail {newer} (“Skillbank can send e-mail”) is marked" in output
    assert house.email(newer).last_error == "Left in May"
    assert house.email(older).state == EmailState.SENT
    message_id = house.email(older).message_id.strip("<>")
    assert house.flask("mail", "bounced", message_id, "--reason", "Came back")[0] == 0
    assert house.email(older).state == EmailState.BOUNCED
    code, output = house.flask("mail", "bounced", "head", "--reason", "x")
    assert (code, "neither an address nor" in output) == (1, True)
    code, output = house.flask("mail", "working", "finance@ash.example")
    assert (code, "have not failed" in output) == (1, True)
