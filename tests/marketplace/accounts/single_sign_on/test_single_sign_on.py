"""Signing in by OpenID Connect, against a real provider on this machine."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit

import oidc_provider_mock
import pytest
import requests
import sqlalchemy as sa
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from marketplace import create_app
from marketplace.accounts.models import Person, SecurityEvent, SignIn
from marketplace.accounts.roles import Role
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.accounts.single_sign_on.providers import all_providers, configured
from marketplace.application import Skillbank
from marketplace.clock import now
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.setting_groups import SingleSignOnSettings, Site
from marketplace.settings import Settings
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import disconnect
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to
from tests.marketplace.network.factories import joined_school

JO = "jo@hope.example"
OTHER = SingleSignOnSettings(
    other_client_id="skillbank", other_client_secret="a secret", other_label="Hope ID"
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that signs in whoever it is told to."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def tell_provider(issuer: str, subject: str, **claims: object) -> None:
    """Let the provider know a person."""
    answer = requests.put(f"{issuer}/users/{quote(subject)}", json=claims, timeout=10)
    assert answer.status_code == 204


@contextmanager
def running_with(url: str, settings: SingleSignOnSettings) -> Iterator[Skillbank]:
    app = create_app(
        Settings(
            database_url=url,
            secret_key="for tests only",
            production=False,
            site=Site(url="http://localhost"),
            single_sign_on=settings,
        )
    )
    try:
        yield app
    finally:
        assert disconnect(app) == 0


@pytest.fixture
def app(made_url: str, issuer: str) -> Iterator[Skillbank]:
    with running_with(made_url, replace(OTHER, other_issuer=issuer)) as app:
        yield app


@pytest.fixture
def jo(app: Skillbank) -> Person:
    with saved(app):
        return staff(joined_school(name="Hope Primary"), Role.COORDINATOR, name="Jo", email=JO)


def answer_of(begun: str, subject: str) -> str:
    """What the provider sends the browser back with, once ``subject`` has signed in there."""
    answer = requests.post(begun, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code in (302, 303), answer.text
    location = urlsplit(answer.headers["Location"])
    return f"{location.path}?{location.query}"


def go(browser: Browser, path: str, subject: str) -> Browser:
    """Go to the provider from ``path``, sign in there, and come back."""
    begun = browser.client.get(path)
    assert begun.status_code == 302
    return browser.get(answer_of(begun.location, subject))


def identities(app: Skillbank) -> list[tuple[int, str, str]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(Identity).order_by(Identity.id))
        return [(row.person_id, row.subject, row.email) for row in rows]


def kinds(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def test_a_verified_address_opens_the_account_that_has_it(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    tell_provider(issuer, "jo-1", email=JO.upper(), email_verified=True)
    browser = Browser(app.test_client()).get("/sign-in?next=/messages")
    link = browser.page.find("a", string="Sign in with Hope ID")
    assert "not a personal one" in browser.text
    browser = go(browser, link["href"], "jo-1")
    assert browser.path == "/messages"
    assert identities(app) == [(jo.id, "jo-1", JO)]
    assert kinds(app) == ["identity_connected", "signed_in"]
    with app.app_context():
        assert db.session.scalars(sa.select(SignIn.method)).all() == ["single_sign_on"]
    assert [email.subject for email in emails_to(app, JO)] == [
        "Hope ID now signs you in to Skillbank"
    ]


def test_a_second_factor_is_asked_for_all_the_same(app: Skillbank, jo: Person, issuer: str) -> None:
    with saved(app):
        secret = with_authenticator(jo)
    tell_provider(issuer, "jo-factor", email=JO, email_verified=True)
    browser = go(
        Browser(app.test_client()), "/sign-in/with/other?next=/search%3Fq%3Dmaths", "jo-factor"
    )
    assert browser.heading == "One more step"
    with app.app_context():
        assert db.session.scalars(sa.select(SignIn.method)).all() == []
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/search?q=maths"
    with app.app_context():
        assert db.session.scalars(sa.select(SignIn.method)).all() == ["single_sign_on"]


def test_it_asks_who_it_is_before_an_account_is_connected(app: Skillbank, jo: Person) -> None:
    browser = Browser(app.test_client()).be(jo)
    with saved(app) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=now() - timedelta(minutes=11)))
    browser.get("/account/sign-in-with/other/connect")
    assert browser.heading == "Confirm that it is you"


def about_identities(app: Skillbank) -> list[Email]:
    """The e-mails to Jo about accounts elsewhere; others tell of new devices."""
    return [email for email in emails_to(app, JO) if email.template == "identity_changed"]


def test_the_second_time_the_address_there_does_not_matter(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    tell_provider(issuer, "jo-2", email=JO, email_verified=True)
    go(Browser(app.test_client()), "/sign-in/with/other", "jo-2")
    tell_provider(issuer, "jo-2", email="married@hope.example", email_verified=False)
    again = go(Browser(app.test_client()), "/sign-in/with/other", "jo-2")
    assert again.heading == "Hope Primary"
    assert len(about_identities(app)) == 1


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_takes_nothing_over(
    app: Skillbank, jo: Person, issuer: str, verified: object
) -> None:
    claims = {} if verified is None else {"email_verified": verified}
    tell_provider(issuer, f"thief-{verified}", email=JO, **claims)
    thief = go(Browser(app.test_client()), "/sign-in/with/other", f"thief-{verified}")
    assert (thief.status, thief.heading) == (
        403,
        "This account at Hope ID is not connected yet",
    )
    assert identities(app) == []
    assert thief.get("/home").path.startswith("/sign-in")


def test_who_has_an_account_and_who_has_none_read_the_same(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    pages = []
    for address in (JO, "nobody@hope.example"):
        tell_provider(issuer, address, email=address)
        page = go(Browser(app.test_client()), "/sign-in/with/other", address)
        pages.append(page.text.replace(address, "ADDRESS"))
    assert pages[0] == pages[1]


def test_a_switched_off_account_stays_off(app: Skillbank, jo: Person, issuer: str) -> None:
    tell_provider(issuer, "jo-3", email=JO, email_verified=True)
    go(Browser(app.test_client()), "/sign-in/with/other", "jo-3")
    with saved(app) as session:
        session.get_one(Person, jo.id).active = False
    assert go(Browser(app.test_client()), "/sign-in/with/other", "jo-3").status == 403


def test_one_connects_it_on_ones_own_account_and_disconnects_it(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    tell_provider(issuer, "private", email="jo@home.example")
    browser = Browser(app.test_client()).be(jo).get("/account/sign-in-with")
    link = browser.page.find("a", string="Connect Hope ID")
    go(browser, link["href"], "private")
    assert browser.flashes == ["From now on you can sign in with Hope ID."]
    assert "Hope ID jo@home.example" in browser.text
    other = go(Browser(app.test_client()), "/sign-in/with/other", "private")
    assert other.heading == "Hope Primary"
    browser.get("/account/sign-in-with").submit("Disconnect")
    assert "Nothing is connected yet." in browser.text
    assert go(Browser(app.test_client()), "/sign-in/with/other", "private").status == 403
    assert len(about_identities(app)) == 2


def test_an_identity_opens_one_account_only(app: Skillbank, jo: Person, issuer: str) -> None:
    with saved(app):
        al = PersonFactory(email="al@hope.example")
    tell_provider(issuer, "jo-4", email=JO, email_verified=True)
    go(Browser(app.test_client()), "/sign-in/with/other", "jo-4")
    browser = Browser(app.test_client()).be(al)
    go(browser, "/account/sign-in-with/other/connect", "jo-4")
    assert browser.status == 422
    assert "is connected with another account here" in browser.text
    assert identities(app) == [(jo.id, "jo-4", JO)]


def test_the_only_way_to_sign_in_stays(app: Skillbank, jo: Person, issuer: str) -> None:
    tell_provider(issuer, "jo-5", email=JO, email_verified=True)
    with saved(app) as session:
        session.get_one(Person, jo.id).password_hash = None
    browser = go(Browser(app.test_client()), "/sign-in/with/other", "jo-5")
    browser.get("/account/sign-in-with").submit("Disconnect")
    assert browser.status == 422
    assert len(identities(app)) == 1


def test_nobody_disconnects_anothers(app: Skillbank, jo: Person, issuer: str) -> None:
    tell_provider(issuer, "jo-6", email=JO, email_verified=True)
    go(Browser(app.test_client()), "/sign-in/with/other", "jo-6")
    with saved(app):
        al = PersonFactory()
    with app.app_context():
        number = db.session.scalar(sa.select(Identity.id))
    browser = Browser(app.test_client()).be(al).get("/account/sign-in-with")
    token = {"csrf_token": browser.values("Sign out")["csrf_token"]}
    assert browser.post(f"/account/sign-in-with/{number}/disconnect", token).status == 404
    assert len(identities(app)) == 1


def test_an_answer_belongs_to_the_browser_that_asked(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    """Else a person could be signed in to a stranger's account by a link (login CSRF)."""
    tell_provider(issuer, "jo-7", email=JO, email_verified=True)
    begun = Browser(app.test_client()).client.get("/sign-in/with/other")
    answer = answer_of(begun.location, "jo-7")
    victim = Browser(app.test_client()).get(answer)
    assert (victim.status, victim.heading) == (400, "The sign-in with Hope ID did not work")
    asked_too = Browser(app.test_client())
    asked_too.client.get("/sign-in/with/other")
    assert asked_too.get(answer).status == 400
    assert identities(app) == []


