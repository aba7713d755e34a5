"""The figures of a trust: each of its schools, and all of them consolidated.

All amounts are whole minutes. What one school of the trust paid another is within the trust: it is
no help given or received by the trust, and comes to nothing in the sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Account, Book
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.credits.chart import SCHOOLS, account_code
from marketplace.errors import NotFound
from marketplace.schools.models import School, Trust
from marketplace.statements.figures import Figures, Moved, figures_by_account
from marketplace.statements.period import Period


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """What a school of the trust came to; ``outside`` and ``within`` add up to all that moved.

    ``outside`` is what moved between it and all but the trust's schools, ``within`` what moved
    between it and them. ``account`` is as it stands now.
    """

    urn: int
    opening: int
    outside: Moved
    within: Moved
    account: Account

    @property
    def closing(self) -> int:
        """The balance at the end of the period."""
        return self.opening + self.outside.net + self.within.net


@dataclass(frozen=True, slots=True)
class TrustFigures:
    """The schools of a trust with their figures, and what the trust gave and received as one.

    ``by_month`` and ``by_partner`` (codes of schools outside) leave out what moved within.
    """

    schools: tuple[SchoolFigures, ...]
    by_month: Mapping[date, Moved]
    by_partner: Mapping[str, Moved]

    @property
    def opening(self) -> int:
        """The balances of all schools when the period began."""
        return sum(school.opening for school in self.schools)

    @property
    def outside(self) -> Moved:
        """What moved between the trust and everyone else."""
        return sum((school.outside for school in self.schools), Moved())

    @property
    def moved_within(self) -> int:
        """What the trust's schools gave each other."""
        return sum(school.within.given for school in self.schools)

    @property
    def closing(self) -> int:
        """The balances of all schools at the end of the period."""
        return sum(school.closing for school in self.schools)

    @property
    def held(self) -> int:
        """What is held now of the credits of all schools."""
        return sum(school.account.held_out for school in self.schools)

    @property
    def available(self) -> int | None:
        """What all schools can spend now; ``None`` if one of them has no limit."""
        amounts = [school.account.available for school in self.schools]
        known = [amount for amount in amounts if amount is not None]
        return sum(known) if len(known) == len(amounts) else None


@dataclass(frozen=True, slots=True)
class TrustSchools:
    """A trust's name and its schools that take part, by name; some may have closed since.

    ``joined_at`` is when the first of them joined the network.
    """

    name: str
    urns: tuple[int, ...]
    joined_at: datetime


def trust_of(actor: Actor) -> int:
    """Return the trust whose credits ``actor`` reads.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for belongs to no trust.
    """
    actor.require(Permission.VIEW_TRUST_CREDITS)
    if actor.trust_id is None:
        raise NotFound
    return actor.trust_id


def schools_of_trust(session: Session, trust_id: int) -> TrustSchools:
    """Return the trust and its schools that take part, in one statement."""
    rows = session.execute(
        sa.select(Trust.name, School.urn, School.joined_at)
        .join(School, School.trust_id == Trust.id)
        .where(Trust.id == trust_id, School.joined_at.is_not(None))
        .order_by(School.name, School.urn)
    ).all()
    if not rows:
        raise NotFound
    return TrustSchools(
        name=rows[0].name,
        urns=tuple(row.urn for row in rows),
        joined_at=min(row.joined_at for row in rows),
    )


def find_school_of_trust(session: Session, actor: Actor, urn: int) -> School:
    """Return a school of the trust whose credits ``actor`` reads.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school does not take part, or not as one of this trust.
    """
    school = session.scalar(
        sa.select(School).where(
            School.urn == urn,
            School.trust_id == trust_of(actor),
            School.joined_at.is_not(None),
        )
    )
    if school is None:
        raise NotFound
    return school


def reads_one_of(session: Session, actor: Actor, codes: Iterable[str]) -> bool:
    """Say whether ``actor`` reads one of the accounts ``codes`` as finance staff of a trust."""
    if not actor.may(Permission.VIEW_TRUST_CREDITS) or actor.trust_id is None:
        return False
    urns = schools_of_trust(session, actor.trust_id).urns
    return not {account_code(urn) for urn in urns}.isdisjoint(codes)


def trust_figures(session: Session, urns: Iterable[int], period: Period) -> TrustFigures:
    """Return the figures of a trust with the schools ``urns``; three statements however many."""
    urn_by_code = {account_code(urn): urn for urn in urns}
    codes = list(urn_by_code)
    accounts = Book(session).balances(codes)
    by_account = figures_by_account(session, codes, period)
    schools = []
    by_month: defaultdict[date, Moved] = defaultdict(Moved)
    by_partner: defaultdict[str, Moved] = defaultdict(Moved)
    for code, urn in urn_by_code.items():
        if code in accounts:
            within = _within(by_account[code], urn_by_code)
            schools.append(
                SchoolFigures(
                    urn=urn,
                    opening=by_account[code].opening,
                    outside=_less(by_account[code], within),
                    within=within,
                    account=accounts[code],
                )
            )
            for (month, partner), moved in by_account[code].by_month_and_partner.items():
                if partner not in urn_by_code:
                    by_month[month] += moved
                    if partner is not None and partner.startswith(SCHOOLS):
                        by_partner[partner] += moved
    return TrustFigures(tuple(schools), by_month, by_partner)


def _within(figures: Figures, codes: Mapping[str, int]) -> Moved:
    """What moved between an account and the accounts ``codes``."""
    return sum(
        (moved for partner, moved in figures.by_partner.items() if partner in codes), Moved()
    )


def _less(whole: Moved, part: Moved) -> Moved:
    return Moved(whole.given - part.given, whole.received - part.received, whole.other - part.other)
