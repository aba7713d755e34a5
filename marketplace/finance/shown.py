"""The book as people read it: accounts by name, kinds in words, causes as links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from ledger import StatementLine
from marketplace.exchanges.models import Exchange
from marketplace.people.viewer import Acting
from marketplace.schools.models import School

KIND_LABELS = {
    "grant": "Grant",
    "exchange": "Exchange",
    "transfer": "Transfer",
    "hold": "Hold",
    "settle": "Exchange",
    "void": "Hold released",
    "expire": "Hold expired",
    "reverse": "Reversal",
    "reversal": "Reversal",
    "closure": "Closure",
}

NETWORK_NAMES = {"network:issuance": "The network: issuance", "network:fund": "The network: fund"}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a statement, ready for its table."""

    day: date
    title: str
    with_whom: str
    kind: str
    url: str
    cause_url: str | None
    paid_out: int | None
    paid_in: int | None
    balance: int


def account_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """The names of accounts; schools by the register, the rest by what they are."""
    wanted = set(codes)
    urns = _numbers("school", wanted)
    names = {code: NETWORK_NAMES.get(code, code) for code in wanted}
    if urns:
        for urn, name in session.execute(
            sa.select(School.urn, School.name).where(School.urn.in_(urns))
        ):
            names[urns[urn]] = name
    return names


def shown_lines(
    session: Session, lines: Iterable[StatementLine], acting: Acting
) -> list[ShownLine]:
    """Statement lines with names and links; two queries however many lines."""
    lines = list(lines)
    names = account_names(session, {code for line in lines for code in line.counterparties})
    causes = cause_urls(session, {line.reference for line in lines}, acting)
    return [
        ShownLine(
            day=line.effective,
            title=line.memo or KIND_LABELS.get(line.kind, line.kind),
            with_whom=", ".join(names[code] for code in line.counterparties),
            kind=KIND_LABELS.get(line.kind, line.kind),
            url=url_for("finance.transaction", transaction_id=line.transaction_id),
            cause_url=causes.get(line.reference),
            paid_out=-line.amount if line.amount < 0 else None,
            paid_in=line.amount if line.amount > 0 else None,
            balance=line.balance,
        )
        for line in lines
    ]


def cause_urls(session: Session, references: Iterable[str], acting: Acting) -> dict[str, str]:
    """Where the causes are, for those that ``acting`` may open."""
    if acting.urn is None:
        return {}
    ids = _numbers("exchange", references)
    if not ids:
        return {}
    ours = session.scalars(
        sa.select(Exchange.id).where(
            Exchange.id.in_(ids),
            sa.or_(Exchange.provider_urn == acting.urn, Exchange.receiver_urn == acting.urn),
        )
    )
    return {
        ids[exchange_id]: url_for("exchanges.exchange", exchange_id=exchange_id)
        for exchange_id in ours
    }


def _numbers(prefix: str, texts: Iterable[str]) -> dict[int, str]:
    """Which of ``texts`` name a row, by its number; what was imported may only look like it."""
    named = re.compile(rf"{prefix}:([1-9][0-9]{{0,8}})", re.ASCII)
    return {int(found[1]): text for text in texts if (found := named.fullmatch(text))}
