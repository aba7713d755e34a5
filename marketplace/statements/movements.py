"""What every entry of an account was for, as SQL: the exchange, its topic, the other account.

Help is what an exchange caused. A reversal is of the exchange whose transaction it takes back, so
that the figures of help given and received are what was given and received in the end.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger import schema
from marketplace.credits.chart import CARRIED_BACK, CARRIED_ON
from marketplace.exchanges.models import Exchange
from marketplace.statements.models import EntryCause

# Tables, not classes: such a statement is made once and costs little to send again.
exchange = Exchange.__table__
cause = EntryCause.__table__
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


def is_given(own: sa.CTE | None = None) -> sa.ColumnElement[bool]:
    """Return whether an entry for help is of the side that gave it.

    That is the school itself, or one that carries its account on.
    """
    amount = entry.c.amount if own is None else own.c.amount
    return sa.case(
        (transaction.c.kind == CARRIED_BACK, True),
        (transaction.c.kind == CARRIED_ON, False),
        else_=(amount > 0) == reversed_transaction.c.id.is_(None),
    )


def causes(own: sa.CTE | None = None) -> sa.FromClause:
    """Return entries joined with their transactions and the exchanges that caused them.

    The entries are those of `own_entries`, or else all there are, with their accounts.
    """
    table: sa.FromClause = entry.join(account, account.c.id == entry.c.account_id)
    of: Any = entry.c
    if own is not None:
        table, of = own, own.c
    return (
        table.join(transaction, transaction.c.id == of.transaction_id)
        .outerjoin(reversed_transaction, reversed_transaction.c.id == transaction.c.reverses_id)
        .outerjoin(exchange, exchange.c.id == _number())
    )


def movements(own: sa.CTE | None = None) -> sa.FromClause:
    """Return entries with their `causes` and, where there is one, their partner."""
    of = entry.c if own is None else own.c
    return (
        causes(own)
        .outerjoin(
            other_entry,
            sa.and_(
                other_entry.c.transaction_id == of.transaction_id,
                other_entry.c.line != of.line,
                of.entry_count == 2,
            ),
        )
        .outerjoin(other_account, other_account.c.id == other_entry.c.account_id)
    )


is_of_entry = sa.and_(cause.c.account_id == entry.c.account_id, cause.c.version == entry.c.version)
"""Whether what is kept is of an entry."""
OWN = "own_entry"
"""The name of `own_entries` in a statement."""


def own_entries(*conditions: sa.ColumnElement[bool]) -> sa.CTE:
    """Return the entries that fit ``conditions``, with what they were for where that is kept.

    The worker comes to new entries within minutes; ``is_kept`` is false of one until then. They
    are found first: PostgreSQL would look up what all entries were for, to leave it out again.
    """
    return (
        sa.select(
            entry,
            account.c.code,
            cause.c.version.is_not(None).label("is_kept"),
            cause.c.partner,
            cause.c.exchange_id,
            cause.c.topic,
            cause.c.is_given,
        )
        .select_from(
            account.join(entry, entry.c.account_id == account.c.id).outerjoin(cause, is_of_entry)
        )
        .where(*conditions)
        .cte(OWN)
        .prefix_with("MATERIALIZED")
    )
