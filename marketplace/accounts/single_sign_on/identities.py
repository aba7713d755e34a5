"""Connecting what a provider calls a person with their account here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.accounts.single_sign_on.providers import Claims, Provider, provider_label
from marketplace.errors import NotFound, Refusal
from marketplace.mail.service import queue_email
from marketplace.web.addresses import site_link


@dataclass(frozen=True, slots=True)
class ConnectedIdentity:
    """An account elsewhere that opens the person's account here."""

    id: int
    provider: str
    email: str
    connected_at: datetime
    last_used_at: datetime | None


def identities_of(session: Session, person_id: int) -> list[ConnectedIdentity]:
    """Return the accounts elsewhere that are connected with the person's, the oldest first."""
    return [
        ConnectedIdentity(
            identity.id,
            identity.provider,
            identity.email,
            identity.connected_at,
            identity.last_used_at,
        )
        for identity in session.scalars(
            sa.select(Identity).where(Identity.person_id == person_id).order_by(Identity.id)
        )
    ]


def person_signing_in(session: Session, provider: Provider, claims: Claims) -> Person | None:
    """Return whose account the identity opens; ``None`` if it opens none.

    At its first use it is connected with the account that has the same address, if the provider
    says that the address is verified.
    """
    identity = _find(session, claims)
    if identity is not None:
        person = session.get_one(Person, identity.person_id)
        if not person.active:
            return None
        identity.last_used_at = clock.now()
        return person
    if not claims.email or not claims.email_is_verified:
        return None
    owner = session.scalar(sa.select(Person).where(Person.email == claims.email, Person.active))
    if owner is not None:
        _connect(session, owner, provider, claims).last_used_at = clock.now()
    return owner


def connect(session: Session, person_id: int, provider: Provider, claims: Claims) -> None:
    """Connect an account elsewhere with the account of the person who is signed in.

    Raises:
        Refusal: if it opens another account.
    """
    identity = _find(session, claims)
    if identity is None:
        _connect(session, session.get_one(Person, person_id), provider, claims)
    elif identity.person_id != person_id:
        raise Refusal(
            f"This account at {provider.label} is connected with another account here. Sign in"
            " there first and disconnect it."
        )


def disconnect(session: Session, person_id: int, identity_id: int) -> None:
    """Let an account elsewhere open the person's account no longer.

    Raises:
        NotFound: if it is not connected with the person's account.
        Refusal: if the person could not sign in any more.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    identity = session.get(Identity, identity_id)
    if identity is None or identity.person_id != person_id:
        raise NotFound
    others = session.scalar(
        sa.select(sa.func.count()).where(
            Identity.person_id == person_id, Identity.id != identity_id
        )
    )
    if person.password_hash is None and not others:
        raise Refusal("This is your only way to sign in. Choose a password first.")
    label = provider_label(identity.provider)
    session.delete(identity)
    session.flush()
    _tell(session, person, SecurityKind.IDENTITY_DISCONNECTED, label)


def _find(session: Session, claims: Claims) -> Identity | None:
    return session.scalar(
        sa.select(Identity).where(
            Identity.issuer == claims.issuer, Identity.subject == claims.subject
        )
    )


def _connect(session: Session, person: Person, provider: Provider, claims: Claims) -> Identity:
    identity = Identity(
        person_id=person.id,
        provider=provider.name,
        issuer=claims.issuer,
        subject=claims.subject,
        email=claims.email,
        connected_at=clock.now(),
    )
    session.add(identity)
    session.flush()
    _tell(session, person, SecurityKind.IDENTITY_CONNECTED, provider.label)
    return identity


def _tell(session: Session, person: Person, kind: SecurityKind, label: str) -> None:
    record_security(session, kind, person_id=person.id, actor_id=person.id, provider=label)
    queue_email(
        session,
        template="identity_changed",
        to=person.email,
        person_id=person.id,
        name=person.name,
        label=label,
        is_connected=kind is SecurityKind.IDENTITY_CONNECTED,
        link=site_link("single_sign_on.connected"),
    )
