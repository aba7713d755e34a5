"""Claims, made through the services, and the links that were e-mailed."""

from __future__ import annotations

import re
from itertools import count

import sqlalchemy as sa

from marketplace.claims.models import Claim
from marketplace.claims.service import Claimant, confirm_claim, make_claim
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.schools.models import School
from marketplace.settings import Policy

_numbers = count(1)


def claimant(email: str, **facts: object) -> Claimant:
    """Somebody who claims a school, each from a network address of their own."""
    number = next(_numbers)
    values = {"name": f"Claimant {number}", "job": "Head teacher", "roles": frozenset()}
    network_address = f"192.0.{number // 250}.{number % 250}"
    return Claimant(**{**values, "network_address": network_address, **facts}, email=email)


def claimed(school: School, email: str | None = None, **facts: object) -> Claim:
    """A claim whose address is not confirmed yet."""
    number = next(_numbers)
    who = claimant(email or f"claimant{number}@gmail.com", **facts)
    return make_claim(db.session(), school, who, idempotency_key=f"claim of a test {number}")


def waiting_claim(school: School, email: str | None = None, **facts: object) -> Claim:
    """A claim that waits for the operator."""
    claim = claimed(school, email, **facts)
    confirmed = confirm_claim(db.session(), token_for(claim.email), Policy())
    assert confirmed is claim
    return claim


def emails_to(address: str, template: str = "") -> list[Email]:
    """The e-mails to an address, the newest last."""
    emails = db.session().scalars(
        sa.select(Email).where(Email.to_address == address).order_by(Email.id)
    )
    return [email for email in emails if template in ("", email.template)]


def token_for(address: str) -> str:
    """The secret in the newest link that confirms a claim of this address."""
    return link_in(emails_to(address, "claim_link")[-1], "claims").rpartition("/")[2]


def link_in(email: Email, page: str) -> str:
    """The path of the link to ``page`` in an e-mail."""
    match = re.search(rf"https?://[^/\s]+(/{page}/\S+)", email.text or "")
    assert match, email.text
    return match[1]
