"""Two schools that take part, with a coordinator each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ledger import Account, Book
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.credits.chart import account_code
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@dataclass(frozen=True)
class Pair:
    """A school that gives and one that receives, and the application they meet in."""

    app: Skillbank
    giver: Actor
    taker: Actor

    def bring(self, state: State, **terms: Any) -> int:
        """Make an exchange in ``state``; gives its number."""
        with saved(self.app):
            return brought_to(state, self.giver, self.taker, **terms).id

    def browser(self, who: Actor) -> Browser:
        """A browser of ``who``."""
        return Browser(self.app.test_client()).be(who)

    def exchange(self, exchange_id: int) -> Exchange:
        """The exchange as it stands."""
        with saved(self.app) as session:
            return session.get_one(Exchange, exchange_id)

    def account(self, who: Actor) -> Account:
        """The account of the school of ``who``."""
        with self.app.app_context():
            return Book(db.session()).account(account_code(who.school()))

    @property
    def money(self) -> dict[str, tuple[int, int, int]]:
        """What each has, has held for others, and has to come, in minutes."""
        return {
            name: (account.posted, account.held_out, account.held_in)
            for name, account in (
                ("giver", self.account(self.giver)),
                ("taker", self.account(self.taker)),
            )
        }


@pytest.fixture
def pair(app: Skillbank) -> Pair:
    with saved(app):
        giver = actor_for(joined_school(name="Giver School"))
        taker = actor_for(joined_school(name="Taker School"))
    return Pair(app, giver, taker)
