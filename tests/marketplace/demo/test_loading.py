"""The demo as it is loaded: the same every time, in every state, on a book that is sound."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ledger import Book
from marketplace.accounts.models import Person, RoleGrant
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry, Message
from marketplace.credits.chart import account_code
from marketplace.database import db
from marketplace.demo.accounts import PASSWORD, SIGN_INS
from marketplace.demo.choosing import SCHOOL_TYPES, school_phase
from marketplace.demo.commands import REGISTER
from marketplace.demo.content import demo_content
from marketplace.demo.loading import Scale, load
from marketplace.exchanges.corrections.models import Correction
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.listings.models import Listing, ListingPhase, ListingTopic
from marketplace.schools.importing import import_register
from marketplace.schools.models import School, Trust
from marketplace.settings import Policy
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import running
from tests.marketplace.schools.register_files import register_zip, row, school_csv

DAY = date(2026, 3, 4)
SMALL = Scale(schools=30, listings=60, exchanges=150)

VISIBLE: dict[str, tuple[Any, ...]] = {
    "people": (Person.email, Person.name),
    "roles": (RoleGrant.person_id, RoleGrant.school_urn, RoleGrant.role),
    **{
        table.__tablename__: tuple(sa.inspect(table).columns)
        for table in (
            Listing,
            ListingTopic,
            ListingPhase,
            Enquiry,
            Message,
            Exchange,
            ExchangeEvent,
        )
    },
}


def made(app: Skillbank, seed: int) -> dict[str, Any]:
    """Load a small demo, prove its book, and give what is in it."""
    with app.app_context():
        session = db.session()
        import_register(session, REGISTER)
        assert load(session, SMALL, seed, Policy(), DAY, lambda *_: None) == SMALL
        session.commit()
        assert Book(session).verify().faults == ()
        assert set(session.scalars(sa.select(Exchange.state))) == set(State)
        found: dict[str, Any] = {
            what: sorted(map(tuple, session.execute(sa.select(*columns))), key=repr)
            for what, columns in VISIBLE.items()
        }
        found["balances"] = {
            code: (account.posted, account.held_out, account.held_in)
            for code, account in Book(session).balances().items()
        }
        return found


@pytest.fixture(scope="module")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the seed 5 makes on SQLite."""
    path = tmp_path_factory.mktemp("demo") / "small.sqlite3"
    shutil.copy(sqlite_template, path)
    with running(f"sqlite:///{path}") as app:
        return made(app, 5)


def test_the_same_seed_makes_the_same_demo_on_each_database(
    app: Skillbank, on_sqlite: dict[str, Any]
) -> None:
    again = made(app, 5)
    for what, rows in on_sqlite.items():
        assert again[what] == rows, what


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_another_seed_makes_another_demo(app: Skillbank, on_sqlite: dict[str, Any]) -> None:
    other = made(app, 6)
    for what in ("people", "listing", "message", "exchange", "balances"):
        assert other[what] != on_sqlite[what], what


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Skillbank]:
    """The application with the demo that the command makes where nothing else is asked."""
    path = tmp_path_factory.mktemp("demo") / "whole.sqlite3"
    shutil.copy(sqlite_template, path)
    with running(f"sqlite:///{path}") as app:
        app.config["WTF_CSRF_ENABLED"] = False
        result = app.test_cli_runner().invoke(args=["demo", "load"])
        assert result.exit_code == 0, result.output
        assert result.stdout == (
            "The demo has 1,480 schools, 240 offers and requests and 600 exchanges.\n"
        )
        yield app


@pytest.fixture
def session(whole: Skillbank) -> Iterator[Session]:
    """A session on the whole demo."""
    with whole.app_context():
        yield db.session()


def test_its_schools_teach_pupils_from_2_to_19(session: Session) -> None:
    part = session.scalars(sa.select(School).where(School.joined_at.is_not(None))).all()
    kinds = Counter(school_phase(school) for school in part)
    assert set(kinds) == {"nursery", "primary", "secondary", "special", "all-through", "16 plus"}
    assert {school.type_name for school in part} <= SCHOOL_TYPES
    assert [school.name for school in part if "University of" in school.name] == []
    assert all((school.age_high or 0) <= 19 for school in part if "pecial" not in school.type_name)


