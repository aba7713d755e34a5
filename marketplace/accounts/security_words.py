"""The security log in words for people."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.security_log import SecurityKind

WORDS: dict[SecurityKind, str] = {
    SecurityKind.SIGNED_IN: "Signed in",
    SecurityKind.SIGN_IN_FAILED: "A wrong password was tried",
    SecurityKind.SIGNED_OUT: "Signed out",
    SecurityKind.SESSIONS_ENDED: "Other browsers were signed out",
    SecurityKind.NEW_DEVICE: "Signed in on a device for the first time",
    SecurityKind.DEVICE_FORGOTTEN: "A known device was forgotten",
    SecurityKind.LOCKED_OUT: "Too many wrong tries: new ones have to wait",
    SecurityKind.UNLOCKED: "Wrong tries were forgiven",
    SecurityKind.RESET_ASKED: "A link to choose a new password was asked for",
    SecurityKind.LINK_MADE: "A link to choose a password was made",
    SecurityKind.PASSWORD_CHANGED: "The password was changed",
    SecurityKind.NAME_CHANGED: "The name was changed",
    SecurityKind.ADDRESS_CHANGE_ASKED: "Another e-mail address was asked for",
    SecurityKind.ADDRESS_CHANGED: "The e-mail address was changed",
    SecurityKind.ADDRESS_WORKS_AGAIN: "E-mails are sent to the address again",
    SecurityKind.ADDRESS_RESTORED: "The former e-mail address was taken back",
    SecurityKind.SECOND_FACTOR_FAILED: "A wrong code or passkey was tried",
    SecurityKind.CONFIRMED: "It was confirmed again who it is",
    SecurityKind.AUTHENTICATOR_ADDED: "An authenticator app was set up",
    SecurityKind.AUTHENTICATOR_REMOVED: "The authenticator app was removed",
    SecurityKind.PASSKEY_ADDED: "A passkey was added",
    SecurityKind.PASSKEY_REMOVED: "A passkey was removed",
    SecurityKind.PASSKEY_COPIED: "A copy of a passkey was refused",
    SecurityKind.RECOVERY_CODES_MADE: "New recovery codes were made",
    SecurityKind.RECOVERY_CODE_USED: "A recovery code was used",
    SecurityKind.FACTORS_RESET: "The second factor was taken away",
    SecurityKind.IDENTITY_CONNECTED: "An account elsewhere was connected",
    SecurityKind.IDENTITY_DISCONNECTED: "An account elsewhere was disconnected",
    SecurityKind.CLAIM_MADE: "The school was claimed",
    SecurityKind.CLAIM_CONFIRMED: "The address of a claim was confirmed",
    SecurityKind.CLAIM_APPROVED: "A claim was approved",
    SecurityKind.CLAIM_REFUSED: "A claim was refused",
    SecurityKind.ROLES_CHANGED: "Roles were changed",
    SecurityKind.INVITED: "Someone was invited",
    SecurityKind.INVITATION_REVOKED: "An invitation was taken back",
    SecurityKind.INVITATION_ACCEPTED: "An invitation was accepted",
    SecurityKind.ERASED: "The person was erased",
    SecurityKind.SUPPORT_BEGAN: "The operator began to read the school’s pages",
    SecurityKind.SUPPORT_ENDED: "The operator stopped reading the school’s pages",
    SecurityKind.SCHOOL_JOINED: "The school was brought in",
    SecurityKind.SCHOOL_PAUSED: "The school was paused",
    SecurityKind.SCHOOL_RESUMED: "The school takes part again",
    SecurityKind.SCHOOL_LEFT: "The school left the network",
    SecurityKind.SCHOOL_SUCCEEDED: "The school was carried on by its successor",
    SecurityKind.SUCCESSOR_PROPOSED: "A successor was proposed",
    SecurityKind.SUCCESSOR_REFUSED: "A successor was refused",
    SecurityKind.NOT_ALLOWED: "A page was refused: the role does not allow it",
    SecurityKind.EXPORTED: "Data was downloaded",
}
"""What each kind of event is called; a feature that adds a kind adds its words."""

_METHODS = {
    "password": "with a password",
    "link": "with a link from an e-mail",
    "passkey": "with a passkey",
    "single_sign_on": "with single sign-on",
    "code": "with a code",
}


_NUMBERS = frozenset({"claim", "invitation"})


def event_words(kind: str, details: dict[str, Any]) -> str:
    """Return what happened, in words, with its details."""
    words = WORDS[SecurityKind(kind)] if kind in set(SecurityKind) else kind.replace("_", " ")
    parts = [_detail(name, value) for name, value in sorted(details.items())]
    return " ".join([words, *(f"({part})" for part in parts if part)])


def _detail(name: str, value: Any) -> str:
    """What one detail says; empty for the number of something, which says nothing to people."""
    if name in _NUMBERS:
        return ""
    if name == "method":
        return _METHODS.get(str(value), str(value))
    if name == "number":
        return "one browser" if value == 1 else f"{value} browsers"
    if name == "roles":
        return f"now: {value}"
    return str(value)
