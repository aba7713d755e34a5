"""The e-mails that the application has written, and the links in them."""

from __future__ import annotations

import re

import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email


def emails_to(app: Skillbank, address: str) -> list[Email]:
    """Every e-mail to ``address``, the first one first."""
    with app.app_context():
        return list(
            db.session.scalars(
                sa.select(Email).where(Email.to_address == address).order_by(Email.id)
            )
        )


def link_in(email: Email) -> str:
    """The one path in an e-mail that has a secret in it."""
    [link] = set(re.findall(r"http://localhost(/[a-z-]+/[\w.~-]{20,})", email.text or ""))
    return link


def newest_link(app: Skillbank, address: str) -> str:
    """The link in the newest e-mail to ``address``."""
    return link_in(emails_to(app, address)[-1])
