"""Statement lines for people: accounts by name, kinds in words, causes as links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from ledger import AccountEvent, StatementLine
from marketplace.accounts.actor import Actor
from marketplace.credits.chart import account_names, actor_names, kind_label, row_numbers
from marketplace.credits.records import change_title
from marketplace.exchanges.models import Exchange


@dataclass(frozen=True, slots=True)
class StatementRow:
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


def statement_rows(
    session: Session, lines: Iterable[StatementLine], actor: Actor
) -> list[StatementRow]:
    """Return statement lines with names and links; two queries however many lines."""
    lines = list(lines)
    names = account_names(session, {code for line in lines for code in line.counterparties})
    causes = cause_urls(session, {line.reference for line in lines}, actor)
    return [
        StatementRow(
            day=line.effective,
            title=line.memo or kind_label(line.kind),
            with_whom=", ".join(names[code] for code in line.counterparties),
            kind=kind_label(line.kind),
            url=url_for("statements.transaction", transaction_id=line.transaction_id),
            cause_url=causes.get(line.reference),
            paid_out=-line.amount if line.amount < 0 else None,
            paid_in=line.amount if line.amount > 0 else None,
            balance=line.balance,
        )
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What was done to an account, ready for a timeline; ``text`` says why."""

    title: str
    person_name: str
    when: datetime
    text: str


def history_rows(session: Session, events: Iterable[AccountEvent]) -> list[HistoryRow]:
    """Return an account's history in words, the latest first; one query at most."""
    events = list(events)[::-1]
    actors = actor_names(session, {event.actor for event in events})
    return [
        HistoryRow(
            title=change_title(
                event.action, event, event.name if event.action in ("open", "rename") else ""
            ),
            person_name=actors[event.actor],
            when=event.recorded,
            text=event.reason,
        )
        for event in events
    ]


def cause_urls(session: Session, references: Iterable[str], actor: Actor) -> dict[str, str]:
    """Return the addresses of the causes that ``actor`` may open, by reference."""
    if actor.urn is None:
        return {}
    ids = row_numbers("exchange", references)
    if not ids:
        return {}
    ours = session.scalars(
        sa.select(Exchange.id).where(
            Exchange.id.in_(ids),
            sa.or_(Exchange.provider_urn == actor.urn, Exchange.receiver_urn == actor.urn),
        )
    )
    return {
        ids[exchange_id]: url_for("exchanges.exchange", exchange_id=exchange_id)
        for exchange_id in ours
    }
