"""Reading the book: each question is one or two range scans or probes of an index."""

from __future__ import annotations

from ledger.reading.balances import Balances
from ledger.reading.holds import Holds
from ledger.reading.journal import Journal
from ledger.reading.statements import Statements


class Reader(Balances, Statements, Journal, Holds):
    """The questions, asked of one connection."""
