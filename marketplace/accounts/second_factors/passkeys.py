"""Passkeys: what the browser is asked for, and what its answer proves (WebAuthn, level 2)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from flask import request
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_user_handle
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors.challenges import (
    Purpose,
    make_challenge,
    read_challenge,
    use_challenge,
)
from marketplace.accounts.second_factors.models import LONGEST_CREDENTIAL_ID, Passkey
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.settings import current_settings

SITE_NAME = "Skillbank"
LONGEST_ANSWER = 20_000
"""Characters of JSON."""
CREDENTIAL_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_CREDENTIAL_ID}}}")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site, as passkeys know it: they answer to this name, from pages of this origin only."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class PasskeyRequest:
    """What a browser is asked for: the ceremony, its options as JSON, and the signed challenge."""

    ceremony: Literal["create", "get"]
    options: str
    challenge: str


def relying_party() -> RelyingParty | None:
    """Return the site's name and origin, from its address; ``None`` if passkeys cannot work there.

    Passkeys belong to a name, and an IP address is none. A site that is only tried on one's own
    machine, at such an address, has passkeys where it is opened as ``localhost``.
    """
    settings = current_settings()
    address = urlsplit(settings.site_url)
    if _is_number(address.hostname) and not settings.production:
        address = urlsplit(f"{request.scheme}://{request.host}")
        if address.hostname != "localhost":
            return None
    if address.hostname is None or _is_number(address.hostname):
        return None
    return RelyingParty(address.hostname, f"{address.scheme}://{address.netloc}")


def sign_in_request() -> PasskeyRequest | None:
    """Return the request with which any person's passkey signs them in; ``None`` if none can."""
    return _get_request(Purpose.SIGN_IN, None, [])


def proof_request(session: Session, person: Person, purpose: Purpose) -> PasskeyRequest | None:
    """Return the request that one of the person's passkeys answers; ``None`` without any."""
    passkeys = of_person(session, person.id)
    return _get_request(purpose, person.id, passkeys) if passkeys else None


def add_request(session: Session, person: Person) -> PasskeyRequest | None:
    """Return the request that makes a new passkey; ``None`` if passkeys cannot work here."""
    site = relying_party()
    if site is None:
        return None
    passkeys = of_person(session, person.id)
    handle = base64url_to_bytes(passkeys[0].user_handle) if passkeys else generate_user_handle()
    challenge, signed = make_challenge(Purpose.ADD, person.id, bytes_to_base64url(handle))
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=SITE_NAME,
        user_id=handle,
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        exclude_credentials=_descriptors(passkeys),
        # The device asks for a finger, a face or a PIN, so a passkey counts as both factors.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return PasskeyRequest("create", webauthn.options_to_json(options), signed)


def add(session: Session, person: Person, *, challenge: str, answer: str, name: str) -> bool:
    """Keep the passkey that a browser has made; say whether its answer proves that.

    The challenge is the one of ``add_request``; it works once.
    """
    site = relying_party()
    expected = read_challenge(session, Purpose.ADD, person.id, challenge)
    if site is None or expected is None or len(answer) > LONGEST_ANSWER:
        return False
    try:
        result = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=expected.value,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever a browser sends; the library raises many kinds
        return False
    credential_id = bytes_to_base64url(result.credential_id)
    if not CREDENTIAL_ID.fullmatch(credential_id) or _find(session, credential_id) is not None:
        return False
    use_challenge(session, expected)
    session.add(
        Passkey(
            person_id=person.id,
            credential_id=credential_id,
            user_handle=expected.user_handle,
            public_key=result.credential_public_key,
            sign_count=result.sign_count,
            name=name,
            created_at=clock.now(),
        )
    )
    session.flush()
    return True


def prove(
    session: Session, purpose: Purpose, person_id: int | None, *, challenge: str, answer: str
) -> Passkey | None:
    """Return the passkey that has answered a challenge, or ``None`` if the answer proves nothing.

    Args:
        person_id: whose passkey it must be; ``None`` if that is what the answer is to tell.

    A passkey whose count has not grown may have been copied: it is refused and noted.
    """
    site = relying_party()
    expected = read_challenge(session, purpose, person_id, challenge)
    if site is None or expected is None or len(answer) > LONGEST_ANSWER:
        return None
    passkey = _answering(session, answer)
    if passkey is None or person_id not in (None, passkey.person_id):
        return None
    try:
        result = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=expected.value,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # compared below, to tell a copy from a forgery
            require_user_verification=True,
        )
    except Exception:  # whatever a browser sends; the library raises many kinds
        return None
    count = result.new_sign_count
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        record_apart(
            SecurityKind.PASSKEY_COPIED,
            person_id=passkey.person_id,
            passkey=passkey.id,
            count=count,
            expected_above=passkey.sign_count,
        )
        return None
    use_challenge(session, expected)
    passkey.sign_count = count
    passkey.last_used_at = clock.now()
    session.flush()
    return passkey


def of_person(session: Session, person_id: int) -> list[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    return list(
        session.scalars(
            sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
        )
    )


def _is_number(host: str | None) -> bool:
    try:
        ip_address(host or "")
    except ValueError:
        return False
    return True


def _get_request(
    purpose: Purpose, person_id: int | None, passkeys: list[Passkey]
) -> PasskeyRequest | None:
    site = relying_party()
    if site is None:
        return None
    challenge, signed = make_challenge(purpose, person_id)
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        allow_credentials=_descriptors(passkeys),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return PasskeyRequest("get", webauthn.options_to_json(options), signed)


def _answering(session: Session, answer: str) -> Passkey | None:
    """Return the passkey that an answer names, if the answer names its person rightly, too."""
    try:
        values: dict[str, Any] = json.loads(answer)
        credential_id, handle = values["id"], values["response"].get("userHandle")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    passkey = _find(session, credential_id)
    if passkey is None or (handle and str(handle).rstrip("=") != passkey.user_handle):
        return None
    return passkey


def _find(session: Session, credential_id: object) -> Passkey | None:
    if not isinstance(credential_id, str) or not CREDENTIAL_ID.fullmatch(credential_id):
        return None
    return session.scalar(sa.select(Passkey).where(Passkey.credential_id == credential_id))


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id))
        for passkey in passkeys
    ]
