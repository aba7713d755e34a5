"""Passkeys in a real browser, whose virtual authenticator stands in for a phone or a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe

from marketplace import clock
from marketplace.accounts.models import Person, SecurityEvent, SignIn
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.setting_groups import Site as SiteSettings
from tests.journeys.conftest import Site
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.accounts.second_factors.factories import code_of
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

pytestmark = pytest.mark.browser


@dataclass
class Device:
    """A browser window with an authenticator of its own: a phone, a computer or a security key."""

    page: Any
    cdp: Any
    authenticator: str

    def open(self, path: str) -> None:
        """Open an address that has to be there."""
        assert self.page.goto(path).ok, path

    def press(self, name: str) -> None:
        """Press the button with this name, and wait for what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def type_password(self, email: str) -> None:
        """Sign in with e-mail and password."""
        self.open("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")

    def sign_out(self) -> None:
        """Sign out."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Sign out").click()

    def add_passkey(self, name: str) -> None:
        """Add a passkey of this device to the account."""
        self.open("/account/passkeys")
        self.page.get_by_label("Name of the passkey").fill(name)
        self.press("Add a passkey")

    @property
    def heading(self) -> str:
        """The main heading of the page."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def text(self) -> str:
        """The words on the page."""
        return " ".join(self.page.get_by_role("main").inner_text().split())

    def credentials(self) -> list[dict[str, Any]]:
        """What the authenticator holds, with its private keys."""
        answer = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return answer["credentials"]

    def hold(self, credential: dict[str, Any], **changed: Any) -> None:
        """Put a copy of a passkey on this device."""
        self.cdp.send(
            "WebAuthn.addCredential",
            {"authenticatorId": self.authenticator, "credential": credential | changed},
        )


@pytest.fixture
def here(site: Site) -> Site:
    """The site, opened by a name: passkeys do not work at the number of a host."""
    origin = site.origin.replace("127.0.0.1", "localhost")
    settings = site.app.extensions["skillbank.settings"]
    site.app.extensions["skillbank.settings"] = replace(settings, site=SiteSettings(url=origin))
    return replace(site, origin=origin)


class Drawer:
    """Makes devices, and closes them."""

    def __init__(self, chromium: Any, site: Site) -> None:
        self.chromium, self.site = chromium, site
        self.contexts: list[Any] = []

    def device(self, *, transport: str = "internal", verified: bool = True) -> Device:
        """A new device; one that is not ``verified`` asks for no finger, face or PIN."""
        context = self.chromium.new_context(
            base_url=self.site.origin, viewport={"width": 1280, "height": 900}
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verified,
            "automaticPresenceSimulation": True,
        }
        answer = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Device(page, cdp, answer["authenticatorId"])


@pytest.fixture
def drawer(chromium: Any, here: Site) -> Iterator[Drawer]:
    drawer = Drawer(chromium, here)
    yield drawer
    for context in drawer.contexts:
        context.close()


def somebody(site: Site, *roles: Role) -> Person:
    with saved(site.app):
        return staff(joined_school(), *(roles or (Role.COORDINATOR,)))


def kinds(site: Site, person: Person) -> list[str]:
    """The security log of the person."""
    with site.app.app_context():
        return list(
            db.session.scalars(
                sa.select(SecurityEvent.kind)
                .where(SecurityEvent.person_id == person.id)
                .order_by(SecurityEvent.id)
            )
        )


def sign_ins(site: Site, person: Person) -> list[SignIn]:
    with site.app.app_context():
        return list(
            db.session.scalars(
                sa.select(SignIn).where(SignIn.person_id == person.id).order_by(SignIn.id)
            )
        )


