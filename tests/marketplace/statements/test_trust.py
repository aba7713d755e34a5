"""A trust's credits: each figure is what the raw journal comes to, and only its own staff read."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from ledger import Book, Posting
from marketplace.accounts.models import Person
from marketplace.accounts.roles import SCHOOL_ROLES, Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.clock import LONDON
from marketplace.credits.formats import decimal_credits, signed_decimal_credits
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from marketplace.schools.models import School
from marketplace.statements.figures import Moved
from marketplace.statements.period import Period
from marketplace.statements.trust.queries import trust_figures
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.statements.factories import director_of


@dataclass
class World:
    """A trust of three schools, one school outside, and the trust's finance director."""

    trust_id: int
    schools: list[School]
    outside: School
    director: Person


@pytest.fixture
def world(app: Skillbank) -> World:
    """Exchanges within the trust and with outside, one taken back, one held, and a gift within."""
    with saved(app) as session:
        trust = TrustFactory(name="Hope Trust")
        names = ("Ash", "Beech", "Cedar")
        schools = [joined_school(name=name, trust=trust) for name in names]
        outside = joined_school(name="Oak")
        ash, beech, cedar, oak = (actor_for(school) for school in (*schools, outside))
        brought_to(State.CONFIRMED, ash, beech, minutes=75)
        taken_back = brought_to(State.CONFIRMED, beech, cedar, minutes=30)
        brought_to(State.CONFIRMED, ash, oak, minutes=120)
        brought_to(State.CONFIRMED, oak, cedar, minutes=45)
        wrong = brought_to(State.CONFIRMED, beech, oak, minutes=15)
        brought_to(State.AGREED, oak, ash, minutes=60)
        book = Book(session)
        for exchange in (taken_back, wrong):
            assert exchange.transaction_id is not None
            book.reverse(exchange.transaction_id, key=f"back:{exchange.id}")
        gift = [Posting(f"school:{cedar.urn}", -20), Posting(f"school:{ash.urn}", 20)]
        book.post(gift, key="a gift")
        return World(trust.id, schools, outside, director_of(trust.id, name="Fay"))


def from_journal(session: Session, codes: Sequence[str], period: Period) -> dict[str, Any]:
    """The figures of a trust with the accounts ``codes``, added up in plain Python."""
    references = {exchange.reference for exchange in session.scalars(sa.select(Exchange))}
    journal = list(Book(session).journal(limit=10_000).transactions)
    by_number = {transaction.id: transaction for transaction in journal}
    sums: dict[str, Any] = {
        "opening": defaultdict(int),
        "closing": defaultdict(int),
        "outside": defaultdict(Moved),
        "within": defaultdict(Moved),
        "months": defaultdict(Moved),
        "partners": defaultdict(Moved),
    }
    for transaction in journal:
        cause = by_number[transaction.reverses] if transaction.reverses else transaction
        day = transaction.recorded.astimezone(LONDON).date()
        for entry in transaction.entries:
            if entry.account not in codes or day > period.end:
                continue
            sums["closing"][entry.account] += entry.amount
            if day < period.start:
                sums["opening"][entry.account] += entry.amount
                continue
            others = [other.account for other in transaction.entries if other != entry]
            if cause.reference not in references:
                moved = Moved(other=entry.amount)
            elif (entry.amount > 0) != bool(transaction.reverses):
                moved = Moved(given=entry.amount)
            else:
                moved = Moved(received=-entry.amount)
            if others[0] in codes:
                sums["within"][entry.account] += moved
                continue
            sums["outside"][entry.account] += moved
            sums["months"][day.replace(day=1)] += moved
            if others[0].startswith("school:"):
                sums["partners"][others[0]] += moved
    return sums


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 60), (10, 60), (25, 31), (70, 90)])
def test_figures_are_what_the_journal_comes_to(
    app: Skillbank, world: World, first: int, last: int
) -> None:
    now = datetime.now(UTC)
    codes = [f"school:{school.urn}" for school in world.schools]
    with app.app_context():
        session = db.session()
        references = [exchange.reference for exchange in session.scalars(sa.select(Exchange))]
        ash, beech, cedar = codes
        oak = f"school:{world.outside.urn}"
        moves = [(5, ash, beech, 60), (20, oak, cedar, 90), (30, beech, oak, 7), (55, ash, oak, 61)]
        for days, giver, taker, minutes in moves:
            later = now + timedelta(days=days)
            Book(session, clock=lambda later=later: later).post(
                [Posting(taker, -minutes), Posting(giver, minutes)],
                key=f"later:{days}",
                reference=references[0],
            )
        today = now.astimezone(LONDON).date()
        period = Period(today + timedelta(days=first), today + timedelta(days=last))
        figures = trust_figures(session, [school.urn for school in world.schools], period)
        expected = from_journal(session, codes, period)
        session.rollback()
    for code, school in zip(codes, figures.schools, strict=True):
        assert school.urn == int(code.removeprefix("school:"))
        assert school.opening == expected["opening"][code]
        assert school.outside == expected["outside"][code]
        assert school.within == expected["within"][code]
        assert school.closing == expected["closing"][code]
    assert figures.opening == sum(expected["opening"].values())
    assert figures.outside == sum(expected["outside"].values(), Moved())
    assert figures.closing == sum(expected["closing"].values())
    within = sum(expected["within"].values(), Moved())
    assert (figures.moved_within, within.net) == (within.given, 0)
    assert figures.moved_within == within.received
    assert figures.by_month == expected["months"]
    assert sum(figures.by_month.values(), Moved()) == figures.outside
    assert figures.by_partner == expected["partners"]


