"""What every entry of an account was for, as SQL: the exchange, its topic, the other account.

Help is what an exchange caused. A reversal is of the exchange whose transaction it takes back, so
that the figures of help given and received are what was given and received in the end.
"""

from __future__ import annotations

import sqlalchemy as sa

from ledger import schema
from marketplace.conversations.models import Enquiry
from marketplace.credits.chart import CARRIED_BACK, CARRIED_ON
from marketplace.exchanges.models import Exchange
from marketplace.listings.models import ListingTopic

# Tables, not classes: such a statement is made once and costs little to send again.
exchange, enquiry = Exchange.__table__, Enquiry.__table__
_listing_topic = ListingTopic.__table__
entry, transaction = schema.entry, schema.transaction
account = schema.account
reversed_transaction = transaction.alias("reversed_transaction")
"""The transaction that an entry's own one takes back, if it is a reversal."""
other_entry, other_account = entry.alias("other_entry"), account.alias("other_account")
"""The other side of an entry whose transaction has two; one with more has no single partner."""

_PREFIX = "exchange:"
_DIGITS = "0123456789"
_MOST_DIGITS = 9

reference = sa.func.coalesce(reversed_transaction.c.reference, transaction.c.reference)
"""What caused an entry, as the ledger names it ("exchange:601")."""


def _number() -> sa.ColumnElement[int | None]:
    """The number of the exchange in a reference; null for one that only looks like it."""
    text = sa.func.substr(reference, len(_PREFIX) + 1)
    is_number = sa.and_(
        sa.func.substr(reference, 1, len(_PREFIX)) == _PREFIX,  # quicker than LIKE
        sa.func.length(text).between(1, _MOST_DIGITS),
        sa.func.trim(text, _DIGITS) == "",
    )
    return sa.case((is_number, sa.cast(text, sa.Integer)))


topic = (
    sa.select(sa.func.min(_listing_topic.c.topic))
    .where(_listing_topic.c.listing_id == enquiry.c.listing_id)
    .correlate(enquiry)
    .scalar_subquery()
)
"""The first topic of the listing that an exchange came of."""

is_given = sa.case(
    (transaction.c.kind == CARRIED_BACK, True),
    (transaction.c.kind == CARRIED_ON, False),
    else_=(entry.c.amount > 0) == reversed_transaction.c.id.is_(None),
)
"""Whether an entry for help is of the side that gave it: the school, or one that carries it on."""


def causes() -> sa.FromClause:
    """Return entries joined with their transactions and the exchanges that caused them."""
    return (
        entry.join(account, account.c.id == entry.c.account_id)
        .join(transaction, transaction.c.id == entry.c.transaction_id)
        .outerjoin(reversed_transaction, reversed_transaction.c.id == transaction.c.reverses_id)
        .outerjoin(exchange, exchange.c.id == _number())
    )


def movements() -> sa.FromClause:
    """Return entries with their `causes` and, where there is one, their partners and enquiries."""
    return (
        causes()
        .outerjoin(
            other_entry,
            sa.and_(
                other_entry.c.transaction_id == entry.c.transaction_id,
                other_entry.c.line != entry.c.line,
                entry.c.entry_count == 2,
            ),
        )
        .outerjoin(other_account, other_account.c.id == other_entry.c.account_id)
        .outerjoin(enquiry, enquiry.c.id == exchange.c.enquiry_id)
    )
