"""The security log: who signed in, who was refused, what changed about accounts and roles.

A line is written where it happens and never changed. It names people and schools by number, and
holds no passwords, links, texts or names.
"""

from __future__ import annotations

from enum import StrEnum

from flask import g, has_request_context
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import SecurityEvent
from marketplace.application import keep
from marketplace.web.client_address import client_address
from marketplace.web.devices import current_device


class SecurityKind(StrEnum):
    """What a line of the security log is about; the values are stored."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    NEW_DEVICE = "new_device"
    DEVICE_FORGOTTEN = "device_forgotten"
    LOCKED_OUT = "locked_out"
    UNLOCKED = "unlocked"
    RESET_ASKED = "reset_asked"
    LINK_MADE = "link_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # it is not a password
    SECOND_FACTOR_FAILED = "second_factor_failed"
    CONFIRMED = "confirmed"
    AUTHENTICATOR_ADDED = "authenticator_added"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    FACTORS_RESET = "factors_reset"
    NAME_CHANGED = "name_changed"
    ADDRESS_CHANGE_ASKED = "address_change_asked"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_RESTORED = "address_restored"
    ADDRESS_WORKS_AGAIN = "address_works_again"
    ROLES_CHANGED = "roles_changed"
    IDENTITY_CONNECTED = "identity_connected"
    IDENTITY_DISCONNECTED = "identity_disconnected"
    INVITED = "invited"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_ACCEPTED = "invitation_accepted"
    NOT_ALLOWED = "not_allowed"
    EXPORTED = "exported"
    ERASED = "erased"
    SUPPORT_BEGAN = "support_began"
    SUPPORT_ENDED = "support_ended"
    CLAIM_MADE = "claim_made"
    CLAIM_CONFIRMED = "claim_confirmed"
    CLAIM_APPROVED = "claim_approved"
    CLAIM_REFUSED = "claim_refused"
    SCHOOL_JOINED = "school_joined"
    SCHOOL_PAUSED = "school_paused"
    SCHOOL_RESUMED = "school_resumed"
    SCHOOL_LEFT = "school_left"
    SCHOOL_SUCCEEDED = "school_succeeded"
    SUCCESSOR_PROPOSED = "successor_proposed"
    SUCCESSOR_REFUSED = "successor_refused"


def record_security(
    session: Session,
    kind: SecurityKind,
    *,
    person_id: int | None = None,
    actor_id: int | None = None,
    school_urn: int | None = None,
    **details: str | int,
) -> None:
    """Add a line to the security log, in the caller's transaction.

    Args:
        person_id: whose account it concerns.
        actor_id: who did it.
        details: short words and numbers, never secrets, names or texts.
    """
    session.add(_event(kind, person_id, actor_id, school_urn, details))


def record_apart(
    kind: SecurityKind,
    *,
    person_id: int | None = None,
    actor_id: int | None = None,
    school_urn: int | None = None,
    **details: str | int,
) -> None:
    """Add a line once the request is over, in a transaction of its own.

    For what is refused, because the request's own transaction is rolled back then, and for what
    is only read, because a request that reads cannot write.
    """
    event = _event(kind, person_id, actor_id, school_urn, details)
    keep(lambda session: session.add(event))


def _event(
    kind: SecurityKind,
    person_id: int | None,
    actor_id: int | None,
    school_urn: int | None,
    details: dict[str, str | int],
) -> SecurityEvent:
    in_request = has_request_context()
    return SecurityEvent(
        kind=kind,
        occurred_at=clock.now(),
        person_id=person_id,
        actor_id=actor_id,
        school_urn=school_urn,
        address=(client_address() or None) if in_request else None,
        device=current_device() if in_request else None,
        request_id=g.get("request_id") if in_request else None,
        details=details,
    )