def test_an_answer_works_once(app: Skillbank, jo: Person, issuer: str) -> None:
    tell_provider(issuer, "jo-8", email=JO, email_verified=True)
    browser = Browser(app.test_client())
    answer = answer_of(browser.client.get("/sign-in/with/other").location, "jo-8")
    assert browser.get(answer).path == "/home"
    assert browser.get(answer).status == 400


def test_what_is_sent_to_the_provider_is_bound_to_one_sign_in(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    asked = [
        parse_qs(urlsplit(app.test_client().get("/sign-in/with/other").location).query)
        for _ in range(2)
    ]
    for query in asked:
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == ["http://localhost/sign-in/with/other/answer"]
        assert query["response_type"] == ["code"]
        assert query["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_an_answer_that_names_another_issuer_is_refused(
    app: Skillbank, jo: Person, issuer: str
) -> None:
    tell_provider(issuer, "jo-9", email=JO, email_verified=True)
    browser = Browser(app.test_client())
    answer = answer_of(browser.client.get("/sign-in/with/other").location, "jo-9")
    assert browser.get(f"{answer}&iss=https://evil.example").status == 400
    assert identities(app) == []


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
    ],
)
def test_an_id_token_for_another_or_of_another_is_refused(
    app: Skillbank, jo: Person, issuer: str, claims: dict[str, object]
) -> None:
    subject = f"forged-{next(iter(claims))}"
    tell_provider(issuer, subject, email=JO, email_verified=True, **claims)
    browser = go(Browser(app.test_client()), "/sign-in/with/other", subject)
    assert browser.status == 400
    assert identities(app) == []


