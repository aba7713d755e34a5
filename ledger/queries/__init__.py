"""Reading the book: each question is one or two range scans or probes of an index."""

from __future__ import annotations

from ledger.queries.balances import Balances
from ledger.queries.holds import Holds
from ledger.queries.journal import Journal
from ledger.queries.pair_totals import PairTotals
from ledger.queries.statements import Statements
from ledger.queries.totals_of_days import TotalsOfDays


class Reader(Balances, TotalsOfDays, Statements, Journal, Holds, PairTotals):
    """The questions, asked of one connection."""