def test_its_listings_are_many_and_varied(session: Session) -> None:
    listings = session.execute(sa.select(Listing.kind, Listing.title, Listing.school_urn)).all()
    titles = Counter(title for _, title, _ in listings)
    assert len(titles) >= 60
    assert max(titles.values()) <= 6
    kinds = Counter(kind for kind, _, _ in listings)
    assert min(kinds["offer"], kinds["request"]) >= 60
    # Nobody posts the same twice.
    assert max(Counter((urn, title) for _, title, urn in listings).values()) == 1


def test_its_exchanges_are_in_every_state_for_whoever_signs_in(session: Session) -> None:
    urn = session.scalars(
        sa.select(RoleGrant.school_urn).join(Person).where(Person.email.startswith("coordinator@"))
    ).one()
    for side in (Exchange.provider_urn, Exchange.receiver_urn):
        states = session.scalars(sa.select(Exchange.state).where(side == urn))
        assert set(states) >= set(State) - {State.LAPSED}
    lapsed = session.scalars(sa.select(Exchange).where(Exchange.state == State.LAPSED)).one()
    assert lapsed.receiver_urn == urn
    corrections = session.scalars(
        sa.select(Correction).options(joinedload(Correction.exchange)).order_by(Correction.id)
    ).all()
    assert [correction.state for correction in corrections] == ["agreed", "asked"]
    agreed, asked = (correction.exchange for correction in corrections)
    assert agreed.receiver_urn == asked.provider_urn == asked.awaiting_urn == urn
    assert agreed.standing_minutes == corrections[0].minutes < agreed.delivered_minutes


def test_its_book_is_sound_and_holds_what_is_agreed(session: Session) -> None:
    book = Book(session)
    assert book.verify().faults == ()
    agreed: Counter[str] = Counter()
    for urn, minutes in session.execute(
        sa.select(Exchange.receiver_urn, Exchange.minutes).where(
            Exchange.state.in_([State.AGREED, State.DELIVERED, State.DISPUTED]),
            Exchange.transaction_id.is_(None),
        )
    ):
        agreed[account_code(urn)] += minutes
    held = {code: found.held_out for code, found in book.balances().items() if found.held_out}
    assert held == agreed


def test_one_thing_happens_after_another(session: Session) -> None:
    now = datetime.now(UTC)
    steps: dict[int, list[datetime]] = {}
    for exchange_id, at in session.execute(
        sa.select(ExchangeEvent.exchange_id, ExchangeEvent.at).order_by(ExchangeEvent.version)
    ):
        steps.setdefault(exchange_id, []).append(at)
    exchanges = session.execute(
        sa.select(Listing.created_at, Enquiry.created_at, Exchange)
        .join(Enquiry, Enquiry.listing_id == Listing.id)
        .join(Exchange, Exchange.enquiry_id == Enquiry.id)
    ).all()
    assert len(exchanges) == len(steps) == 600
    for listed, enquired, exchange in exchanges:
        instants = [listed, enquired, *steps[exchange.id], now]
        assert all(earlier < later for earlier, later in pairwise(instants)), instants
        assert exchange.on_date.weekday() < 5


def test_every_printed_sign_in_works(whole: Skillbank) -> None:
    printed = whole.test_cli_runner().invoke(args=["demo", "sign-ins"])
    assert printed.exit_code == 0
    assert printed.stdout.rstrip().endswith(PASSWORD)
    emails = [word for word in printed.stdout.split() if "@" in word]
    assert printed.stdout.count("; coordinator and finance, ") == 1  # at a second school
    assert len(emails) == len(SIGN_INS) + 2
    for email in emails:
        with whole.test_client() as client:
            data = {"email": email, "password": PASSWORD}
            assert client.post("/sign-in", data=data).status_code == 302
            assert client.get("/home", follow_redirects=True).status_code == 200


