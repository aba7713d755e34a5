"""What the person, and the security log, are told when something about their factors changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.mail.service import queue_email
from marketplace.web.devices import current_device

SENTENCES: dict[SecurityKind, str] = {
    SecurityKind.AUTHENTICATOR_ADDED: "An authenticator app was set up for your account",
    SecurityKind.AUTHENTICATOR_REMOVED: "The authenticator app was removed from your account",
    SecurityKind.PASSKEY_ADDED: "A passkey was added to your account",
    SecurityKind.PASSKEY_REMOVED: "A passkey was removed from your account",
    SecurityKind.RECOVERY_CODES_MADE: "New recovery codes were made for your account",
    SecurityKind.RECOVERY_CODE_USED: "A recovery code was used to sign in to your account",
}
"""The subject of the e-mail about each kind."""


def tell(session: Session, kind: SecurityKind, person: Person) -> None:
    """Note a change that the person made, and tell them by e-mail."""
    record_security(session, kind, person_id=person.id, actor_id=person.id)
    queue_email(
        session,
        template="second_factor_changed",
        to=person.email,
        person_id=person.id,
        sentence=SENTENCES[kind],
        person_name=person.name,
        occurred_at=clock.now(),
        device=current_device(),
    )


def tell_of_reset(session: Session, person: Person, by: str) -> None:
    """Tell the person by e-mail that their factors were taken away, and by whom."""
    queue_email(
        session,
        template="second_factor_reset",
        to=person.email,
        person_id=person.id,
        person_name=person.name,
        by=by,
    )
