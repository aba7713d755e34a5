"""The chain of an exchange: its steps and the records of the ledger, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ledger import Book, Transaction
from marketplace.adjustments.trail import without_people
from marketplace.credits.chart import account_names, actor_names, kind_label
from marketplace.credits.records import accounts_of, moved_minutes, record_title
from marketplace.errors import NotFound
from marketplace.exchanges.costs import amount
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.queries import history
from marketplace.exchanges.states import Step, done_words
from marketplace.web.formats import short_day

RECORDS = 200
"""The most records of one exchange that are read; it has a handful."""
TOGETHER = timedelta(minutes=1)
"""A step and its record are of one commit: their instants are closer than this."""

_RECORDED_BY = {
    Step.AGREE: ("hold",),
    Step.HAND_OVER: ("hold",),
    Step.CONFIRM: ("settle",),
    Step.CANCEL: ("void",),
    Step.DECLINE: ("void",),
}
"""What the ledger records when a step is taken."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A step of an exchange with what the ledger recorded of it, or a record without a step.

    ``who`` is the person with role and school as they were; ``number`` is the ledger's record and
    ``recorded`` says in words what it is; ``minutes`` is what it moved, held or released.
    """

    when: datetime
    title: str
    who: str
    text: str = ""
    number: int | None = None
    recorded: str = ""
    minutes: int | None = None
    reverses: int | None = None
    reversed_by: int | None = None


def load_exchange(session: Session, exchange_id: int) -> Exchange:
    """Return an exchange with both schools, for those who may read the whole book.

    Raises:
        NotFound: there is no such exchange.
    """
    exchange = session.scalar(
        sa.select(Exchange)
        .where(Exchange.id == exchange_id)
        .options(
            joinedload(Exchange.provider),
            joinedload(Exchange.receiver),
            joinedload(Exchange.free_trust),
        )
    )
    if exchange is None:
        raise NotFound
    return exchange


def chain_of(session: Session, exchange: Exchange) -> list[ChainLink]:
    """Return every step and every record of ``exchange``, oldest first."""
    records = _records(session, exchange)
    names = account_names(session, {code for one in records for code in accounts_of(one)})
    actors = actor_names(session, {one.actor for one in records})
    left = list(records)
    links = []
    for event in history(session, exchange):
        record = _record_of(event, exchange, left)
        if record is not None:
            left.remove(record)
        links.append(
            ChainLink(
                when=event.at,
                title=_step_title(exchange, event),
                who=_who(event, record, actors),
                text=event.text,
                **_recorded(record, names),
            )
        )
    links += [
        ChainLink(
            when=record.recorded,
            title=record_title(record, names)
            or without_people(record.memo)
            or kind_label(record.kind),
            who=actors[record.actor],
            **_recorded(record, names),
        )
        for record in left
    ]
    return sorted(links, key=lambda link: (link.when, link.number or 0))


def _records(session: Session, exchange: Exchange) -> list[Transaction]:
    """What the ledger has of an exchange: by its reference, and the ends of its holds."""
    book = Book(session)
    page = book.journal(
        reference=exchange.reference, everything=True, newest_first=False, limit=RECORDS
    )
    records = {one.id: one for one in page.transactions}
    ended = {one.hold_id for one in records.values()}
    # A hold was once released without naming its cause: then its own records tell the end.
    for one in list(records.values()):
        if one.action == "hold" and one.id not in ended:
            records |= {part.id: part for part in book.hold_records(one.id)}
    return [records[number] for number in sorted(records)]


def _record_of(
    event: ExchangeEvent, exchange: Exchange, records: Sequence[Transaction]
) -> Transaction | None:
    """The record that was made with a step, if there is one among ``records``.

    It was made at that instant, or the exchange names it as its payment.
    """
    step = Step(event.step)
    actions = _RECORDED_BY.get(step, ())
    for record in records:
        if record.action in actions and abs(record.recorded - event.at) <= TOGETHER:
            return record
    paid_by = exchange.transaction_id if step is Step.CONFIRM else None
    return next((record for record in records if record.id == paid_by), None)


def _recorded(record: Transaction | None, names: dict[str, str]) -> dict[str, Any]:
    """The fields of a link that are about the ledger's record."""
    if record is None:
        return {}
    return {
        "number": record.id,
        "recorded": record_title(record, names) or kind_label(record.kind),
        "minutes": moved_minutes(record),
        "reverses": record.reverses,
        "reversed_by": record.reversed_by,
    }


def _step_title(exchange: Exchange, event: ExchangeEvent) -> str:
    title = f"{event.school.name} {done_words(exchange, Step(event.step))}"
    if event.minutes is not None and event.on_date is not None:
        title += f": {amount(exchange, event.minutes)}, {short_day(event.on_date)}"
    return title


def _who(event: ExchangeEvent, record: Transaction | None, actors: dict[str, str]) -> str:
    """The person with role and school as they were; the role is left out where nobody noted it."""
    if event.person is None:
        return actors[record.actor] if record is not None else "The network"
    if event.roles:
        return f"{event.person.name}, {event.roles} at {event.school.name}"
    if record is not None and actors[record.actor].startswith(f"{event.person.name}, "):
        return actors[record.actor]
    return f"{event.person.name}, {event.school.name}"
