"""So many questions a minute from one network address, and suggestions of schools by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.claims.views import SUGGESTION_RATE, SUGGESTIONS_A_MINUTE
from marketplace.web import request_rates
from marketplace.web.request_rates import RequestRate


def test_each_address_has_its_own_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    rate = RequestRate(2)
    assert [rate.seconds_to_wait("192.0.2.1") for _ in range(4)] == [0, 0, 60, 60]
    assert rate.seconds_to_wait("192.0.2.2") == 0
    later = now + timedelta(seconds=45)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert rate.seconds_to_wait("192.0.2.1") == 15
    over = now + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: over)
    assert rate.seconds_to_wait("192.0.2.1") == 0


def test_it_remembers_no_more_addresses_than_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_rates, "MOST_ADDRESSES", 3)
    rate = RequestRate(1)
    for number in range(10):
        assert rate.seconds_to_wait(f"192.0.2.{number}") == 0
    assert len(rate._counts) <= 3


def test_too_many_suggestions_are_refused_and_the_page_still_answers(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SUGGESTIONS_A_MINUTE == 120
    monkeypatch.setitem(app.extensions, SUGGESTION_RATE, RequestRate(2))
    path = "/find-your-school/suggestions?q=hope"
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]
    answer = client.get(path)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.get_json()["message"].startswith("Too many searches from here.")
    assert client.get("/find-your-school?q=hope").status_code == 200
