"""Schools come into the network with a grant and a limit, and leave it when they close."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.credits.chart import account_code
from marketplace.errors import Refusal
from marketplace.exchanges.models import State
from marketplace.network import commands
from marketplace.network.joining import join, schools_changed
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory
from tests.marketplace.schools.register_files import links_csv, register_zip, row, school_csv
from tests.marketplace.search.factories import indexed

CLOSED = {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2026"}


@pytest.fixture
def operator(app: Skillbank, client: FlaskClient) -> Browser:
    with saved(app):
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
    return Browser(client).be(person)


@pytest.mark.parametrize(("grant", "limit"), [(600, 600), (90, 0), (0, 1200)])
def test_the_policy_says_what_a_school_begins_with(made_url: str, grant: int, limit: int) -> None:
    with running(made_url, Policy(joining_grant=grant, credit_limit=limit)) as app:
        with saved(app):
            school = SchoolFactory(name="Hope Primary")
            person = PersonFactory(roles=[(Role.OPERATOR, None)])
        browser = Browser(app.test_client()).be(person)
        browser.get(f"/network/schools?q={school.urn}").submit("Bring it in")
        assert browser.flashes == [
            "Hope Primary takes part now, with its joining grant. Next, add its first"
            " administrator under “People”."
        ]
        with saved(app) as session:
            book = Book(session)
            account = book.account(account_code(school.urn))
            assert (account.posted, account.floor, account.available) == (
                grant,
                -limit,
                grant + limit,
            )
            assert book.account("network:issuance").posted == -grant
            assert session.get_one(School, school.urn).joined_at is not None


def test_a_school_comes_in_once(app: Skillbank, operator: Browser) -> None:
    with saved(app):
        school = SchoolFactory(name="Hope Primary")
    values = operator.get(f"/network/schools?q={school.urn}").values("Bring it in")
    for said in ("takes part now", "took part already"):
        operator.post(f"/network/schools/{school.urn}/join", values)
        assert operator.flashes[0].startswith(f"Hope Primary {said}")
    with saved(app) as session:
        assert Book(session).balance(account_code(school.urn)) == 600


def test_a_school_brought_in_twice_at_the_same_instant_comes_in_once(app: Skillbank) -> None:
    with saved(app):
        schools = [SchoolFactory() for _ in range(5)]
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
    for school in schools:
        browsers = [Browser(app.test_client()).be(person) for _ in range(2)]
        barrier = Barrier(2)

        def bring(browser: Browser, school: School = school, barrier: Barrier = barrier) -> int:
            values = browser.get(f"/network/schools?q={school.urn}").values("Bring it in")
            barrier.wait()
            path = f"/network/schools/{school.urn}/join"
            return browser.client.post(path, data=values).status_code

        with ThreadPoolExecutor(2) as pool:
            assert set(pool.map(bring, browsers)) <= {302, 422}
        with saved(app) as session:
            assert Book(session).balance(account_code(school.urn)) == 600


@pytest.mark.parametrize("status", ["closed", "proposed"])
def test_only_an_open_school_comes_in(app: Skillbank, operator: Browser, status: str) -> None:
    with saved(app) as session:
        school = SchoolFactory(name="Hope Primary", status=status)
        with pytest.raises(Refusal, match=f"is {status} in the register"):
            join(session, school, Policy(), actor="test")
    assert "Bring it in" not in operator.get(f"/network/schools?q={school.urn}").buttons
    token = operator.values("Sign out")
    operator.post(f"/network/schools/{school.urn}/join", token)
    assert operator.status == 422
    assert f"Hope Primary (URN {school.urn}) is {status} in the register" in operator.text
    operator.post("/network/schools/999999/join", token)
    assert operator.status == 404


def test_schools_are_looked_for_by_name_and_number(app: Skillbank, operator: Browser) -> None:
    with saved(app):
        for number in range(33):
            SchoolFactory(name=f"St Anne’s {number:02} School")
        SchoolFactory(name="Hope Primary", urn=400_000)
    assert "Hope Primary" in operator.get("/network/schools?q=400000").text
    assert "Hope Primary" in operator.get("/network/schools?q=hope").text
    operator.get("/network/schools?q=st annes")
    seen = [item.text for item in operator.page.select(".row-item")]
    operator.get(operator.page.select_one("a[rel=next]")["href"])
    seen += [item.text for item in operator.page.select(".row-item")]
    assert len(seen) == len(set(seen)) == 33
    assert "No school found" in operator.get("/network/schools?q=st annes&show=in").text


@pytest.fixture
def closing(app: Skillbank, tmp_path: Path) -> tuple[Actor, Actor]:
    """A school that takes part and is about to close, and one it has to do with."""
    with saved(app):
        old = joined_school(urn=100_001, name="Old School")
        other = joined_school(urn=100_003, name="Other School")
        return actor_for(old), actor_for(other)


def imported(app: Skillbank, tmp_path: Path, *rows: dict[str, str]) -> Result:
    path = register_zip(
        tmp_path / "r.zip", school_csv(*rows), links_csv((100_001, 100_002, "Successor", ""))
    )
    return app.test_cli_runner().invoke(args=["schools", "import", str(path)])


def test_a_school_that_closes_without_a_successor_is_frozen_and_its_listings_go(
    app: Skillbank, closing: tuple[Actor, Actor], tmp_path: Path
) -> None:
    old, other = closing
    with saved(app) as session:
        listing_id = posted(old, title="Last offer").id
        held = brought_to(State.DELIVERED, old, other, minutes=60).id
        indexed(session)
    closed = row(100_001, EstablishmentName="Old School", **CLOSED)
    result = imported(app, tmp_path, closed)
    assert result.exit_code == 0, result.output
    assert "Accounts frozen: 1; unfrozen: 0; listings withdrawn: 2." in result.stdout
    assert "Closed schools with something to hand over: 1." in result.stdout
    with saved(app) as session:
        assert Book(session).account("school:100001").status == "frozen"

    theirs = Browser(app.test_client()).be(other)
    assert "Last offer" not in theirs.get("/search").text
    assert "This has been withdrawn" in theirs.get(f"/listings/{listing_id}").text
    theirs.get(f"/exchanges/{held}")
    assert "is frozen" in theirs.text  # it is paid once the operator lets it through
    assert "Confirm 1 credit" not in theirs.buttons
    assert Browser(app.test_client()).be(old).get("/home").heading == "No school to act for"

    again = imported(app, tmp_path, row(100_001, EstablishmentName="Old School"))
    assert "Accounts frozen: 0; unfrozen: 1; listings withdrawn: 0." in again.stdout
    with saved(app) as session:
        assert Book(session).account("school:100001").status == "open"


def test_listings_of_a_school_with_a_successor_wait_for_it(
    app: Skillbank, closing: tuple[Actor, Actor], tmp_path: Path
) -> None:
    with saved(app):
        posted(closing[0], title="Last offer")
    closed = row(100_001, EstablishmentName="Old School", **CLOSED)
    result = imported(app, tmp_path, closed, row(100_002, EstablishmentName="New School"))
    assert "Accounts frozen: 1; unfrozen: 0; listings withdrawn: 0." in result.stdout
    theirs = Browser(app.test_client()).be(closing[1])
    assert "Succeeded by New School" in theirs.get("/schools/100001").text


def test_a_closed_school_that_never_took_part_has_nothing_to_freeze(app: Skillbank) -> None:
    with saved(app) as session:
        school = SchoolFactory()
        assert schools_changed(session, [school.urn], [], actor="test") == ""
        assert schools_changed(session, [], [], actor="test") == ""


def test_the_account_of_a_school_that_the_register_renames_is_renamed_too(
    app: Skillbank, closing: tuple[Actor, Actor], tmp_path: Path
) -> None:
    with saved(app):
        SchoolFactory(urn=100_004, name="Outside School")  # takes no part
    others = [row(100_003, EstablishmentName="Other School"), row(100_004, EstablishmentName="New")]
    for name in ("Oak School", "Old School", "Oak School"):
        renamed = imported(app, tmp_path, row(100_001, EstablishmentName=name), *others)
        assert renamed.exit_code == 0, renamed.output
        assert "Accounts renamed: 1." in renamed.stdout
        assert "frozen" not in renamed.stdout
    again = imported(app, tmp_path, row(100_001, EstablishmentName="Oak School"), *others)
    assert "Accounts renamed" not in again.stdout
    closed = imported(app, tmp_path, row(100_001, EstablishmentName="Elm School", **CLOSED))
    assert "Accounts frozen: 1; unfrozen: 0; listings withdrawn: 0." in closed.stdout
    assert "Accounts renamed: 1." in closed.stdout
    with saved(app) as session:
        book = Book(session)
        changes = [event for event in book.history("school:100001") if event.action == "rename"]
        assert [event.name for event in changes] == [
            *("Oak School", "Old School", "Oak School", "Elm School")
        ]
        assert {(event.actor, event.reason, event.reference) for event in changes} == {
            ("command:schools-import", "renamed in the register", "school:100001")
        }
        assert book.account("school:100001").name == "Elm School"
        assert [event.action for event in book.history("school:100003")] == ["open"]


def test_a_closed_account_keeps_its_name(app: Skillbank, closing: tuple[Actor, Actor]) -> None:
    with saved(app) as session:
        Book(session).close_account(
            "school:100001", rest_to="network:issuance", key="close", actor="test", memo="closed"
        )
        session.get_one(School, 100_001).name = "Oak School"
        session.flush()
        assert schools_changed(session, [], [], [100_001], actor="test") == ""
        assert Book(session).account("school:100001").name == "Old School"


def create(app: Skillbank, *args: str, password: str = "correct horse battery\n") -> Result:
    return app.test_cli_runner().invoke(args=["people", "create", *args], input=password)


def test_people_are_made_on_the_command_line(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = SchoolFactory(name="Hope Primary")
    args = ["Jo@Example.org", "--school", str(school.urn), "--name", "Jo Bloggs"]
    result = create(app, *args, "--role", "coordinator", "--role", "finance")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "jo@example.org can sign in now.",
        "Hope Primary takes part now, with its joining grant.",
        "coordinator: Hope Primary.",
        "finance: Hope Primary.",
    ]
    again = create(app, "jo@example.org", "--role", "auditor", password="")
    assert again.stdout == "auditor: the network.\n"
    browser = Browser(client).sign_in("jo@example.org")
    assert browser.heading == "Second factor"  # an auditor needs one
    with saved(app) as session:
        jo = session.scalars(sa.select(Person).where(Person.email == "jo@example.org")).one()
    browser.be(jo).get("/home")
    assert browser.heading == "Hope Primary"
    assert "coordinator, finance" in browser.text
    with saved(app) as session:
        assert Book(session).balance(account_code(school.urn)) == 600


@pytest.mark.parametrize(
    ("args", "password", "message"),
    [
        (
            ["jo@example.org", "--role", "member", "--school", "1"],
            "correct horse battery",
            "no school with",
        ),
        (["jo@example.org", "--role", "member"], "correct horse battery", "is held for a school"),
        (["nonsense", "--role", "auditor"], "correct horse battery", "is not an e-mail address"),
        (["jo@example.org", "--role", "auditor"], "short", "at least 12 characters"),
        (["jo@example.org", "--role", "auditor"], "", "at least 12 characters"),
        (["jo@example.org", "--role", "head"], "correct horse battery", "is not one of"),
        (["jo@example.org"], "correct horse battery", "--role"),
        (
            ["jo@example.org", "--role", "member", "--school", "500000"],
            "correct horse battery",
            "is closed",
        ),
    ],
)
def test_a_wrong_command_makes_nobody(
    app: Skillbank, args: list[str], password: str, message: str
) -> None:
    with saved(app) as session:
        SchoolFactory(urn=500_000, status="closed")
        before = session.query(PersonFactory._meta.model).count()
    result = create(app, *args, password=password)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert result.stdout == ""  # not "can sign in now", and then the error
    with saved(app) as session:
        assert session.query(PersonFactory._meta.model).count() == before


def test_a_role_at_a_school_of_a_trust_is_one_of_several(app: Skillbank) -> None:
    with saved(app):
        one, two = joined_school(), joined_school()
        jo = staff(one, Role.MEMBER)
    for school in (one, two):
        result = create(app, jo.email, "--school", str(school.urn), "--role", "finance")
        assert (result.exit_code, result.stdout) == (0, f"finance: {school.name}.\n")


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = []

    def answer(question: str, **options: object) -> str:
        questions.append((question, options))
        return "correct horse battery"

    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(commands, "sys", terminal)
    monkeypatch.setattr(commands.click, "prompt", answer)
    arguments = ["people", "create", "jo@example.org", "--role", "operator"]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert questions == [("Password", {"hide_input": True, "confirmation_prompt": True})]
