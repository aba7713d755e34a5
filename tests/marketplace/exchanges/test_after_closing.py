"""After a period is closed, or a school has, what is put right is of the day on which it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from ledger import Book
from ledger.operations.desk import Desk
from marketplace import clock
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.errors import Refusal
from marketplace.exchanges.corrections.service import agree_to_correction
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.models import State
from marketplace.schools.models import School
from marketplace.statements.figures import figures_of
from marketplace.statements.period import Period
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.corrections.factories import asked
from tests.marketplace.exchanges.disputes.test_ruling import decide, to_decide
from tests.marketplace.exchanges.factories import brought_to, disputed
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """Let everything that is done within be done so many days ago, in the ledger as well."""
    then, begin = clock.now() - timedelta(days=days), Desk.__init__

    def earlier(desk: Desk, bind: Any, _clock: Any) -> None:
        begin(desk, bind, lambda: then)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "__init__", earlier)
        patch.setattr(clock, "now", lambda: then)
        yield


@pytest.mark.parametrize("by_ruling", [False, True])
def test_a_closed_period_stays_as_it_was(app: Skillbank, by_ruling: bool) -> None:
    with saved(app) as session:
        with days_ago(40):
            pair = Pair(app, actor_for(joined_school()), actor_for(joined_school()))
            if by_ruling:
                exchange = to_decide(pair, State.CONFIRMED)
            else:
                exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
            month = Period(today() - timedelta(days=1), today())
        book, code = Book(session), f"school:{pair.giver.urn}"
        book.close_period(month.end, key="close", actor="person:1")
        before = figures_of(session, code, month)
        if by_ruling:
            decide(exchange, Ruling.PAY, 60)
        else:
            asked(pair.taker, exchange, 60)
            agree_to_correction(session, pair.giver, exchange, version=exchange.version)
        assert figures_of(session, code, month) == before
        since = figures_of(session, code, Period(today(), today()))
        assert (before.given, since.given) == (180, -120)
        assert exchange.standing_transaction_id is not None
        assert book.transaction(exchange.standing_transaction_id).effective == today()


def test_a_ruling_says_that_the_account_of_a_closed_school_is_frozen(pair: Pair) -> None:
    """Nobody carries on for it, so nothing can be taken from it or given to it."""
    with saved(pair.app) as session:
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
        close(session.get_one(School, pair.giver.urn))
        disputed(pair.taker, exchange, minutes=0)
        with pytest.raises(Refusal, match="is frozen, so nothing can be put right there"):
            decide(exchange, Ruling.REVERSE)
