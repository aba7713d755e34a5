"""The pages of second factors, all in one place to be added to the application."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.access import NotConfirmed
from marketplace.accounts.second_factors import (
    confirming,
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
    app.add_template_global(passkeys.sign_in_request, "passkey_sign_in_request")
