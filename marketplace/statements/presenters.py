"""Statement lines for people: accounts by name, kinds in words, causes as links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import g, url_for
from sqlalchemy.orm import Session

from ledger import Account, AccountEvent
from marketplace.accounts.actor import Actor
from marketplace.adjustments.trail import without_people
from marketplace.clock import LONDON
from marketplace.credits.chart import actor_names, kind_label, row_numbers
from marketplace.credits.formats import decimal_credits, signed_decimal_credits
from marketplace.credits.records import change_title
from marketplace.exchanges.models import Exchange
from marketplace.statements.commitments import Commitment
from marketplace.statements.entries import EntryLine
from marketplace.web.formats import short_day


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside an entry that is not as others are; ``url`` leads to what explains it."""

    text: str
    url: str
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One entry of a statement, ready for its table; ``dated`` is its day if it was dated back."""

    day: str
    dated: str
    title: str
    with_whom: str
    url: str
    entry_url: str
    marks: tuple[Mark, ...]
    credits: str
    balance: str


def statement_rows(
    lines: Iterable[EntryLine], names: Mapping[str, str], actor: Actor
) -> list[StatementRow]:
    """Return entries in words; ``names`` has the names of their partners' accounts."""
    rows = []
    for line in lines:
        recorded_on = line.recorded.astimezone(LONDON).date()
        entry_url = transaction_url(line.transaction_id)
        cause_url = exchange_url(line.exchange_id, line.exchange_urns, actor)
        rows.append(
            StatementRow(
                day=short_day(recorded_on),
                dated=short_day(line.effective) if line.effective != recorded_on else "",
                title=_title(line),
                with_whom=", ".join(names[code] for code in line.partners),
                url=cause_url or entry_url,
                entry_url=entry_url,
                marks=_marks(line),
                credits=signed_decimal_credits(line.amount),
                balance=decimal_credits(line.balance),
            )
        )
    return rows


def _title(line: EntryLine) -> str:
    """What an entry was for; the page of its record names who approved an adjustment."""
    memo = line.memo
    if line.reference.startswith("adjustment:"):
        memo = without_people(memo)
    return memo or kind_label(line.kind)


def _marks(line: EntryLine) -> tuple[Mark, ...]:
    marks = []
    if line.reverses is not None:
        marks.append(Mark("Reversal", transaction_url(line.reverses)))
    if line.reversed_by is not None:
        marks.append(Mark("Reversed", transaction_url(line.reversed_by)))
    if line.corrects is not None:
        marks.append(Mark("Correction", transaction_url(line.corrects)))
    if line.same_person:
        article = url_for("help.article", slug="one-person-for-both-schools")
        marks.append(Mark("Same person on both sides", article, "warning"))
    return tuple(marks)


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """What is held, ready for its table."""

    expected_on: date | None
    title: str
    with_whom: str
    url: str | None
    until: datetime | None
    minutes: int
    is_disputed: bool


def commitment_rows(
    commitments: Iterable[Commitment], names: Mapping[str, str], actor: Actor
) -> list[CommitmentRow]:
    """Return what is held in words; ``names`` has the names of the partners' accounts."""
    return [
        CommitmentRow(
            expected_on=commitment.expected_on,
            title=commitment.title,
            with_whom=names[commitment.partner],
            url=exchange_url(commitment.exchange_id, commitment.exchange_urns, actor),
            until=commitment.until,
            minutes=commitment.minutes,
            is_disputed=commitment.is_disputed,
        )
        for commitment in commitments
    ]


def available_words(account: Account) -> str:
    """Return how what is available comes about: "23.00 less 9.00 held, with a …"."""
    words = f"{decimal_credits(account.posted)} less {decimal_credits(account.held_out)} held"
    if account.floor is None:
        return f"{words}, without a limit"
    if account.floor < 0:
        return f"{words}, with a credit limit of {decimal_credits(-account.floor)}"
    if account.floor > 0:
        return f"{words}, of which {decimal_credits(account.floor)} must stay"
    return words


def transaction_url(transaction_id: int) -> str:
    """Return the address of a transaction's page."""
    return f"{_address_before_number('statements.transaction', 'transaction_id')}{transaction_id}"


def exchange_url(exchange_id: int | None, urns: tuple[int, ...], actor: Actor) -> str | None:
    """Return the address of an exchange between ``urns``, if ``actor`` may open it."""
    if exchange_id is None or actor.urn not in urns:
        return None
    return f"{_address_before_number('exchanges.exchange', 'exchange_id')}{exchange_id}"


def _address_before_number(endpoint: str, name: str) -> str:
    """Return an address up to the number it ends with, which is ``name`` in its route.

    It is made once a request: making each by the routes takes longer than the rest of a row.
    """
    addresses: dict[str, str] = g.setdefault("addresses_before_numbers", {})
    if endpoint not in addresses:
        values: dict[str, Any] = {name: 0}
        addresses[endpoint] = url_for(endpoint, **values).removesuffix("0")
    return addresses[endpoint]


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
