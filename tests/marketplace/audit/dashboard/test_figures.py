"""The figures of the dashboards, compared with the ledger, and the rules for unusual entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audit.dashboard.keeping import keep_figures, rebuild_figures
from marketplace.audit.dashboard.models import NetworkFigures, NetworkMonth
from marketplace.audit.dashboard.queries import kept_figures, open_counts, unusual_by_rule
from marketplace.audit.dashboard.unusual import MANY, Payment, UnusualRule, find_unusual
from marketplace.clock import today
from marketplace.database import db
from marketplace.exchanges.models import State
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
LATER = NOON + timedelta(days=8)


def months(app: Skillbank) -> dict[str, tuple[int, int]]:
    with app.app_context():
        rows = db.session().scalars(sa.select(NetworkMonth))
        return {row.month.isoformat(): (row.exchanges, row.minutes) for row in rows}


def test_the_months_follow_the_ledger_and_are_made_anew(app: Skillbank) -> None:
    this_month = today().replace(day=1).isoformat()
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        first = brought_to(State.CONFIRMED, us, them, minutes=90)
        brought_to(State.CONFIRMED, us, them, minutes=30)
        brought_to(State.DELIVERED, us, them, minutes=60)
        reversed_id = first.transaction_id
    with saved(app) as session:
        keep_figures(session, session.commit)
    assert months(app) == {this_month: (2, 120)}
    with saved(app) as session:
        keep_figures(session, session.commit)
        brought_to(State.CONFIRMED, us, them, minutes=15)
        assert reversed_id is not None
        Book(session).reverse(reversed_id, key="back", actor="test", memo="wrong")
    with saved(app) as session:
        keep_figures(session, session.commit)
    assert months(app) == {this_month: (2, 45)}
    with saved(app) as session:
        rebuild_figures(session, session.commit)
        figures = session.get_one(NetworkFigures, 1)
        balances = Book(session).balances(["network:issuance", "network:fund"])
        assert figures.circulating == -sum(one.posted for one in balances.values()) > 0
        assert (figures.schools, figures.joined_lately) == (2, 2)
        assert open_counts(session).unconfirmed == 1
    assert months(app) == {this_month: (2, 45)}


def paid(number: int, giver: str = "a", taker: str = "b", **other: object) -> Payment:
    values: dict[str, object] = {
        "recorded_at": NOON + timedelta(minutes=90 * number),
        "actor": f"person:{number} at school:100000 as coordinator",
        "reference": f"exchange:{number}",
        "minutes": 60 + number,
    }
    return Payment(number=number, giver=giver, taker=taker, **{**values, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payments", "marked"),
    [
        ([paid(1)], {}),
        ([paid(1, minutes=1199)], {}),
        ([paid(1, minutes=1200)], {1: UnusualRule.LARGE}),
        ([paid(1, recorded_at=NOON + timedelta(hours=8))], {1: UnusualRule.OUT_OF_HOURS}),
        ([paid(1, recorded_at=NOON + timedelta(days=3))], {1: UnusualRule.OUT_OF_HOURS}),
        ([paid(1, recorded_at=NOON + timedelta(hours=8), actor="command:x")], {}),
        ([paid(7)], {7: UnusualRule.SAME_PERSON}),
        (
            [paid(1, minutes=60), paid(2, "b", "a", minutes=60)],
            {1: UnusualRule.ROUND_TRIP, 2: UnusualRule.ROUND_TRIP},
        ),
        ([paid(1, minutes=60), paid(2, "b", "a", minutes=45)], {}),
        ([paid(1, minutes=60), paid(2, "b", "c", minutes=60)], {}),
        (
            [
                paid(1, minutes=60),
                paid(2, "b", "a", minutes=60, recorded_at=LATER),
            ],
            {},
        ),
    ],
)
def test_a_rule_marks_what_it_says(payments: list[Payment], marked: dict[int, UnusualRule]) -> None:
    marks = find_unusual(payments, frozenset({"exchange:7"}))
    assert {payment.number: rule for payment, rule in marks} == marked


@pytest.mark.parametrize("count", [MANY, MANY + 1])
def test_many_within_an_hour_by_one_person_are_marked(count: int) -> None:
    one_person = "person:5 at school:100000 as coordinator"
    payments = [
        paid(number, actor=one_person, recorded_at=NOON) for number in range(10, 10 + count)
    ]
    rules = [rule for _payment, rule in find_unusual(payments, frozenset())]
    assert rules == ([UnusualRule.MANY] * count if count > MANY else [])


def test_the_dashboard_and_the_list_of_unusual_entries(app: Skillbank) -> None:
    with saved(app):
        us, them = actor_for(joined_school(name="Ash School")), actor_for(joined_school())
        brought_to(State.CONFIRMED, us, them, minutes=20 * 60)
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    browser = Browser(app.test_client()).be(auditor).get("/home")
    assert "Not verified yet" in browser.text
    assert "the worker has not counted" in browser.text
    with saved(app) as session:
        keep_figures(session, session.commit)
        assert dict(unusual_by_rule(kept_figures(session)))[UnusualRule.LARGE] == 1
    browser.get("/home")
    assert browser.page.select_one("svg.bars rect")["height"] == "100"
    assert "Claims" not in browser.text
    link = browser.page.find("a", string="20 credits or more")["href"]
    assert "Ash School" in browser.get(link).text
    links = Browser(app.test_client()).be(operator).get("/home").page.select("main a")
    follower = Browser(app.test_client()).be(operator)
    for address in {link["href"] for link in links if link["href"].startswith("/")}:
        assert follower.get(address).status == 200, address
