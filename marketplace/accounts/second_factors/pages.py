"""The pages of second factors, all in one place to be added to the application."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from marketplace.accounts.access import NotConfirmed
from marketplace.accounts.account_sections import Section, account_sections
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import (
    confirming,
    factors,
    holdings,
    passkey_views,
    passkeys,
    sign_in_views,
    views,
)

VIEWS = (confirming, passkey_views, sign_in_views, views)
"""They are in the blueprint of accounts, to which importing them has added them."""


def init_app(app: Flask) -> None:
    """Ask again where a view says so, and offer passkeys on the sign-in page."""
    app.register_error_handler(NotConfirmed, confirming.ask_again)
    holdings.init_app(app)
    account_sections(app).add(Section("Second factor", "accounts.second_factor", _state, order=40))
    app.add_template_global(passkeys.sign_in_request, "passkey_sign_in_request")


def _state(session: Session, person_id: int) -> str:
    """What the account page says of a person's second factor."""
    held = factors.factors_of(session, session.get_one(Person, person_id))
    names = ["an authenticator app"] if held.authenticator_since is not None else []
    if held.passkeys:
        number = len(held.passkeys)
        names.append("a passkey" if number == 1 else f"{number} passkeys")
    return f"You have {' and '.join(names)}" if names else "You have none"
