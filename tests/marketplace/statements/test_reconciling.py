"""Two statements held against each other, and what each reader sees of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.schools.models import School
from marketplace.statements import period
from marketplace.statements.period import Period
from marketplace.statements.reconciling import SideEntry, match
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, close, joined_school

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
OURS = SideEntry(7, NOON, 90, "Phonics", "exchange", None, None, None)
THEIRS = replace(OURS, minutes=-90)


@pytest.mark.parametrize(
    ("ours", "theirs", "differences"),
    [
        (OURS, THEIRS, ()),
        (OURS, None, ("Only on the statement of Ash",)),
        (None, THEIRS, ("Only on the statement of Beech",)),
        (
            OURS,
            replace(THEIRS, recorded=NOON + timedelta(days=1)),
            ("Dates differ: 10 Nov 2026 at Ash, 11 Nov 2026 at Beech",),
        ),
        (
            replace(OURS, minutes=87),
            THEIRS,
            ("Credits differ by 0.05: the rest went to another account",),
        ),
        (
            replace(OURS, reversed_by=9, reversed_at=NOON + timedelta(days=30)),
            THEIRS,
            ("Corrected since, on 10 Dec 2026",),
        ),
        (replace(OURS, reversed_by=9, reversed_at=NOON + timedelta(days=20)), THEIRS, ()),
    ],
)
def test_differences_are_named(
    ours: SideEntry | None, theirs: SideEntry | None, differences: tuple[str, ...]
) -> None:
    sides = [[side] if side else [] for side in (ours, theirs)]
    comparison = match(*sides, NOVEMBER, ("Ash", "Beech"))
    assert comparison.rows[0].differences == differences
    assert comparison.agrees == (not differences)
    assert comparison.difference == sum(side.minutes for side in (ours, theirs) if side)


@pytest.fixture
def pair(app: Skillbank) -> tuple[Actor, Actor]:
    """The finance officers of two schools, between which two exchanges are done."""
    with saved(app):
        ash, beech = joined_school(name="Ash School"), joined_school(name="Beech School")
        one, two, third = actor_for(ash), actor_for(beech), actor_for(joined_school())
        brought_to(State.CONFIRMED, one, two, minutes=90)
        brought_to(State.CONFIRMED, two, one, minutes=45)
        brought_to(State.CONFIRMED, two, third, minutes=60)
        return actor_for(ash, Role.FINANCE), actor_for(beech, Role.FINANCE)


def table(browser: Browser) -> list[list[str]]:
    """The cells of the comparison, without what only a phone shows."""
    for narrow in browser.page.select("main .narrow-only"):
        narrow.decompose()
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td, th")]
        for row in browser.page.select("table.two-sides tbody tr, table.two-sides tfoot tr")
    ]


def test_a_partner_leads_to_the_comparison_which_agrees(
    client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    browser = Browser(client).be(pair[0]).get("/credits")
    browser.get(browser.page.find("a", string="Beech School")["href"])
    assert "Everything agrees. Both statements have the same 2 entries" in browser.text
    rows = table(browser)
    assert [(row[2], row[4], row[5]) for row in rows] == [
        ("+1.50", "−1.50", ""),
        ("−0.75", "+0.75", ""),
        ("+0.75", "−0.75", "None"),
    ]
    assert "1.00" not in browser.page.find("main").text  # what the other has with a third


def test_what_was_corrected_after_the_period_is_named(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    day = today()
    monkeypatch.setattr(period, "today", lambda: day)
    with saved(app) as session:
        ash, beech = (actor_for(session.get_one(School, actor.urn)) for actor in pair)
        undone = brought_to(State.CONFIRMED, ash, beech, minutes=30)
        Book(session).reverse(undone.transaction_id, key="undone")
    browser = Browser(client).be(pair[0]).get(f"/credits/reconcile?with={pair[1].urn}")
    assert "Everything agrees." in browser.text
    assert [row[0].split()[-1] for row in table(browser)][2:4] == ["Reversed", "Reversal"]
    early = Period(day - timedelta(days=9), day - timedelta(days=1))
    browser.get(f"/credits/reconcile?with={pair[1].urn}&start={early.start}&end={early.end}")
    assert "Nothing moved between these two schools in this period." in browser.text


def test_an_auditor_compares_any_two(
    client: FlaskClient, app: Skillbank, pair: tuple[Actor, Actor]
) -> None:
    with saved(app):
        reader = auditor()
    browser = Browser(client).be(reader).get("/credits/reconcile")
    assert browser.status == 200
    browser.get(f"/credits/reconcile?of={pair[1].urn}&with={pair[0].urn}")
    assert "Everything agrees." in browser.text
    assert table(browser)[0][4] == "+1.50"


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("with=999999", "with", "No school of the network has this URN."),
        ("with={ours}", "with", "Choose two different schools."),
        ("with={theirs}&start=2999-01-01&end=2999-02-01", "start", "That day has not come yet"),
        ("with=school:1", "with", "No school of the network has this URN."),
    ],
)
def test_what_cannot_be_compared_is_said_at_its_field(
    client: FlaskClient, pair: tuple[Actor, Actor], query: str, field: str, message: str
) -> None:
    question = query.format(ours=pair[0].urn, theirs=pair[1].urn)
    browser = Browser(client).be(pair[0]).get(f"/credits/reconcile?{question}")
    assert browser.status == 422
    assert message in browser.page.select_one(f"#{field}-error").text
    assert table(browser) == []


def test_a_school_compares_only_its_own_and_those_it_carries_on_for(
    app: Skillbank, client: FlaskClient, pair: tuple[Actor, Actor]
) -> None:
    with saved(app) as session:
        third = joined_school()
    browser = Browser(client).be(pair[0])
    path = f"/credits/reconcile?of={pair[1].urn}&with={third.urn}"
    assert browser.get(path).status == 404
    with saved(app) as session:
        beech = session.get_one(School, pair[1].urn)
        close(beech)
        beech.continued_by_urn, beech.joined_at = pair[0].urn, None
    path = f"/credits/reconcile?of={pair[1].urn}&with={pair[0].urn}"
    assert "Everything agrees." in browser.get(path).text
