"""Every environment variable the product reads: typed, documented and validated at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path

from flask import current_app

MINUTES_PER_CREDIT = 60


class SettingsError(RuntimeError):
    """A setting is missing or unusable; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The network's rules on credit, in whole minutes; ``SKILLBANK_*`` in the environment."""

    joining_grant: int = 10 * MINUTES_PER_CREDIT
    """What a school is given from ``network:issuance`` when it joins (SKILLBANK_JOINING_GRANT)."""
    credit_limit: int = 10 * MINUTES_PER_CREDIT
    """How far below zero a school's balance may go (SKILLBANK_CREDIT_LIMIT)."""
    smallest_step: int = 15
    """Hours are agreed in multiples of this (SKILLBANK_SMALLEST_STEP)."""
    longest_exchange: int = 100 * MINUTES_PER_CREDIT
    """The most one exchange may cost (SKILLBANK_LONGEST_EXCHANGE)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The product's settings, read once at start."""

    database_url: str
    secret_key: str
    production: bool
    session_lifetime: timedelta = timedelta(hours=8)
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from ``environ``.

        A production start (any database that is not the embedded one) is refused without a
        ``SECRET_KEY``, because anyone could then forge a sign-in.

        Raises:
            SettingsError: naming the variable that is missing or unusable.
        """
        url = environ.get("DATABASE_URL", "")
        production = bool(url) and not url.startswith("sqlite")
        secret = environ.get("SECRET_KEY", "")
        if not secret:
            raise SettingsError(
                "SECRET_KEY is not set. Make one with"
                ' python -c "import secrets; print(secrets.token_hex(32))"'
                " and put it in the environment of every process."
            )
        if production and len(secret) < 32:
            raise SettingsError(
                "SECRET_KEY is too short for production: use 32 characters or more."
            )
        return cls(
            database_url=normalise_database_url(url or default_database_url(environ)),
            secret_key=secret,
            production=production,
            policy=_policy(environ),
        )


def default_database_url(environ: Mapping[str, str] = os.environ) -> str:
    """The embedded SQLite database, in ``SKILLBANK_INSTANCE`` (default ``./instance``)."""
    folder = Path(environ.get("SKILLBANK_INSTANCE", "instance")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'skillbank.sqlite3'}"


def normalise_database_url(url: str) -> str:
    """Name the driver that is installed: hosting services give ``postgres://`` addresses."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _policy(environ: Mapping[str, str]) -> Policy:
    values = {}
    for setting in fields(Policy):
        name = f"SKILLBANK_{setting.name.upper()}"
        if (text := environ.get(name)) is None:
            continue
        if not text.isdecimal():
            raise SettingsError(f"{name} must be a whole number of minutes, not {text!r}.")
        values[setting.name] = int(text)
    return Policy(**values)


def current_policy() -> Policy:
    """The policy of the running application."""
    settings: Settings = current_app.extensions["skillbank.settings"]
    return settings.policy
