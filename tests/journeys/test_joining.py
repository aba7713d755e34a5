"""A head claims her school and invites a bursar; a school becomes an academy and goes on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.database import db
from marketplace.exchanges.models import State
from marketplace.notifications.digests import make_digest
from marketplace.schools.models import School
from marketplace.schools.word_index import index_schools
from tests.journeys.conftest import Site
from tests.journeys.test_passkeys import Drawer, drawer, here
from tests.marketplace.accounts.factories import PASSWORD, actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.letters import emails_to
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.telling import tell
from tests.marketplace.schools.factories import SchoolFactory
from tests.marketplace.schools.register_files import links_csv, register_zip, row, school_csv

__all__ = ["drawer", "here"]

pytestmark = pytest.mark.browser

HEAD, BURSAR = "ada@hillview-primary.org.uk", "ben@hillview-primary.org.uk"
ACCEPTED = "A colleague has accepted an invitation"


def link_to(site: Site, address: str, begins: str) -> str:
    """The newest link of this kind in the e-mails to ``address``, without the host."""
    for email in reversed(emails_to(site.app, address)):
        for word in (email.text or "").split():
            _, host, path = word.partition(site.origin)
            if host and path.startswith(begins):
                return path.rstrip(".")
    raise AssertionError(f"no e-mail to {address} has a link to {begins}")


def person_number(site: Site, address: str) -> int:
    with site.app.app_context():
        return db.session.scalars(sa.select(Person.id).where(Person.email == address)).one()


def test_a_head_claims_her_school_and_invites_a_bursar(here: Site, drawer: Drawer) -> None:
    with saved(here.app):
        school = SchoolFactory(name="Hillview Primary", website="http://hillview-primary.org.uk")
        index_schools(db.session(), [school.urn])
    laptop, office = drawer.device(), drawer.device()

    # She finds her school on the front page and claims it.
    laptop.open("/")
    laptop.page.locator("#school-search").fill("hillview")
    laptop.page.get_by_role("button", name="Find your school").click()
    laptop.page.get_by_role("link", name="Hillview Primary").click()
    laptop.page.get_by_role("link", name="Claim this school").click()
    laptop.page.get_by_label("Your name").fill("Ada Head")
    laptop.page.get_by_label("Your job at the school").fill("Head teacher")
    laptop.page.get_by_label("Work e-mail address").fill(HEAD)
    laptop.page.get_by_label("I work at this school").check()
    laptop.press("Send me the link")
    laptop.open(link_to(here, HEAD, "/claims/"))
    laptop.press("Confirm my address")
    laptop.page.get_by_label("New password").fill(PASSWORD)
    laptop.page.get_by_label("The same password again").fill(PASSWORD)
    laptop.press("Set the password")
    assert laptop.heading == "Hillview Primary"

    # She wants news once a day, and invites her bursar.
    laptop.open("/account/notifications")
    laptop.page.get_by_label(ACCEPTED).select_option(label="Once a day")
    laptop.press("Save")
    laptop.open(f"/schools/{school.urn}/people")
    laptop.page.get_by_label("Name", exact=True).fill("Ben Bursar")
    laptop.page.get_by_label("E-mail address").fill(BURSAR)
    laptop.page.get_by_label("Finance: ").check()
    laptop.press("Send the invitation")

    # He accepts, and reaches nothing before he has a passkey.
    office.open(link_to(here, BURSAR, "/invitations/"))
    office.page.get_by_label("Password", exact=True).fill(PASSWORD)
    office.page.get_by_label("The same password again").fill(PASSWORD)
    office.press("Join Hillview Primary")
    office.open("/credits")
    assert office.heading == "Second factor"
    office.add_passkey("Office computer")
    office.open("/credits")
    assert office.heading.startswith("Credits, ")
    office.sign_out()
    office.open("/sign-in?next=/credits")
    office.press("Sign in with a passkey")
    assert office.heading.startswith("Credits, ")

    # The next day she reads of it in one e-mail.
    head = person_number(here, HEAD)
    with saved(here.app) as session:
        tell(session)
        assert make_digest(session, head, clock.now() + timedelta(days=1))
    digest = emails_to(here.app, HEAD)[-1]
    assert "Ben Bursar" in f"{digest.subject} {digest.text}"

    # She signs out everywhere: the browser at home is out at once.
    home = drawer.device()
    home.type_password(HEAD)
    assert home.heading == "Hillview Primary"
    laptop.open("/account/sessions")
    laptop.press("Sign out everywhere else")
    home.open("/home")
    assert "/sign-in" in home.page.url
    laptop.open("/home")
    assert laptop.heading == "Hillview Primary"


def test_a_school_becomes_an_academy_and_its_coordinator_goes_on(
    here: Site, drawer: Drawer, tmp_path: Path
) -> None:
    old_urn, new_urn = 150_001, 150_002
    with saved(here.app):
        old = joined_school(urn=old_urn, name="Larch School")
        jo = actor_for(old)
        exchange = brought_to(State.AGREED, jo, actor_for(joined_school(name="Maple School")))
        email = db.session.get_one(Person, jo.person_id).email
    laptop = drawer.device()
    laptop.type_password(email)
    assert laptop.heading == "Larch School"

    closed = {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2026"}
    schools = school_csv(
        row(old_urn, EstablishmentName="Larch School", **closed),
        row(new_urn, EstablishmentName="Larch Academy"),
    )
    links = links_csv((old_urn, new_urn, "Successor", "01-09-2026"))
    register = register_zip(tmp_path / "register.zip", schools, links)
    runner = here.app.test_cli_runner()
    for command in (["schools", "import", str(register)], ["jobs", "run", "--once"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 0, result.output

    with here.app.app_context():
        assert db.session.get_one(School, new_urn).joined_at is not None
    laptop.open("/home")
    if "/sign-in" in laptop.page.url:  # whose roles have changed signs in anew
        laptop.type_password(email)
    assert laptop.heading == "Larch Academy"
    laptop.open(f"/exchanges/{exchange.id}")
    assert "Larch Academy" in laptop.text
    laptop.open("/credits")
    assert laptop.heading.startswith("Credits, ")
