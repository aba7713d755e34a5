"""The tariff that the operator keeps, and the usual hours beside the price."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.errors import Conflict, NotAllowed, Refusal
from marketplace.exchanges.models import State
from marketplace.exchanges.usual_hours import count_usual_hours
from marketplace.listings.tariff.models import Source, TariffRate
from marketplace.listings.tariff.queries import FIRST_RATES, current_tariff, usual_hours
from marketplace.listings.tariff.service import change_tariff, usual_of
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator


def test_the_operator_changes_the_tariff_and_schools_read_it(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        runs, school = operator(), actor_for(joined_school())
    browser = Browser(client).be(runs).get("/network/tariff")
    assert browser.values("Save the tariff")["hour_expert"] == ["1.5"]
    browser.submit("Save the tariff", hour_expert="2", note="Travel is half.")
    assert browser.flashes == ["Changed. Schools see it from now on."]
    reader = Browser(app.test_client()).be(school).get("/tariff")
    assert "Travel is half." in reader.text
    row = next(row for row in reader.page.select("tr") if "national expert" in row.text)
    assert [cell.get_text(strip=True) for cell in row.select("td")] == ["2", "4½", "9"]
    assert "Change it" not in reader.text
    assert "Travel is half." in reader.get("/listings/new").text


@pytest.mark.parametrize("typed", ["", "0", "-1", "an hour", "9" * 400, "169"])
def test_a_rate_that_is_none_is_refused(app: Skillbank, client: FlaskClient, typed: str) -> None:
    with saved(app):
        runs = operator()
    browser = Browser(client).be(runs).get("/network/tariff")
    browser.submit("Save the tariff", day_colleague=typed)
    assert browser.status == 422
    assert browser.errors
    with saved(app) as session:
        assert current_tariff(session).rates == FIRST_RATES


def test_two_operators_do_not_overwrite_each_other_unseen(app: Skillbank) -> None:
    with saved(app) as session:
        first, second = operator(), operator()
        change_tariff(session, first, FIRST_RATES, "First.", version=0)
        with pytest.raises(Conflict):
            change_tariff(session, second, FIRST_RATES, "Second.", version=0)
        change_tariff(session, second, FIRST_RATES, "Second.", version=1)
        assert current_tariff(session).note == "Second."
        with pytest.raises(NotAllowed):
            change_tariff(session, actor_for(joined_school()), FIRST_RATES, "", version=2)
        with pytest.raises(Refusal):
            change_tariff(session, first, {}, "", version=2)
        with pytest.raises(Refusal):
            change_tariff(session, first, FIRST_RATES, "x" * 1001, version=2)


def test_the_database_keeps_rates_positive(app: Skillbank) -> None:
    with saved(app) as session:
        session.add(TariffRate(unit="hour", grade="expert", minutes=0))
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        session.rollback()


def test_usual_hours_are_of_exchanges_and_else_of_listings(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        for minutes in (45, 60, 60, 90, 120):
            brought_to(State.AGREED, us, them, minutes=minutes)  # about phonics
        for minutes in (60, 120, 240):
            posted(us, topics=("music",), minutes=minutes)
        posted(us, topics=("drama",), minutes=60)
        for _ in range(3):
            posted(us, topics=("pe",), minutes=600, audience="school")
        assert count_usual_hours(session) == 2
        usual = usual_hours(session)
        assert set(usual) == {"phonics", "music"}
        phonics, music = usual["phonics"], usual["music"]
        assert (phonics.source, phonics.number, phonics.median) == (Source.AGREED, 5, 60)
        assert (music.source, music.number, music.median) == (Source.LISTED, 3, 120)
        assert count_usual_hours(session) == 2
    browser = Browser(client).be(us).get("/listings/new")
    row = browser.page.select_one("tr[data-topic=music]")
    assert row is not None
    assert "2 credits" in row.get_text(" ")
    assert "5 agreed exchanges" in browser.get("/tariff").text


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({60: 1}, (1, 60, 60, 60)),
        ({60: 1, 120: 1}, (2, 60, 60, 60)),
        ({15: 1, 60: 8, 600: 1}, (10, 15, 60, 60)),
        ({30: 20, 60: 60, 120: 20}, (100, 30, 60, 120)),
    ],
)
def test_what_is_usual(counts: dict[int, int], expected: tuple[int, int, int, int]) -> None:
    usual = usual_of(counts)
    assert (usual.number, usual.low, usual.median, usual.high) == expected
