"""People with second factors, and the codes of their apps."""

from __future__ import annotations

import pyotp

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import authenticators, recovery_codes
from marketplace.accounts.second_factors.models import Authenticator
from marketplace.database import db


def with_authenticator(person: Person) -> str:
    """Give the person an authenticator app, set up some time ago; return its secret."""
    session = db.session()
    secret = pyotp.random_base32()
    assert authenticators.add(session, person, secret, code_of(secret))
    session.get_one(Authenticator, person.id).last_step -= 100
    session.flush()
    return secret


def with_recovery_codes(person: Person) -> list[str]:
    """Give the person recovery codes."""
    return recovery_codes.make(db.session(), person)


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code that an app with this secret shows now, or (``steps``) at another half minute."""
    present = int(clock.now().timestamp()) // authenticators.SECONDS
    return pyotp.TOTP(secret).generate_otp(present + steps)
