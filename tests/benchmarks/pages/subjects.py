"""What the pages are opened of: an average school, the busiest one, and what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.credits.chart import SCHOOLS, account_names
from marketplace.exchanges.models import Exchange, State
from marketplace.listings.models import Listing, ListingStatus
from marketplace.schools.models import School, Trust


@dataclass(frozen=True, slots=True)
class Member:
    """A school, one of its coordinators, how many entries it has, and its busiest partner."""

    urn: int
    name: str
    person: Person
    entries: int
    partner_urn: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the pages of a network are opened of."""

    average: Member
    busiest: Member
    operator: Person
    auditor: Person
    exchange_id: int
    transaction_id: int
    trust_name: str
    past_day: date
    trust_finance: Person
    schools_of_trust: int
    listing_id: int
    postcode: str


SCHOOLS_OF_TRUST = 60
"""How many schools the trust has that is consolidated, or as nearly as the network has one."""


def choose_subjects(session: Session) -> Subjects:
    """Choose what the pages are opened of; the same each time for the same database."""
    trust_finance, schools_of_trust = _trust_finance(session)
    entry, account = schema.entry, schema.account
    counts = session.execute(
        sa.select(account.c.code, sa.func.count())
        .select_from(entry.join(account, account.c.id == entry.c.account_id))
        .where(account.c.code.startswith(SCHOOLS))
        .group_by(account.c.code)
        .order_by(sa.func.count(), account.c.code)
    ).all()
    mean = sum(count for _, count in counts) / len(counts)
    average_code, average_count = min(counts, key=lambda row: abs(row[1] - mean))
    busiest_code, busiest_count = counts[-1]
    average = _member(session, average_code, average_count)
    exchange = session.execute(
        sa.select(Exchange.id, Exchange.standing_transaction_id)
        .where(
            Exchange.state == State.CONFIRMED,
            Exchange.standing_transaction_id.is_not(None),
            sa.or_(Exchange.provider_urn == average.urn, Exchange.receiver_urn == average.urn),
        )
        .order_by(Exchange.id.desc())
        .limit(1)
    ).one()
    trust_name = session.scalars(
        sa.select(Trust.name)
        .join(School, School.trust_id == Trust.id)
        .where(School.joined_at.is_not(None))
        .group_by(Trust.id, Trust.name)
        .order_by(sa.func.count().desc(), Trust.id)
        .limit(1)
    ).one()
    first, last = session.execute(
        sa.select(sa.func.min(entry.c.recorded_at), sa.func.max(entry.c.recorded_at))
    ).one()
    middle = first + (last - first) / 2
    return Subjects(
        average=average,
        busiest=_member(session, busiest_code, busiest_count),
        operator=_person(session, Role.OPERATOR, None),
        auditor=_person(session, Role.AUDITOR, None),
        exchange_id=exchange.id,
        transaction_id=exchange.standing_transaction_id,
        trust_name=trust_name,
        past_day=middle.date() - timedelta(days=1),
        trust_finance=trust_finance,
        schools_of_trust=schools_of_trust,
        listing_id=session.scalars(
            sa.select(sa.func.max(Listing.id)).where(
                Listing.audience == "national", Listing.status == ListingStatus.OPEN
            )
        ).one(),
        postcode=session.get_one(School, average.urn).postcode or "",
    )


def _trust_finance(session: Session) -> tuple[Person, int]:
    """Somebody who reads the credits of a trust, and how many schools it has.

    They are made: people of trusts are few in a demo.
    """
    trust_id, schools = session.execute(
        sa.select(School.trust_id, sa.func.count())
        .where(School.joined_at.is_not(None), School.trust_id.is_not(None))
        .group_by(School.trust_id)
        .order_by(sa.func.abs(sa.func.count() - SCHOOLS_OF_TRUST), School.trust_id)
        .limit(1)
    ).one()
    email = f"trust.{trust_id}@benchmark.example"
    person = session.scalar(sa.select(Person).where(Person.email == email))
    if person is None:
        now = clock.now()
        person = Person(email=email, name="Finance of a trust", created_at=now)
        session.add(person)
        session.flush()
        role = Role.TRUST_FINANCE
        grant = {"person_id": person.id, "trust_id": trust_id, "role": role, "granted_at": now}
        session.add(TrustGrant(**grant))
        session.commit()
        session.refresh(person)
    return person, schools


def _member(session: Session, code: str, entries: int) -> Member:
    urn = int(code.removeprefix(SCHOOLS))
    return Member(
        urn=urn,
        name=account_names(session, [code])[code],
        person=_person(session, Role.COORDINATOR, urn),
        entries=entries,
        partner_urn=_busiest_partner(session, code),
    )


def _person(session: Session, role: Role, urn: int | None) -> Person:
    """A person who has this role and no other."""
    alone = (
        sa.select(RoleGrant.person_id)
        .group_by(RoleGrant.person_id)
        .having(sa.func.count() == 1)
        .scalar_subquery()
    )
    return session.scalars(
        sa.select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, RoleGrant.school_urn == urn, Person.id.in_(alone))
        .order_by(Person.id)
        .limit(1)
    ).one()


def _busiest_partner(session: Session, code: str) -> int:
    """The school with which the account ``code`` has the most transactions."""
    entry, account = schema.entry, schema.account
    other_entry, other_account = entry.alias(), account.alias()
    partner = session.scalars(
        sa.select(other_account.c.code)
        .select_from(account)
        .join(entry, entry.c.account_id == account.c.id)
        .join(other_entry, other_entry.c.transaction_id == entry.c.transaction_id)
        .join(other_account, other_account.c.id == other_entry.c.account_id)
        .where(
            account.c.code == code,
            other_account.c.code != code,
            other_account.c.code.startswith(SCHOOLS),
        )
        .group_by(other_account.c.code)
        .order_by(sa.func.count().desc(), other_account.c.code)
        .limit(1)
    ).one()
    return int(partner.removeprefix(SCHOOLS))
