"""Whatever strangers try: the person gets in where they are known, and guesses stay few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from marketplace import clock
from marketplace.accounts import throttling
from marketplace.accounts.models import KnownDevice
from marketplace.accounts.throttling import TooManyTries, account_buckets
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.conftest import make_tables, running

HOUR = timedelta(hours=1)
MOST_GUESSES_AN_HOUR = 25
"""Ten that cost no wait, ten waits from a second to eight minutes, then one each 15 minutes."""
ACCOUNTS = ["jo@example.org", "sam@example.org"]
ADDRESSES = [f"203.0.113.{number}" for number in range(40)]
WAITS = st.sampled_from([0, 1, 2, 5, 20, 60, 300, 900, 1800, 3600, 6 * 3600])


class Tries(RuleBasedStateMachine):
    """Two people with a device each, and strangers who guess from forty addresses."""

    app: Skillbank

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(clock, "now", lambda: self.now)
        with self.app.app_context():
            db.session.execute(throttling.Throttle.__table__.delete())
            db.session.commit()
        self.guesses: dict[str, list[datetime]] = {account: [] for account in ACCOUNTS}
        self.own_failures = dict.fromkeys(ACCOUNTS, 0)

    def teardown(self) -> None:
        self.patch.undo()

    def attempt(self, account: str, address: str, device: bool, right: bool) -> bool:
        """Try once; whether the try was looked at."""
        known = KnownDevice(id=ACCOUNTS.index(account) + 1) if device else None
        with self.app.test_request_context(
            "/", method="POST", environ_base={"REMOTE_ADDR": address}
        ):
            session = db.session()
            try:
                attempt = throttling.check(session, *account_buckets("password", account, known))
            except TooManyTries:
                return False
            if right:
                throttling.passed(session, attempt)
                session.commit()
            return True

    @rule(wait=WAITS)
    def time_goes_on(self, wait: int) -> None:
        self.now += timedelta(seconds=wait)

    @rule(
        account=st.sampled_from(ACCOUNTS),
        address=st.sampled_from(ADDRESSES),
        number=st.integers(1, 40),
        pause=st.sampled_from([0, 0, 1, 60, 900]),
    )
    def a_stranger_guesses(self, account: str, address: str, number: int, pause: int) -> None:
        for step in range(number):
            place = ADDRESSES[(ADDRESSES.index(address) + step) % len(ADDRESSES)]
            if self.attempt(account, place, device=False, right=False):
                self.guesses[account].append(self.now)
            self.now += timedelta(seconds=pause)

    @rule(account=st.sampled_from(ACCOUNTS), address=st.sampled_from(ADDRESSES))
    def the_person_signs_in_where_they_are_known(self, account: str, address: str) -> None:
        if self.own_failures[account] < throttling.FREE:
            assert self.attempt(account, address, device=True, right=True)
            self.own_failures[account] = 0

    @rule(account=st.sampled_from(ACCOUNTS), address=st.sampled_from(ADDRESSES))
    def the_person_mistypes(self, account: str, address: str) -> None:
        if self.attempt(account, address, device=True, right=False):
            self.own_failures[account] += 1

    @rule(address=st.sampled_from(ADDRESSES), number=st.integers(0, 10**6))
    def another_person_signs_in_for_the_first_time(self, address: str, number: int) -> None:
        with self.app.test_request_context(
            "/", method="POST", environ_base={"REMOTE_ADDR": address}
        ):
            buckets = account_buckets("password", f"new{number}@example.org", None)
            throttling.passed(db.session(), throttling.check(db.session(), *buckets))
            db.session.commit()

    @invariant()
    def guesses_are_few(self) -> None:
        for times in self.guesses.values():
            for first in times[-60:]:
                within = [time for time in times if first <= time < first + HOUR]
                assert len(within) <= MOST_GUESSES_AN_HOUR


@pytest.fixture(scope="module")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Skillbank]:
    url = f"sqlite:///{tmp_path_factory.mktemp('throttling') / 'tries.sqlite3'}"
    make_tables(url)
    with running(url) as app:
        yield app


def test_strangers_are_slowed_and_nobody_else(sqlite_app: Skillbank) -> None:
    class Machine(Tries):
        app = sqlite_app

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
