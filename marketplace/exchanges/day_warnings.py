"""Warnings about the day of an exchange: weekends, holidays, INSET days."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.calendar.queries import school_calendar
from marketplace.exchanges.models import Exchange
from marketplace.schools.models import School
from marketplace.web.formats import day


def day_warnings(session: Session, exchange: Exchange) -> list[str]:
    """Return a sentence if the day of an exchange is not a school day at one of its schools.

    It refuses nothing: two schools may meet on an INSET day because it is one.
    """
    warnings: dict[str, list[str]] = {}
    schools = session.scalars(
        sa.select(School)
        .where(School.urn.in_((exchange.provider_urn, exchange.receiver_urn)))
        .order_by(School.urn == exchange.receiver_urn)
    )
    for school in schools.all():
        calendar = school_calendar(
            session, school.urn, school.local_authority_code, since=exchange.on_date
        )
        no_school = calendar.no_school(exchange.on_date)
        if no_school is not None:
            is_so = "may not be" if no_school.guessed else "is not"
            warnings.setdefault(f"{is_so} a school day at %s: {no_school.reason}", []).append(
                school.name
            )
    return [
        f"Check the date: {day(exchange.on_date)} {words % ' and '.join(names)}."
        for words, names in warnings.items()
    ]