def look(device: Device) -> None:
    """Axe finds nothing to complain of; nothing scrolls sideways on a telephone."""
    for width in (1280, 390):
        device.page.set_viewport_size({"width": width, "height": 900})
        sideways = device.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert sideways <= 0, (device.page.url, width)
        faults = Axe().run(device.page).response["violations"]
        assert not faults, [(f["id"], [n["target"] for n in f["nodes"]]) for f in faults]
    device.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_bursar_must_set_up_a_passkey_and_signs_in_with_it(here: Site, drawer: Drawer) -> None:
    bursar = somebody(here, Role.FINANCE)
    laptop = drawer.device()
    laptop.type_password(bursar.email)
    assert laptop.heading == "Second factor"
    assert "Your role needs a second factor" in laptop.text
    laptop.open("/credits")
    assert laptop.heading == "Second factor"
    look(laptop)
    laptop.page.get_by_role("link", name="Passkeys").click()
    look(laptop)
    laptop.page.get_by_label("Name of the passkey").fill("School laptop")
    laptop.press("Add a passkey")
    assert laptop.heading == "Your recovery codes"
    assert laptop.page.locator(".recovery-codes li").count() == 10
    look(laptop)
    laptop.open("/credits")
    assert laptop.heading.startswith("Credits, ")
    laptop.sign_out()
    laptop.open("/sign-in?next=/credits")
    look(laptop)
    laptop.press("Sign in with a passkey")
    assert laptop.heading.startswith("Credits, ")
    laptop.open("/account/passkeys")
    assert "School laptop" in laptop.text
    assert "last used" in laptop.text
    look(laptop)
    assert kinds(here, bursar) == ["signed_in", "passkey_added", "signed_out", "signed_in"]
    last = sign_ins(here, bursar)[-1]
    assert (last.method, last.second_factor_at is not None) == ("passkey", True)
    with here.app.app_context():
        subject = db.session.scalar(sa.select(Email.subject).where(Email.person_id == bursar.id))
    assert subject == "A passkey was added to your account"


def test_a_security_key_is_the_second_factor_after_the_password(here: Site, drawer: Drawer) -> None:
    jo = somebody(here)
    desk = drawer.device(transport="usb")
    desk.type_password(jo.email)
    desk.add_passkey("Blue key")
    desk.sign_out()
    desk.open("/sign-in?next=/search%3Fq%3Dmaths")
    desk.page.get_by_label("E-mail address").fill(jo.email)
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.press("Sign in")
    assert desk.heading == "One more step"
    look(desk)
    desk.press("Use a passkey")
    assert desk.page.url.endswith("/search?q=maths")
    last = sign_ins(here, jo)[-1]
    assert (last.method, last.second_factor_at is not None) == ("password", True)


def test_a_person_has_several_and_each_signs_in(here: Site, drawer: Drawer) -> None:
    jo = somebody(here)
    laptop, phone = drawer.device(), drawer.device()
    laptop.type_password(jo.email)
    laptop.add_passkey("Laptop")
    code = laptop.page.locator(".recovery-codes li").first.inner_text()
    phone.type_password(jo.email)
    phone.page.get_by_label("Code").fill(code)
    phone.press("Go on")
    phone.add_passkey("Phone")
    assert phone.page.url.endswith("/account/second-factor")
    assert "2 passkeys" in phone.text
    handles = {device.credentials()[0]["userHandle"] for device in (laptop, phone)}
    assert len(handles) == 1
    for device in (laptop, phone):
        device.sign_out()
        device.open("/sign-in")
        device.press("Sign in with a passkey")
        assert device.page.url.endswith("/home")
    # What is removed signs nobody in any more.
    phone.open("/account/passkeys")
    with phone.page.expect_navigation():
        row = phone.page.get_by_role("listitem").filter(has_text="Laptop")
        row.get_by_role("button", name="Remove").click()
    laptop.sign_out()
    laptop.open("/sign-in")
    laptop.press("Sign in with a passkey")
    assert "The passkey could not be checked" in laptop.text


def test_a_device_has_one_passkey_of_a_person(here: Site, drawer: Drawer) -> None:
    laptop = drawer.device()
    laptop.type_password(somebody(here).email)
    laptop.add_passkey("Laptop")
    laptop.open("/account/passkeys")
    laptop.page.get_by_role("button", name="Add a passkey").click()
    problem = laptop.page.get_by_role("alert")
    problem.wait_for()
    assert problem.inner_text() == "This device already has a passkey for your account."


def test_a_copy_is_refused_and_noted(here: Site, drawer: Drawer) -> None:
    jo = somebody(here)
    laptop, thief = drawer.device(), drawer.device()
    laptop.type_password(jo.email)
    laptop.add_passkey("Laptop")
    [copied] = laptop.credentials()
    for _ in range(2):
        laptop.sign_out()
        laptop.open("/sign-in")
        laptop.press("Sign in with a passkey")
    thief.hold(copied)
    thief.open("/sign-in")
    thief.press("Sign in with a passkey")
    assert "The passkey could not be checked" in thief.text
    assert "passkey_copied" in kinds(here, jo)
    assert len(sign_ins(here, jo)) == 3


