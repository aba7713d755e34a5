"""An e-mail is written in the caller's transaction, rendered, and cannot be made to deceive."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from jinja2 import DictLoader, UndefinedError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.mail.models import Email, EmailState
from marketplace.mail.rendering import EmailTemplates
from marketplace.mail.service import queue_email
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.factories import saved

TEXT = '{% extends "email/layout.txt" %}'
HTML = '{% extends "email/layout.html" %}'
SUBJECT = "{% block subject %}{{ school }} has agreed{% endblock %}"
BODY = "{% block body %}Hello from {{ school }}{% endblock %}"


@pytest.fixture
def agreed(app: Skillbank, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template of the tests' own, beside the product's."""
    environment = app.extensions[EmailTemplates.KEY]._environment
    ours = DictLoader({"email/agreed.txt": TEXT + SUBJECT + BODY, "email/agreed.html": HTML + BODY})

    class Both(DictLoader):
        def get_source(self, env: Any, template: str) -> Any:
            return (ours if template in ours.mapping else app.jinja_env.loader).get_source(
                env, template
            )

    monkeypatch.setattr(environment, "loader", Both({}))
    return "agreed"


def queued(session: Session, template: str = "test", **more: Any) -> Email:
    return queue_email(session, **{"template": template, "to": "head@ash.example"} | more)


def events(session: Session) -> list[OutboxEvent]:
    return list(session.scalars(sa.select(OutboxEvent).where(OutboxEvent.type == "mail.queued")))


def test_an_email_waits_with_its_event_in_the_callers_transaction(app: Skillbank) -> None:
    with saved(app) as session:
        email = queued(session, to=" Head@Ash.Example ")
        assert (email.state, email.to_address) == (EmailState.WAITING, "head@ash.example")
        assert email.subject == "Skillbank can send e-mail"
        assert "http://localhost/\n" in (email.text or "")
        assert 'href="http://localhost/"' in (email.html or "")
        (event,) = events(session)
        assert event.data == {"email_id": email.id}
        session.rollback()
        assert (events(session), session.scalars(sa.select(Email)).all()) == ([], [])


def test_the_same_key_makes_one_email(app: Skillbank) -> None:
    with saved(app) as session:
        first = queued(session, key="digest:1:2026-11-26")
        assert queued(session, key="digest:1:2026-11-26") is first
        assert queued(session, key="digest:2:2026-11-26") is not first
        assert queued(session).message_id != queued(session).message_id
        assert len(events(session)) == 4


def test_what_is_for_later_has_no_event_yet(app: Skillbank) -> None:
    with saved(app) as session:
        email = queued(session, send_after=clock.now() + timedelta(hours=1))
        assert email.queued_at is None
        assert events(session) == []
        assert queued(session, send_after=clock.now() - timedelta(hours=1)).queued_at is not None


def test_names_are_escaped_in_html_and_not_in_text(app: Skillbank, agreed: str) -> None:
    with saved(app) as session:
        email = queued(session, agreed, school="Ash & <b>Elm</b> School")
        assert email.subject == "Ash & <b>Elm</b> School has agreed"
        assert "Hello from Ash & <b>Elm</b> School\n" in (email.text or "")
        assert "Hello from Ash &amp; &lt;b&gt;Elm&lt;/b&gt; School" in (email.html or "")
        assert "<title>Ash &amp; &lt;b&gt;Elm" in (email.html or "")


@pytest.mark.parametrize(
    ("school", "subject"),
    [
        ("Ash\r\nBcc: all@ash.example", "Ash Bcc: all@ash.example has agreed"),
        ("Ash\u2028Bcc: x", "Ash Bcc: x has agreed"),
        ("Ash\0\x1b[31m", "Ash[31m has agreed"),
        ("\u202eAsh\u202c", "Ash has agreed"),
        ("A" * 500, "A" * 199 + "…"),
    ],
)
def test_a_hostile_name_stays_in_one_line_of_the_subject(
    app: Skillbank, agreed: str, school: str, subject: str
) -> None:
    with saved(app) as session:
        assert queued(session, agreed, school=school).subject == subject


def test_a_template_that_reads_what_it_was_not_handed_is_an_error(
    app: Skillbank, agreed: str
) -> None:
    with saved(app) as session, pytest.raises(UndefinedError, match="school"):
        queued(session, agreed)


def test_an_email_knows_nothing_of_a_request(app: Skillbank, agreed: str) -> None:
    globals_ = app.extensions[EmailTemplates.KEY]._environment.globals
    assert set(globals_) == {"site_link"}
    with (
        app.test_request_context(base_url="http://evil.example", method="POST"),
        saved(app) as session,
    ):
        assert "evil" not in (queued(session).text or "")


def test_style_is_in_the_elements_and_the_dark_screens_rules_stay(app: Skillbank) -> None:
    with saved(app) as session:
        html = queued(session).html or ""
        assert re.search(r'class="email-button"[^>]* style="[^"]*background-color', html)
        assert "prefers-color-scheme" in html
        assert "src=" not in html
        assert "<link" not in html


def test_the_way_to_stop_such_emails_is_at_the_end(app: Skillbank) -> None:
    url = "https://skillbank.example/stop/abc?a=1&b=2"
    with saved(app) as session:
        email = queued(session, unsubscribe_url=url)
        assert f"Stop e-mails of this kind: {url}\n" in (email.text or "")
        assert 'href="https://skillbank.example/stop/abc?a=1&amp;b=2"' in (email.html or "")
        assert "Stop e-mails" not in (queued(session).text or "")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "head",
        "head@",
        "@ash.example",
        "head@ash.example\nBcc: all@ash.example",
        "head@ash.example, all@ash.example",
        "Head <head@ash.example>",
        "head @ash.example",
        "head@ash.example\0",
        "h" * 250 + "@ash.example",
    ],
)
def test_what_is_not_one_plain_address_is_refused(app: Skillbank, to: str) -> None:
    with saved(app) as session, pytest.raises(ValueError, match="not an e-mail address"):
        queued(session, to=to)


@pytest.mark.parametrize(
    "url", ["/stop", "javascript:alert(1)", "https://a.example/\r\nBcc: x", "https://a.example/>"]
)
def test_a_way_to_stop_that_is_not_an_address_is_refused(app: Skillbank, url: str) -> None:
    with saved(app) as session, pytest.raises(ValueError, match="whole address"):
        queued(session, unsubscribe_url=url)


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_length(app: Skillbank, key: str) -> None:
    with saved(app) as session, pytest.raises(ValueError, match="a key has from 1"):
        queued(session, key=key)