def test_a_demo_never_mixes_with_schools_that_take_part(whole: Skillbank) -> None:
    refused = whole.test_cli_runner().invoke(args=["demo", "load"])
    assert refused.exit_code == 1
    assert "1,480 schools take part already" in refused.output
    kept = whole.test_cli_runner().invoke(args=["demo", "load", "--if-empty"])
    assert (kept.exit_code, kept.output) == (0, "")


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_more_schools_than_there_are_is_said(app: Skillbank, tmp_path: Path) -> None:
    university = row(100004, **{"TypeOfEstablishment (name)": "Higher education institutions"})
    register = register_zip(
        tmp_path / "register.zip", school_csv(*map(row, range(100001, 100004)), university)
    )
    run = app.test_cli_runner().invoke
    assert run(args=["schools", "import", str(register)]).exit_code == 0
    result = run(args=["demo", "load", "--schools", "4", "--listings", "9", "--exchanges", "9"])
    assert result.exit_code == 0, result.output
    assert "The demo has 3 schools, 9 offers and requests and 9 exchanges." in result.stdout
    assert "import the whole of it first" in result.stdout


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("too_many", [0, 1])
def test_every_listing_is_made_that_the_schools_could_have_written(
    app: Skillbank, tmp_path: Path, too_many: int
) -> None:
    register = register_zip(tmp_path / "register.zip", school_csv(*map(row, (100001, 100002))))
    run = app.test_cli_runner().invoke
    assert run(args=["schools", "import", str(register)]).exit_code == 0
    with app.app_context():
        possible = sum(
            text.plausible_for(school_phase(school), school.age_low, school.age_high)
            for school in db.session.scalars(sa.select(School))
            for text in (*demo_content().offers, *demo_content().requests)
        )
    count = str(possible + too_many)
    result = run(args=["demo", "load", "--schools", "2", "--listings", count, "--exchanges", "3"])
    assert result.exit_code == 0, result.output
    assert f"2 schools, {possible} offers and requests and 3 exchanges." in result.stdout
    sentence = f"{possible} of {count} offers and requests could be made"
    assert (sentence in result.stdout) is bool(too_many)


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_exchanges_about_nothing_are_said_to_be_missing(app: Skillbank) -> None:
    run = app.test_cli_runner().invoke
    result = run(args=["demo", "load", "--schools", "2", "--listings", "0", "--exchanges", "3"])
    assert result.exit_code == 0, result.output
    assert "0 of 3 exchanges could be made" in result.stdout
    assert "offers and requests could be made" not in result.stdout


@pytest.mark.parametrize(
    ("type_name", "phase", "ages", "kind"),
    [
        ("Community school", "primary", (3, 11), "primary"),
        ("Free schools 16 to 19", "16-plus", (16, 19), "16 plus"),
        ("Community special school", None, (4, 16), "special"),
        ("Other independent school", None, (2, 5), "nursery"),
        ("Other independent school", None, (3, 13), "primary"),
        ("Other independent school", None, (11, 18), "secondary"),
        ("Other independent school", None, (3, 18), "all-through"),
        ("Sixth form centres", None, (16, 18), "16 plus"),
    ],
)
def test_where_the_register_gives_no_phase_the_ages_do(
    type_name: str, phase: str | None, ages: tuple[int, int], kind: str
) -> None:
    school = School(type_name=type_name, phase=phase, age_low=ages[0], age_high=ages[1])
    assert school_phase(school) == kind


def test_the_sign_ins_are_about_a_real_trust_with_several_schools(whole: Skillbank) -> None:
    with whole.app_context():
        session = db.session()
        held = session.execute(
            sa.select(School, RoleGrant.role)
            .join(RoleGrant, RoleGrant.school_urn == School.urn)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(Person.email == "trust@skillbank.example")
        ).all()
        schools = {school.urn: school for school, _ in held}
        assert len(schools) >= 3
        (trust_id,) = {school.trust_id for school in schools.values()}
        assert "TRUST" in session.get_one(Trust, trust_id).name.upper()
        assert {role for _, role in held} == {"administrator", "coordinator", "finance"}
        first = session.scalar(
            sa.select(RoleGrant.school_urn)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(Person.email == "coordinator@skillbank.example")
        )
        assert first in schools
        director = session.scalars(
            sa.select(Person).where(Person.email == "trustfinance@skillbank.example")
        ).one()
    reader = Browser(whole.test_client()).be(director).get("/home")
    assert reader.heading.startswith("Credits of the trust")
    assert len(reader.page.select(".trust-table tbody tr")) >= len(schools)
    browser = Browser(whole.test_client()).sign_in("coordinator@skillbank.example", PASSWORD)
    browser.get("/search?circle=trust")
    assert len(browser.page.select(".result")) >= 3
    links = [link["href"] for link in browser.page.select(".result h3 a")]
    audiences = [browser.get(link).text for link in links[:20]]
    assert any("Schools of our trust" in text for text in audiences)
