"""What second factors hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.second_factors.models import Authenticator, Passkey, RecoveryCode
from marketplace.privacy.holdings import Delete, Holding, get_holdings


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "authenticator app",
            about="since when you have an authenticator app, and when you last used it",
            column=Authenticator.person_id,
            shown=(Authenticator.created_at, Authenticator.last_used_at),
            on_erasure=Delete(),
        ),
        Holding(
            "passkeys",
            about="your passkeys: their names, and when you added and last used them",
            column=Passkey.person_id,
            shown=(Passkey.name, Passkey.created_at, Passkey.last_used_at),
            on_erasure=Delete(),
        ),
        Holding(
            "recovery codes",
            about="when your recovery codes were made and used, but not the codes themselves",
            column=RecoveryCode.person_id,
            shown=(RecoveryCode.created_at, RecoveryCode.used_at),
            on_erasure=Delete(),
        ),
    )
