"""Signing in with an account elsewhere, by OpenID Connect: Microsoft, Google, DfE Sign-in, others.

An identity is what a provider calls a person: its issuer and its subject, never the e-mail
address, which may be given to somebody else. It opens the account that it is connected with:

- A person who is signed in connects it on their account page.
- Otherwise it connects itself at its first use if the provider says in so many words that the
  address is verified, and an account has that address. An address that a provider merely repeats
  connects nothing, because whoever runs a tenant may write any address there.

A second factor is asked for as after a password.
"""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from marketplace.accounts.account_sections import Section, account_sections
from marketplace.accounts.single_sign_on import providers, views
from marketplace.accounts.single_sign_on.identities import identities_of
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.privacy.holdings import Delete, Holding, get_holdings


def init_app(app: Flask) -> None:
    """Add the providers of the settings, the pages, and what is held on people."""
    providers.init_app(app)
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals["sign_in_providers"] = views.sign_in_links
    if providers.configured(app.extensions["skillbank.settings"].single_sign_on):
        account_sections(app).add(
            Section("Your school’s account", "single_sign_on.connected", _state, order=45)
        )
    get_holdings(app).add(
        Holding(
            "accounts elsewhere",
            about="the accounts at Microsoft, Google or others with which you sign in here",
            column=Identity.person_id,
            shown=(
                Identity.provider,
                Identity.email,
                Identity.connected_at,
                Identity.last_used_at,
            ),
            on_erasure=Delete(),
        )
    )


def _state(session: Session, person_id: int) -> str:
    """What the account page says of a person's accounts elsewhere."""
    number = len(identities_of(session, person_id))
    if number == 0:
        return "You sign in here only"
    return "One account elsewhere is connected" if number == 1 else f"{number} are connected"
