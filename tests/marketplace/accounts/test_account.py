"""One's own account: name, address, password, and where one is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.account_sections import Section, account_sections
from marketplace.accounts.models import KnownDevice, Person, SecurityEvent, SignIn
from marketplace.accounts.roles import Role
from marketplace.accounts.second_factors.models import Authenticator, Passkey, RecoveryCode
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import (
    with_authenticator,
    with_recovery_codes,
)
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to, newest_link
from tests.marketplace.network.factories import joined_school

NEW = "four quiet green lamps"
OLD_ADDRESS, NEW_ADDRESS = "jo@example.org", "jo.new@example.org"


@pytest.fixture
def jo(app: Skillbank) -> Person:
    with saved(app):
        school = joined_school(name="Hope Primary")
        return staff(school, Role.COORDINATOR, name="Jo Bloggs", email=OLD_ADDRESS)


def another(app: Skillbank) -> Browser:
    return Browser(app.test_client())


def is_in(browser: Browser) -> bool:
    return browser.get("/home").path == "/home"


def kinds(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def test_the_name_in_the_head_leads_to_the_account(jo: Person, browser: Browser) -> None:
    browser.sign_in(jo).get("/home")
    [link] = [link for link in browser.page.select("header a") if link.text == "Jo Bloggs"]
    browser.get(link["href"])
    assert (browser.path, browser.heading) == ("/account", "Your account")
    for words in ("Name Jo Bloggs", f"E-mail address {OLD_ADDRESS}", "Password Set", "Only here"):
        assert words in browser.text


@pytest.mark.parametrize("role", [Role.OPERATOR, None])
def test_everyone_has_an_account_page(app: Skillbank, browser: Browser, role: Role | None) -> None:
    with saved(app):
        person = PersonFactory(roles=[(role, None)] if role else [])
    browser.be(person).get("/account")
    assert (browser.status, browser.heading) == (200, "Your account")


def test_a_feature_adds_its_section(app: Skillbank, jo: Person, browser: Browser) -> None:
    section = Section(
        "Second factor", "accounts.name", lambda _session, person_id: f"Of {person_id}", 40
    )
    account_sections(app).add(section)
    try:
        browser.be(jo).get("/account")
    finally:
        account_sections(app)._sections.remove(section)
    titles = [title.text for title in browser.page.select(".row-title")]
    assert titles[2:4] == ["Password", "Second factor"]
    assert f"Second factor Of {jo.id}" in browser.text


def test_what_is_held_is_downloaded(app: Skillbank, jo: Person, browser: Browser) -> None:
    answer = browser.be(jo).client.get("/account/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    [account] = answer.get_json()["account"]
    assert (account["name"], account["email"]) == ("Jo Bloggs", OLD_ADDRESS)
    assert kinds(app) == ["exported"]


def test_a_name_is_changed(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.be(jo).get("/account/name")
    assert browser.values("Save the name")["name"] == ["Jo Bloggs"]
    browser.submit("Save the name", name="  ")
    assert (browser.status, browser.errors) == (422, ["Name: write something here."])
    browser.submit("Save the name", name=" Jo B. Smith ")
    assert browser.flashes == ["Your name has been changed."]
    assert browser.page.select_one("header .site-person").text == "Jo B. Smith"
    browser.get("/account/name").submit("Save the name")
    assert kinds(app) == ["name_changed"]


def test_an_address_counts_once_its_link_is_opened(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.sign_in(jo).get("/account/address")
    browser.submit("Send the link", email=" Jo.New@Example.org")
    assert browser.flashes == [
        f"We have sent a link to {NEW_ADDRESS}. Until you open it, you sign in with {OLD_ADDRESS}."
    ]
    assert f"{OLD_ADDRESS}; {NEW_ADDRESS} waits to be confirmed" in browser.text
    assert is_in(another(app).sign_in(OLD_ADDRESS))
    assert another(app).sign_in(NEW_ADDRESS).status == 422
    link = newest_link(app, NEW_ADDRESS)
    elsewhere = another(app).get(link)
    assert elsewhere.heading == "Confirm your new address"
    assert is_in(another(app).sign_in(OLD_ADDRESS))  # opening it changes nothing yet
    elsewhere.submit("Use this address")
    assert another(app).sign_in(OLD_ADDRESS).status == 422
    assert is_in(another(app).sign_in(NEW_ADDRESS))
    assert elsewhere.get(link).status == 410
    assert "You now sign in to Skillbank with another address" in [
        email.subject for email in emails_to(app, OLD_ADDRESS)
    ]


def moved(app: Skillbank, browser: Browser, address: str) -> None:
    """Whoever is signed in moves the account to another address."""
    browser.get("/account/address").submit("Send the link", email=address)
    another(app).get(newest_link(app, address)).submit("Use this address")


def test_the_former_address_has_a_way_back(app: Skillbank, jo: Person, browser: Browser) -> None:
    moved(app, browser.sign_in(jo), NEW_ADDRESS)
    link = newest_link(app, OLD_ADDRESS)
    owner = another(app).get(link)
    assert is_in(browser)
    owner.submit("Take my account back")
    assert owner.heading == "Your account is yours again"
    assert not is_in(browser)
    for address in (OLD_ADDRESS, NEW_ADDRESS):
        assert another(app).sign_in(address).status == 422
    owner.get(newest_link(app, OLD_ADDRESS))
    owner.submit("Set the password", new_password=NEW, repeat_password=NEW)
    assert is_in(another(app).sign_in(OLD_ADDRESS, NEW))
    assert owner.get(link).status == 410


def test_moving_on_does_not_end_the_way_back(app: Skillbank, jo: Person, browser: Browser) -> None:
    moved(app, browser.sign_in(jo), "thief@example.net")
    moved(app, browser, "thief.again@example.net")
    back, of_thief = newest_link(app, OLD_ADDRESS), newest_link(app, "thief@example.net")
    another(app).get(of_thief).submit("Take my account back")
    owner = another(app).get(back).submit("Take my account back")
    assert owner.heading == "Your account is yours again"
    with saved(app) as session:
        assert session.get_one(Person, jo.id).email == OLD_ADDRESS


def test_an_address_of_another_account_is_not_told_to_the_asker(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        sam = staff(joined_school(), Role.MEMBER, email="sam@example.org")
    browser.sign_in(jo).get("/account/address")
    browser.submit("Send the link", email=sam.email)
    assert browser.flashes[0].startswith("We have sent a link to sam@example.org.")
    [email] = emails_to(app, sam.email)
    assert email.subject == "Your address has an account on Skillbank already"
    assert "/confirm-address/" not in (email.text or "")


def test_the_address_is_changed_only_by_a_person_who_has_just_shown_who_they_are(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.be(jo)
    with saved(app) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=clock.now() - timedelta(minutes=11)))
    browser.get("/account/address").submit("Send the link", email=NEW_ADDRESS)
    assert browser.status == 401
    assert emails_to(app, NEW_ADDRESS) == []


def test_two_who_ask_for_one_address_do_not_both_get_it(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        sam = staff(joined_school(), Role.MEMBER, email="sam@example.org")
    links = []
    for person in (jo, sam):
        asker = another(app).sign_in(person).get("/account/address")
        asker.submit("Send the link", email=NEW_ADDRESS)
        links.append(newest_link(app, NEW_ADDRESS))
    pages = [another(app).get(link) for link in links]
    assert [page.submit("Use this address").status for page in pages] == [200, 410]
    with saved(app) as session:
        assert session.get_one(Person, sam.id).email == "sam@example.org"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"email": "nonsense"}, "is not an e-mail address"),
        ({"email": ""}, "Write the new address."),
        ({"email": OLD_ADDRESS}, "That is the address you have."),
    ],
)
def test_a_wrong_entry_keeps_the_address(
    app: Skillbank, jo: Person, browser: Browser, typed: dict[str, str], error: str
) -> None:
    browser.be(jo).get("/account/address").submit("Send the link", **typed)
    assert browser.status == 422
    assert any(error in message for message in browser.errors)
    assert browser.values("Send the link")["email"] == [typed["email"]]
    assert emails_to(app, NEW_ADDRESS) == []


def test_a_new_password_signs_every_other_browser_out(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    other = another(app).sign_in(jo)
    browser.sign_in(jo)
    copy = another(app)
    copy.client.set_cookie("skillbank", browser.client.get_cookie("skillbank").value)
    browser.get("/account/password")
    browser.submit("Change the password", password=PASSWORD, new_password=NEW, repeat_password=NEW)
    assert browser.flashes == ["Your password has been changed. Every other browser is signed out."]
    assert is_in(browser)
    assert not is_in(other)
    assert not is_in(copy)
    assert another(app).sign_in(jo).status == 422
    assert is_in(another(app).sign_in(jo, NEW))
    assert "Your password has been changed" in [e.subject for e in emails_to(app, OLD_ADDRESS)]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"password": "a wrong password"}, "That is not your password."),
        ({"repeat_password": NEW + "!"}, "The two passwords are not the same."),
        ({"new_password": "short", "repeat_password": "short"}, "12 to 256 characters"),
        ({"new_password": PASSWORD, "repeat_password": PASSWORD}, "That is the password you have."),
        (
            {"new_password": "hope primary jo", "repeat_password": "hope primary jo"},
            "mostly made of your name",
        ),
    ],
)
def test_a_wrong_entry_changes_no_password(
    app: Skillbank, jo: Person, browser: Browser, typed: dict[str, str], error: str
) -> None:
    right = {"password": PASSWORD, "new_password": NEW, "repeat_password": NEW}
    browser.be(jo).get("/account/password").submit("Change the password", **(right | typed))
    assert browser.status == 422
    assert any(error in message for message in browser.errors)
    assert is_in(another(app).sign_in(jo))


def test_ones_own_password_is_not_guessed_without_end(jo: Person, browser: Browser) -> None:
    statuses = []
    browser.be(jo).get("/account/password")
    for number in range(6):
        browser.submit(
            "Change the password", password=f"guess {number}", new_password=NEW, repeat_password=NEW
        )
        statuses.append(browser.status)
    assert statuses == [422] * 5 + [429]
    assert browser.answer.headers["Retry-After"] == "1"


def test_a_person_without_a_password_is_led_to_a_link(app: Skillbank, browser: Browser) -> None:
    with saved(app):
        person = staff(joined_school(), Role.MEMBER, password_hash=None)
    browser.be(person).get("/account/password")
    assert "You have none: you sign in another way." in browser.text
    browser.get("/account/address").submit("Send the link", email=NEW_ADDRESS)
    assert browser.flashes[0].startswith(f"We have sent a link to {NEW_ADDRESS}")


def test_browsers_are_shown_and_signed_out_one_by_one(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    other = another(app).sign_in(jo)
    with saved(app) as session:
        session.execute(sa.text("UPDATE sign_in SET device = 'Firefox on Windows'"))
    browser.sign_in(jo).get("/account/sessions")
    rows = [" ".join(row.get_text(" ").split()) for row in browser.page.select(".row-item")]
    assert any("Firefox on Windows" in row and "127.0.0.1" in row for row in rows)
    browser.submit("Sign out there", "Firefox on Windows")
    assert browser.flashes == ["That browser is signed out."]
    assert not is_in(other)
    assert is_in(browser)


@pytest.mark.parametrize("button", ["Sign out there", "Sign out everywhere else"])
def test_it_asks_again_before_other_browsers_are_signed_out(
    app: Skillbank, jo: Person, browser: Browser, button: str
) -> None:
    other = another(app).sign_in(jo)
    browser.sign_in(jo).get("/account/sessions")
    with saved(app) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=clock.now() - timedelta(minutes=11)))
    browser.submit(button)
    assert (browser.status, browser.heading) == (401, "Confirm that it is you")
    assert is_in(other)
    browser.submit("Confirm", password=PASSWORD).submit("Carry on")
    assert browser.path == "/account/sessions"
    assert is_in(other)
    browser.submit(button)
    assert not is_in(other)
    assert is_in(browser)


def test_nobody_ends_the_session_or_forgets_the_device_of_another(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        sam = staff(joined_school(), Role.MEMBER)
    theirs = another(app).sign_in(sam)
    browser.be(jo).get("/account")
    token = {"csrf_token": browser.values("Sign out")["csrf_token"]}
    for number in (1, 2):
        browser.post(f"/account/sessions/{number}/end", token)
        browser.post(f"/account/devices/{number}/forget", token)
    assert is_in(theirs)
    with app.app_context():
        assert db.session.scalars(sa.select(KnownDevice.person_id)).all() == [sam.id]


def test_everywhere_else_ends_the_others_and_forgets_their_devices(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    others = [another(app).sign_in(jo) for _ in range(2)]
    browser.sign_in(jo).get("/account/sessions").submit("Sign out everywhere else")
    assert is_in(browser)
    assert [is_in(other) for other in others] == [False, False]
    browser.get("/account/sessions")
    assert "Sign out everywhere else" not in browser.buttons
    assert len(browser.page.select(".row-item")) == 2  # one session, one device


def test_a_device_is_forgotten(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.sign_in(jo).get("/account/sessions").submit("Forget it")
    assert browser.flashes == ["That device is forgotten."]
    assert "None yet" in browser.text


def test_a_new_device_is_told_to_the_person_but_not_the_first(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.sign_in(jo).get("/home").submit("Sign out")
    browser.sign_in(jo)
    assert emails_to(app, OLD_ADDRESS) == []
    another(app).sign_in(jo)
    [email] = emails_to(app, OLD_ADDRESS)
    assert email.subject == "Someone signed in as you on a new device"
    assert "127.0.0.1" in (email.text or "")
    assert "/account/security" in (email.text or "")


@pytest.mark.parametrize(
    ("base_url", "name"),
    [("http://localhost", "device"), ("https://localhost", "__Host-device")],
)
def test_the_cookie_of_a_device_is_bound_and_signed(
    app: Skillbank, jo: Person, base_url: str, name: str
) -> None:
    client = app.test_client()
    page = client.get("/sign-in", base_url=base_url).text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    data = {"csrf_token": token, "email": jo.email, "password": PASSWORD}
    answer = client.post("/sign-in", base_url=base_url, data=data, headers={"Origin": base_url})
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{name}=")]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"):
        assert part in cookie
    assert ("Secure" in cookie) == base_url.startswith("https")
    assert "Domain" not in cookie


def test_taking_an_account_back_removes_what_was_added_meanwhile(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app) as session:
        session.add(passkey_of(jo, "Old phone", clock.now() - timedelta(days=9)))
        session.add(identity_of(jo, "before", clock.now() - timedelta(days=9)))
    moved(app, browser.be(jo), NEW_ADDRESS)
    with saved(app) as session:
        person = session.get_one(Person, jo.id)
        with_authenticator(person)
        with_recovery_codes(person)
        session.add(passkey_of(person, "Thief", clock.now()))
        session.add(identity_of(person, "after", clock.now()))
    another(app).get(newest_link(app, OLD_ADDRESS)).submit("Take my account back")
    assert not is_in(browser)
    with saved(app) as session:
        assert session.get(Authenticator, jo.id) is None
        assert list(session.scalars(sa.select(Passkey.name))) == ["Old phone"]
        assert list(session.scalars(sa.select(Identity.subject))) == ["before"]
        assert session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0
    assert {"authenticator_removed", "passkey_removed", "identity_disconnected"} <= set(kinds(app))
    email = emails_to(app, OLD_ADDRESS)[-1]
    assert (
        "removed what was added to it since the address was changed: an authenticator app,"
        " the passkey “Thief”, the sign-in with google (after@example.org), the recovery codes."
    ) in " ".join((email.text or "").split())


def passkey_of(person: Person, name: str, created_at: datetime) -> Passkey:
    return Passkey(
        person_id=person.id,
        credential_id=name.encode().hex(),
        user_handle="handle",
        public_key=b"key",
        sign_count=0,
        name=name,
        created_at=created_at,
    )


def identity_of(person: Person, subject: str, connected_at: datetime) -> Identity:
    return Identity(
        person_id=person.id,
        provider="google",
        issuer="https://accounts.example.org",
        subject=subject,
        email=f"{subject}@example.org",
        connected_at=connected_at,
    )
