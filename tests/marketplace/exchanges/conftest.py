"""Two schools that take part, with a coordinator each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ledger import Account, Book
from marketplace import Skillbank
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from marketplace.people.viewer import Acting
from marketplace.schools.models import account_code
from tests.marketplace.browser import Browser
from tests.marketplace.factories import acting_for, brought_to, joined_school, setting


@dataclass(frozen=True)
class Pair:
    """A school that gives and one that receives, and the application they meet in."""

    app: Skillbank
    giver: Acting
    taker: Acting

    def bring(self, state: State, **terms: Any) -> int:
        """Make an exchange in ``state``; gives its number."""
        with setting(self.app):
            return brought_to(state, self.giver, self.taker, **terms).id

    def browser(self, who: Acting) -> Browser:
        """A browser of ``who``."""
        return Browser(self.app.test_client()).be(who)

    def exchange(self, exchange_id: int) -> Exchange:
        """The exchange as it stands."""
        with setting(self.app) as session:
            return session.get_one(Exchange, exchange_id)

    def account(self, who: Acting) -> Account:
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
    with setting(app):
        giver = acting_for(joined_school(name="Giver School"))
        taker = acting_for(joined_school(name="Taker School"))
    return Pair(app, giver, taker)
