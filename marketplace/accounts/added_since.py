"""Ways into an account that were added since an instant, when its owner takes it back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import recovery_codes
from marketplace.accounts.second_factors.factors import has_factor
from marketplace.accounts.second_factors.models import Authenticator, Passkey, RecoveryCode
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.accounts.single_sign_on.providers import provider_label


def remove_added_since(session: Session, person: Person, since: datetime) -> list[str]:
    """Take away the second factors, recovery codes and connected accounts added from ``since`` on.

    Those that were there before stay. Each is noted in the security log.

    Returns:
        What was taken away, in words for the person.
    """
    removed: list[str] = []

    def note(kind: SecurityKind, words: str) -> None:
        record_security(session, kind, person_id=person.id, actor_id=person.id)
        removed.append(words)

    authenticator = session.get(Authenticator, person.id)
    if authenticator is not None and authenticator.created_at >= since:
        session.delete(authenticator)
        note(SecurityKind.AUTHENTICATOR_REMOVED, "an authenticator app")
    for passkey in session.scalars(
        sa.select(Passkey)
        .where(Passkey.person_id == person.id, Passkey.created_at >= since)
        .order_by(Passkey.id)
    ).all():
        session.delete(passkey)
        note(SecurityKind.PASSKEY_REMOVED, f"the passkey “{passkey.name}”")
    for identity in session.scalars(
        sa.select(Identity)
        .where(Identity.person_id == person.id, Identity.connected_at >= since)
        .order_by(Identity.id)
    ).all():
        session.delete(identity)
        label = provider_label(identity.provider)
        note(SecurityKind.IDENTITY_DISCONNECTED, f"the sign-in with {label} ({identity.email})")
    session.flush()
    if not has_factor(session, person.id):
        recovery_codes.forget(session, person)
    else:
        _forget_new_codes(session, person, since, removed)
    return removed


def _forget_new_codes(
    session: Session, person: Person, since: datetime, removed: list[str]
) -> None:
    result = session.execute(
        sa.delete(RecoveryCode).where(
            RecoveryCode.person_id == person.id, RecoveryCode.created_at >= since
        ),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, sa.CursorResult)
    if result.rowcount:
        removed.append("the recovery codes")