def test_a_passkey_that_asks_for_nothing_is_not_enough(here: Site, drawer: Drawer) -> None:
    jo = somebody(here)
    laptop, open_key = drawer.device(), drawer.device(verified=False)
    laptop.type_password(jo.email)
    laptop.add_passkey("Laptop")
    [credential] = laptop.credentials()
    open_key.hold(credential, signCount=1000)
    open_key.open("/sign-in")
    open_key.page.get_by_role("button", name="Sign in with a passkey").click()
    problem = open_key.page.get_by_role("alert")
    problem.wait_for()
    assert "No passkey was used" in problem.inner_text()


def test_an_answer_to_another_origin_is_refused(here: Site, drawer: Drawer) -> None:
    jo = somebody(here)
    laptop = drawer.device()
    laptop.type_password(jo.email)
    laptop.add_passkey("Laptop")
    laptop.sign_out()
    laptop.open("/sign-in")
    settings = here.app.extensions["skillbank.settings"]
    elsewhere = replace(settings, site=SiteSettings(url="http://localhost:1"))
    here.app.extensions["skillbank.settings"] = elsewhere
    laptop.press("Sign in with a passkey")
    here.app.extensions["skillbank.settings"] = settings
    assert "The passkey could not be checked" in laptop.text
    laptop.open("/sign-in")
    laptop.press("Sign in with a passkey")
    assert laptop.page.url.endswith("/home")


def test_an_answer_works_once_in_its_own_browser_and_for_its_purpose(
    here: Site, drawer: Drawer
) -> None:
    jo = somebody(here)
    laptop = drawer.device()
    laptop.type_password(jo.email)
    laptop.add_passkey("Laptop")
    laptop.sign_out()
    laptop.open("/sign-in")
    with laptop.page.expect_request("**/sign-in/passkey*") as sent:
        laptop.press("Sign in with a passkey")
    answer = sent.value.post_data_json
    assert laptop.page.url.endswith("/home")
    values = {name: answer[name] for name in ("challenge", "credential")}
    laptop.open("/account/passkeys")
    for path in ("/sign-in/passkey", "/confirm-it-is-you/passkey", "/account/passkeys"):
        assert send(laptop, path, values | {"name": "Laptop"}) == 422, path
    thief = drawer.device()
    thief.open("/sign-in")
    assert send(thief, "/sign-in/passkey", values) == 422
    assert len(sign_ins(here, jo)) == 2


def send(device: Device, path: str, values: dict[str, str]) -> int:
    """Send a form from this browser, with the token of the page it stands on; the status."""
    token = device.page.locator("[name=csrf_token]").first.get_attribute("value")
    answer = device.page.request.post(path, form=values | {"csrf_token": token})
    return answer.status


def test_a_passkey_confirms_that_it_is_still_the_same_person(here: Site, drawer: Drawer) -> None:
    with saved(here.app):
        school = joined_school()
        head = staff(school, Role.ADMINISTRATOR)
    laptop = drawer.device()
    laptop.type_password(head.email)
    laptop.add_passkey("Laptop")
    laptop.open(f"/schools/{school.urn}/people")
    with saved(here.app) as session:
        long_ago = clock.now() - timedelta(hours=1)
        session.execute(sa.update(SignIn).values(confirmed_at=long_ago))
    laptop.page.get_by_label("Name", exact=True).fill("Jo Bloggs")
    laptop.page.get_by_label("E-mail address").fill("jo.bloggs@example.org")
    laptop.press("Send the invitation")
    assert laptop.heading == "Confirm that it is you"
    look(laptop)
    laptop.press("Use a passkey")
    laptop.press("Carry on")
    assert laptop.page.get_by_label("Name", exact=True).input_value() == "Jo Bloggs"
    assert kinds(here, head)[-1] == "confirmed"


def test_an_authenticator_app_is_set_up_on_a_page_that_fits_a_telephone(
    here: Site, drawer: Drawer
) -> None:
    jo = somebody(here)
    phone = drawer.device()
    phone.type_password(jo.email)
    phone.open("/account/authenticator")
    assert phone.page.locator("img.qr-code").evaluate("image => image.naturalWidth") > 100
    look(phone)
    phone.page.get_by_text("You cannot scan it?").click()
    secret = phone.page.locator(".secret").inner_text().replace(" ", "")
    phone.page.get_by_label("The 6 digits").fill(code_of(secret))
    phone.press("Set it up")
    assert phone.heading == "Your recovery codes"
    phone.open("/account/recovery-codes")
    look(phone)
