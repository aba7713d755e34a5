"""Every keyset list: the newest first, and exactly full pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry
from marketplace.conversations.queries import list_inbox, messages
from marketplace.conversations.service import write
from marketplace.exchanges.queries import Show, list_exchanges
from marketplace.listings.models import ListingStatus
from marketplace.listings.public import PublicCriteria
from marketplace.listings.queries import list_own, list_public
from marketplace.network.queries import list_schools
from marketplace.notifications.queries import list_notifications
from marketplace.search import queries as search_queries
from marketplace.search.criteria import SearchCriteria
from marketplace.support.queries import list_accesses
from marketplace.support.service import begin_support
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.notifications.factories import notified
from tests.marketplace.schools.factories import SchoolFactory
from tests.marketplace.search.factories import indexed

LIMIT = 2
Cut = tuple[list[str], str | None]
"""The names on one page, and the cursor of the page after it."""


class World:
    """A school with as many rows of each list as are made; each is named by its number."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.us, self.them = actor_for(joined_school()), actor_for(joined_school())
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        self.operator = Actor(operator.id, operator.name, frozenset({Role.OPERATOR}))
        self.enquiry: Enquiry | None = None

    def make(self, what: str, number: int) -> None:
        """Make the thing ``number`` of the list ``what``."""
        title = f"Row {number}"
        if what == "schools":
            SchoolFactory(name=title, search_name=f"zebra {9 - number}")
        elif what == "support":
            begin_support(
                self.session, self.operator, self.us.school(), title, idempotency_key=title
            )
        elif what == "public offers":
            posted(self.them, title=title, public=True)
        elif what == "messages":
            if self.enquiry is None:
                self.enquiry = asked(self.us, posted(self.them), title)
            else:
                write(self.session, self.us, self.enquiry, title, idempotency_key=title)
        elif what == "own listings":
            posted(self.us, title=title)
        elif what == "search":
            posted(self.them, title=title)
        elif what == "inbox":
            asked(self.us, posted(self.them, title=title))
        elif what == "notifications":
            notified(self.us, actor_for(joined_school(name=title)))
        elif what == "exchanges":
            proposed(self.us, posted(self.them, title=title))
        else:
            Book(self.session).transfer(
                "network:issuance", self.us.key, 15, key=title, memo=title, actor="test"
            )

    def page(self, what: str, after: str) -> Cut:
        """Read the page of the list ``what`` after the cursor ``after``."""
        readers: dict[str, Callable[[Actor, str], Cut]] = {
            "schools": self._schools,
            "own listings": self._own,
            "search": self._search,
            "inbox": self._inbox,
            "exchanges": self._exchanges,
            "notifications": self._notifications,
            "journal": self._journal,
            "support": self._support,
            "public offers": self._public,
            "messages": self._messages,
        }
        return readers[what](self.us, after)

    def _schools(self, _actor: Actor, after: str) -> Cut:
        page = list_schools(self.session, "zebra", after=after, limit=LIMIT)
        return [school.name for school in page.rows], page.next

    def _own(self, actor: Actor, after: str) -> Cut:
        page = list_own(self.session, actor, ListingStatus.OPEN, after=after, limit=LIMIT)
        return [listing.title for listing in page.rows], page.next

    def _search(self, actor: Actor, after: str) -> Cut:
        indexed(self.session)
        results = search_queries.search(
            self.session, actor, SearchCriteria(sort="newest"), after=after
        )
        return [result.title for result in results.page.rows], results.page.next

    def _support(self, actor: Actor, after: str) -> Cut:
        page = list_accesses(self.session, actor, after=after, limit=LIMIT)
        return [access.reason for access in page.rows], page.next

    def _public(self, _actor: Actor, after: str) -> Cut:
        page = list_public(self.session, PublicCriteria(), after=after, limit=LIMIT)
        return [listing.title for listing in page.rows], page.next

    def _messages(self, _actor: Actor, before: str) -> Cut:
        """The oldest of a page comes first there, so that it reads downwards."""
        if self.enquiry is None:
            return [], None
        page = messages(self.session, self.enquiry, before=before, limit=LIMIT)
        return [message.body for message in reversed(page.rows)], page.next

    def _inbox(self, actor: Actor, after: str) -> Cut:
        page = list_inbox(self.session, actor, after=after, limit=LIMIT)
        return [row.listing_title for row in page.rows], page.next

    def _exchanges(self, actor: Actor, after: str) -> Cut:
        page = list_exchanges(self.session, actor, Show.ALL, after=after, limit=LIMIT)
        return [row.title for row in page.rows], page.next

    def _notifications(self, actor: Actor, after: str) -> Cut:
        page = list_notifications(self.session, actor.person_id, after=after, limit=LIMIT)
        return [told.title.partition(" proposes")[0] for told in page.rows], page.next

    def _journal(self, actor: Actor, after: str) -> Cut:
        page = Book(self.session).journal(
            account=actor.key, kind="transfer", after=after or None, limit=LIMIT
        )
        return [transaction.memo for transaction in page.transactions], page.next


@pytest.mark.parametrize(
    "what",
    [
        "schools",
        "own listings",
        "search",
        "inbox",
        "messages",
        "exchanges",
        "journal",
        "public offers",
        "support",
        "notifications",
    ],
)
def test_the_newest_is_first_and_a_full_page_has_no_empty_one_after_it(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Nothing, one row fewer than a page, exactly a page, one row more, two full pages."""
    monkeypatch.setattr(search_queries, "PAGE", LIMIT)
    with saved(app) as session:
        world = World(session)
        for count in range(2 * LIMIT + 1):
            if count:
                world.make(what, count)
            names = [f"Row {number}" for number in range(count, 0, -1)]
            first, cursor = world.page(what, "")
            assert first == names[:LIMIT]
            assert (cursor is not None) == (count > LIMIT)
            if cursor is not None:
                assert world.page(what, cursor) == (names[LIMIT:], None)
