"""Reading which exchanges had one person on both sides, and what trusts have decided."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.same_person.models import SamePersonRule
from marketplace.exchanges.same_person.rules import people_acting_for
from marketplace.web.paging import Page, paginate

PAGE = 30


@dataclass(frozen=True, slots=True)
class SamePersonRow:
    """An exchange, and the names of who acted for both of its schools."""

    exchange: Exchange
    people: tuple[str, ...]


def list_same_person(
    session: Session, *, after: str = "", limit: int = PAGE
) -> Page[SamePersonRow]:
    """Return a page of the exchanges in which one person acted for both schools, newest first."""
    page = paginate(
        session,
        sa.select(Exchange)
        .where(Exchange.same_person)
        .options(joinedload(Exchange.provider), joinedload(Exchange.receiver)),
        Exchange.id.desc(),
        after=after,
        limit=limit,
    )
    steps: defaultdict[int, list[ExchangeEvent]] = defaultdict(list)
    ids = [exchange.id for exchange in page.rows]
    for step in session.scalars(
        sa.select(ExchangeEvent)
        .where(ExchangeEvent.exchange_id.in_(ids))
        .options(joinedload(ExchangeEvent.person), joinedload(ExchangeEvent.school))
    ):
        steps[step.exchange_id].append(step)
    return page.map(lambda exchange: SamePersonRow(exchange, _names(exchange, steps[exchange.id])))


def rules_of(session: Session, trust_id: int) -> list[SamePersonRule]:
    """Return every decision of a trust, the latest first."""
    return list(
        session.scalars(
            sa.select(SamePersonRule)
            .where(SamePersonRule.trust_id == trust_id)
            .options(joinedload(SamePersonRule.person))
            .order_by(SamePersonRule.id.desc())
        )
    )


def _names(exchange: Exchange, steps: list[ExchangeEvent]) -> tuple[str, ...]:
    both = people_acting_for(steps, exchange.provider_urn) & people_acting_for(
        steps, exchange.receiver_urn
    )
    names = {step.person_id: step.person.name for step in steps if step.person is not None}
    return tuple(sorted(names[person_id] for person_id in both))
