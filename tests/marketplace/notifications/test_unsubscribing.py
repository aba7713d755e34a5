"""One click ends e-mails of a kind: without a sign-in, and with nothing but its own link."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.notifications.models import Frequency
from marketplace.notifications.preferences import choose_frequencies, frequencies_of
from marketplace.notifications.unsubscribing import PURPOSE, unsubscribe_link
from marketplace.web.signing import signer
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.telling import Schools, kind_called, tell

KIND = "exchange.proposed"


@pytest.fixture
def person_id(app: Skillbank) -> int:
    with saved(app):
        return actor_for(joined_school()).person_id


def link(app: Skillbank, person_id: int, kind: str | None = KIND) -> str:
    """The path of the link for a person."""
    with app.app_context():
        url = unsubscribe_link(person_id, kind_called(kind) if kind else None)
    assert url is not None
    assert url.startswith("http://localhost/notifications/unsubscribe/")
    return urlsplit(url).path


def chosen(app: Skillbank, person_id: int) -> dict[str, Frequency]:
    with app.app_context():
        return frequencies_of(db.session(), person_id)


def test_a_mail_program_ends_them_with_one_post(
    app: Skillbank, client: FlaskClient, person_id: int
) -> None:
    before = chosen(app, person_id)
    path = link(app, person_id)
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers or "session" not in answer.headers["Set-Cookie"]
    assert chosen(app, person_id) == {**before, KIND: Frequency.OFF}
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200


def test_to_look_ends_nothing_and_its_button_does(
    app: Skillbank, client: FlaskClient, person_id: int
) -> None:
    before = chosen(app, person_id)
    browser = Browser(client).get(link(app, person_id))
    assert browser.heading == "Stop these e-mails?"
    assert "Another school proposes an exchange" in browser.text
    assert chosen(app, person_id) == before
    browser.submit("Stop them")
    assert (browser.status, browser.heading) == (200, "These e-mails have ended")
    assert chosen(app, person_id)[KIND] is Frequency.OFF


def test_the_link_of_a_digest_ends_what_comes_in_digests(
    app: Skillbank, client: FlaskClient, person_id: int
) -> None:
    with app.app_context():
        weekly = {"message.written": Frequency.WEEKLY}
        choose_frequencies(db.session(), person_id, weekly)
        db.session.commit()
    before = chosen(app, person_id)
    assert client.post(link(app, person_id, None)).status_code == 200
    after = chosen(app, person_id)
    assert after == {
        name: Frequency.OFF if frequency in ("daily", "weekly") else frequency
        for name, frequency in before.items()
    }
    assert after["message.written"] is Frequency.OFF
    assert after[KIND] is Frequency.AT_ONCE


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["forged", "cut", "other purpose", "no such kind", "nobody", "odd"])
def test_any_other_link_ends_nothing(
    app: Skillbank, client: FlaskClient, person_id: int, how: str, method: str
) -> None:
    before = chosen(app, person_id)
    path = link(app, person_id)
    with app.app_context():
        token = {
            "forged": f"{path.rsplit('/', 1)[1][:-4]}AAAA",
            "cut": path.rsplit("/", 1)[1][:-1],
            "other purpose": signer("choose a password").dumps([person_id, KIND]),
            "no such kind": signer(PURPOSE).dumps([person_id, "gone.kind"]),
            "nobody": signer(PURPOSE).dumps([person_id + 1000, KIND]),
            "odd": signer(PURPOSE).dumps(7),
        }[how]
    answer = client.open(f"/notifications/unsubscribe/{token}", method=method)
    assert answer.status_code == 404
    assert chosen(app, person_id) == before


def test_what_is_always_sent_has_no_link(app: Skillbank, person_id: int) -> None:
    with app.app_context():
        assert unsubscribe_link(person_id, kind_called("member.my_roles_changed")) is None
        token = signer(PURPOSE).dumps([person_id, "member.my_roles_changed"])
    app.test_client().post(f"/notifications/unsubscribe/{token}")
    assert chosen(app, person_id)["member.my_roles_changed"] is Frequency.AT_ONCE


def test_the_link_in_the_email_is_its_own(schools: Schools) -> None:
    proposed(schools.us, posted(schools.them))
    tell(schools.session)
    (email,) = schools.emails("their actor")
    assert email.unsubscribe_url in email.text
    assert email.unsubscribe_url in email.html
    token = email.unsubscribe_url.rsplit("/", 1)[1]
    with schools.session.no_autoflush:
        assert signer(PURPOSE).loads(token) == [schools.them.person_id, KIND]