def test_the_page_consolidates_and_its_files_say_the_same(
    app: Skillbank, client: FlaskClient, world: World
) -> None:
    fay = Browser(client).be(world.director)
    assert fay.get("/home").path == "/trust/credits"
    assert fay.heading.startswith("Credits of the trust")
    rows = [
        [cell.get_text(strip=True) for cell in row.select("th, td")]
        for row in fay.page.select(".trust-table tbody tr, .trust-table tfoot tr")
    ]
    # The joining grant is 20 credits, the credit limit 20.
    with app.app_context():
        floor = Book(db.session()).account(f"school:{world.schools[0].urn}").floor
        grant = from_journal(
            db.session(),
            [f"school:{world.outside.urn}"],
            Period(date(2020, 1, 1), date(2099, 1, 1)),
        )["outside"][f"school:{world.outside.urn}"].other
    assert floor is not None

    def row(name: str, given: int, received: int, within: int, other: int) -> list[str]:
        closing = given - received + within + other
        held = 60 if name in ("Ash", "The trust") else 0
        limit = -floor * (3 if name == "The trust" else 1)
        moved = [signed_decimal_credits(minutes) for minutes in (given, -received, within, other)]
        balances = [decimal_credits(minutes) for minutes in (closing, held, closing + limit - held)]
        return [name, "0.00", *moved, *balances]

    assert rows == [
        row("Ash", 120, 0, 95, grant),
        row("Beech", 0, 0, -75, grant),
        row("Cedar", 0, 45, -20, grant),
        row("The trust", 120, 45, 0, 3 * grant),
    ]
    assert "Moved within the trust 1.25" in fay.text
    answer = client.get("/trust/credits/schools.csv")
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [line["school"] for line in lines] == ["Ash", "Beech", "Cedar", "The trust"]
    assert [int(line["within_trust_minutes"]) for line in lines] == [95, -75, -20, 0]
    assert [int(line["closing_minutes"]) for line in lines] == [
        215 + grant,
        grant - 75,
        grant - 65,
        75 + 3 * grant,
    ]
    answer = client.get("/trust/credits/schools.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data))["Schools"]
    assert [cell.value for cell in sheet[6]][:2] == [world.schools[0].urn, "Ash"]
    assert [sheet.cell(row, 4).value for row in (6, 7, 8)] == [2, 0, 0]
    assert sheet["H6"].value == "=SUM(C6:G6)"
    assert [sheet.cell(9, column).value for column in (4, 6, 8)] == [
        "=SUM(D6:D8)",
        "=SUM(F6:F8)",
        "=SUM(H6:H8)",
    ]
    assert load_workbook(
        io.BytesIO(client.get("/trust/credits/schools.xlsx").data), data_only=True
    )["Schools"]["H9"].value == pytest.approx((75 + 3 * grant) / 60)


def test_a_row_opens_the_schools_own_statement(
    app: Skillbank, client: FlaskClient, world: World
) -> None:
    fay = Browser(client).be(world.director).get("/trust/credits")
    (link,) = fay.page.select(".trust-table tbody tr")[1].select("a")
    fay.get(link["href"])
    assert fay.status == 200
    assert "Beech" in fay.text
    assert "All schools of the trust" in fay.text
    parts = ("/credits/transactions/", "/credits/reconcile", "/trust/credits/schools/")
    addresses = [
        anchor["href"]
        for anchor in fay.page.select("main .statement a, main .downloads a")
        if anchor["href"].startswith(parts)
    ]
    assert {part for part in parts for address in addresses if address.startswith(part)} == {*parts}
    for address in addresses:
        assert client.get(address).status_code == 200, address
    assert "Save" not in fay.text
    assert fay.get("/trust/credits?start=2090-01-01&end=2090-02-01").status == 422


@pytest.mark.parametrize("role", [*sorted(SCHOOL_ROLES), Role.TRUST_ADMINISTRATOR])
def test_other_roles_at_the_trust_do_not_read_it(
    app: Skillbank, client: FlaskClient, world: World, role: Role
) -> None:
    with saved(app):
        if role in SCHOOL_ROLES:
            person = PersonFactory(roles=[(role, world.schools[0])])
        else:
            person = director_of(world.trust_id, role=role)
    browser = Browser(client).be(person)
    for path in ("", "/schools.csv", "/schools.xlsx", f"/schools/{world.schools[1].urn}"):
        assert browser.get(f"/trust/credits{path}").status == 403
    assert "Trust" not in [item.get_text(strip=True) for item in browser.page.select(".site-nav a")]


def test_schools_outside_are_not_found_nor_one_that_has_left(
    app: Skillbank, client: FlaskClient, world: World
) -> None:
    with saved(app) as session:
        beech = session.get_one(School, world.schools[1].urn)
        other_trust = TrustFactory()
        elsewhere = joined_school(trust=other_trust)
        stranger = director_of(other_trust.id)
        bursar = director_of(world.trust_id)
        grant_role(session, bursar, Role.FINANCE, session.get_one(School, elsewhere.urn))
    fay = Browser(client).be(world.director)
    pages = ("", "/statement.csv", "/statement.xlsx", "/statement.pdf")

    def outcomes(browser: Browser, school: School) -> set[int]:
        return {
            browser.client.get(f"/trust/credits/schools/{school.urn}{page}").status_code
            for page in pages
        }

    assert outcomes(fay, beech) == {200}
    assert outcomes(fay, elsewhere) == outcomes(fay, world.outside) == {404}
    assert outcomes(Browser(app.test_client()).be(stranger), beech) == {404}
    # Acting for a school elsewhere does not carry the role there.
    both = Browser(app.test_client()).be(bursar)
    both.get("/home").submit("Switch", membership=f"school:{elsewhere.urn}")
    assert both.get("/credits").status == 200
    assert outcomes(both, elsewhere) == outcomes(both, beech) == {403}
    with saved(app) as session:
        session.get_one(School, beech.urn).trust_id = None
    assert outcomes(fay, beech) == {404}
    assert "Beech" not in fay.get("/trust/credits").page.select_one(".trust-table").get_text()
