"""The sections of the account page that accounts itself has."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from flask_login import current_user
from sqlalchemy.orm import Session

from marketplace.accounts import one_time_links
from marketplace.accounts.account_sections import Section, account_sections
from marketplace.accounts.models import Person, SecurityEvent
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.security_log import SecurityKind
from marketplace.accounts.sessions import count_open, limits_for
from marketplace.settings import current_settings
from marketplace.web.formats import day


def init_app(app: Flask) -> None:
    """Add the sections to the account page."""
    for section in (
        Section("Name", "accounts.name", _name, 10),
        Section("E-mail address", "accounts.address", _address, 20),
        Section("Password", "accounts.password", _password, 30),
        Section("Where you are signed in", "accounts.signed_in", _signed_in, 50, "Look"),
        Section("E-mails sent to you", "accounts.own_emails", _emails, 75, "Look"),
        Section("What is held on you", "accounts.own_data", _data, 80, "Download"),
        Section("Security log", "accounts.own_security", _security, 90, "Look"),
    ):
        account_sections(app).add(section)


def _name(_session: Session, _person_id: int) -> str:
    return str(current_user.name)


def _address(session: Session, person_id: int) -> str:
    waiting = one_time_links.open_link(session, person_id, Purpose.ADDRESS_CHANGE)
    if waiting is None:
        return str(current_user.email)
    return f"{current_user.email}; {waiting.address} waits to be confirmed"


def _password(session: Session, person_id: int) -> str:
    changed_at = _last(session, person_id, SecurityKind.PASSWORD_CHANGED)
    if session.get_one(Person, person_id).password_hash is None:
        return "You have none"
    return f"Changed on {day(changed_at)}" if changed_at else "Set"


def _signed_in(session: Session, person_id: int) -> str:
    limits = limits_for(current_settings().sign_in, current_user.all_roles)
    number = count_open(session, person_id, limits)
    return "Only here" if number == 1 else f"In {number} browsers"


def _emails(_session: Session, _person_id: int) -> str:
    if current_user.address_fails:
        return "They come back: correct your address"
    return "When each was sent, and whether it arrived"


def _security(session: Session, person_id: int) -> str:
    failed_at = _last(session, person_id, SecurityKind.SIGN_IN_FAILED)
    if failed_at is None:
        return "Nobody has tried a wrong password"
    return f"A wrong password was last tried on {day(failed_at)}"


def _data(_session: Session, _person_id: int) -> str:
    return "Everything, as a file (JSON)"


def _last(session: Session, person_id: int, kind: SecurityKind) -> datetime | None:
    """When something of this kind last happened to the account."""
    return session.scalars(
        sa.select(SecurityEvent.occurred_at)
        .where(SecurityEvent.person_id == person_id, SecurityEvent.kind == kind)
        .order_by(SecurityEvent.id.desc())
        .limit(1)
    ).first()