def test_an_id_token_without_a_signature_is_refused_though_the_provider_allows_it(
    app: Skillbank, jo: Person, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_provider(issuer, "unsigned", email=JO, email_verified=True)
    with app.app_context():
        client = all_providers()["other"]._client()
    client.load_server_metadata()["id_token_signing_alg_values_supported"] = ["none", "RS256"]
    fetch = client.fetch_access_token

    def unsigned(**values: object) -> dict[str, object]:
        token: dict[str, object] = fetch(**values)
        _, claims, _ = str(token["id_token"]).split(".")
        header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return token | {"id_token": f"{header}.{claims}."}

    monkeypatch.setattr(client, "fetch_access_token", unsigned)
    browser = go(Browser(app.test_client()), "/sign-in/with/other", "unsigned")
    assert browser.status == 400
    assert identities(app) == []


def test_no_redirect_of_a_provider_is_followed(app: Skillbank) -> None:
    elsewhere = make_server("localhost", 0, Response("", 302, {"Location": "http://127.0.0.1:1"}))
    Thread(target=elsewhere.handle_request, daemon=True).start()
    with app.app_context(), closing(elsewhere.socket):
        client = all_providers()["other"]._client()
        with client._get_session() as session, pytest.raises(requests.TooManyRedirects):
            session.request("GET", f"http://localhost:{elsewhere.port}", withhold_token=True)


def test_a_provider_that_is_away_is_said_so(made_url: str, issuer: str) -> None:
    with running_with(made_url, replace(OTHER, other_issuer="http://localhost:9")) as app:
        browser = Browser(app.test_client()).get("/sign-in/with/other")
        assert (browser.status, browser.heading) == (400, "The sign-in with Hope ID did not work")
        assert kinds(app) == ["sign_in_failed"]


def test_a_provider_that_calls_itself_something_else_is_refused(
    app: Skillbank, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        client = all_providers()["other"]._client()
    monkeypatch.setattr(client, "load_server_metadata", lambda: {"issuer": "https://evil.example"})
    assert Browser(app.test_client()).get("/sign-in/with/other").status == 400


def test_the_password_goes_on_working(app: Skillbank, jo: Person, issuer: str) -> None:
    tell_provider(issuer, "jo-10", email=JO, email_verified=True)
    go(Browser(app.test_client()), "/sign-in/with/other", "jo-10")
    assert Browser(app.test_client()).sign_in(jo, PASSWORD).heading == "Hope Primary"


def test_microsoft_is_believed_only_where_the_tenant_owns_the_domain() -> None:
    providers = configured(
        SingleSignOnSettings(
            microsoft_client_id="id",
            microsoft_client_secret="secret",
            google_client_id="id",
            google_client_secret="secret",
        )
    )
    assert list(providers) == ["microsoft", "google"]
    says_verified = providers["microsoft"].says_verified
    assert not says_verified({"email": JO, "email_verified": True})
    assert not says_verified({"email": JO, "xms_edov": False})
    assert says_verified({"email": JO, "xms_edov": True})
    assert not providers["google"].says_verified({"email": JO})
    assert providers["google"].says_verified({"email": JO, "email_verified": True})


def test_a_tenant_of_microsoft_speaks_for_itself_only() -> None:
    provider = configured(
        SingleSignOnSettings(microsoft_client_id="id", microsoft_client_secret="secret")
    )["microsoft"]
    is_right = provider._claims_options()["iss"]["validate"]
    issuer = "https://login.microsoftonline.com/{}/v2.0"
    assert is_right({"tid": "ours"}, issuer.format("ours"))
    assert not is_right({"tid": "ours"}, issuer.format("theirs"))
    assert not is_right({"tid": "ours"}, "https://evil.example/ours/v2.0")
