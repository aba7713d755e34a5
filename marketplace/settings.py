"""Every environment variable the product reads: typed, documented and validated at start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask import current_app

from marketplace import logs
from marketplace.setting_groups import MailSettings, SignInSettings, SingleSignOnSettings, Site
from marketplace.setting_groups import Policy as Policy
from marketplace.variables import SettingsError as SettingsError
from marketplace.variables import read_group, variable, whole_number

SHORTEST_KEY = 32
CHECKOUT = Path(__file__).parent.parent
NEW_KEY = 'python -c "import secrets; print(secrets.token_hex(32))"'
LAWFUL_BASES = ("public-task", "legitimate-interests")
LOCAL_URL = "http://127.0.0.1:8000"
POSTGRESQL = "postgresql+psycopg"
ADDRESSES = "postgresql://USER:PASSWORD@HOST/DATABASE, or sqlite:////FOLDER/FILE for a SQLite file"


@dataclass(frozen=True, slots=True)
class Settings:
    """The product's settings, read once at start."""

    database_url: str = field(
        metadata={
            "name": "DATABASE_URL",
            "meaning": f"The database: {ADDRESSES}.",
            "shown": "skillbank.sqlite3 in SKILLBANK_INSTANCE",
        }
    )
    secret_key: str = field(
        metadata={
            "name": "SECRET_KEY",
            "meaning": f"Signs sessions and links; {SHORTEST_KEY} characters or more, the same for"
            f" every process: {NEW_KEY}",
            "shown": "needed with DATABASE_URL; else kept in SKILLBANK_INSTANCE/secret-key",
        }
    )
    production: bool
    old_secret_keys: tuple[str, ...] = variable(
        "SKILLBANK_OLD_SECRET_KEYS",
        (),
        "Earlier values of SECRET_KEY, with commas between: sessions that they signed go on.",
        shown="none",
    )
    database_wait: float = variable(
        "SKILLBANK_DATABASE_WAIT",
        4,
        "How long a request waits for a lock or a connection before it says “try again”.",
        unit="seconds",
        least=1,
        most=60,
    )
    statement_limit: float | None = variable(
        "SKILLBANK_STATEMENT_LIMIT",
        30,
        "How long one statement of a request may run on PostgreSQL.",
        unit="seconds",
        least=1,
        most=600,
    )
    log: str = variable(
        "SKILLBANK_LOG",
        "text",
        "How log lines are written: json (one object a line) or text.",
        shown="json with DATABASE_URL; else text",
    )
    search_index: str = variable(
        "SKILLBANK_SEARCH_INDEX",
        "",
        "The folder of the search index, on a disk of this machine. It holds nothing that is not"
        " in the database, and is built anew where it is missing.",
        shown="beside the SQLite file; else in SKILLBANK_INSTANCE",
    )
    policy: Policy = field(default_factory=Policy)
    site: Site = field(default_factory=Site)
    mail: MailSettings = field(default_factory=MailSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    single_sign_on: SingleSignOnSettings = field(default_factory=SingleSignOnSettings)

    @property
    def site_url(self) -> str:
        """The address people open, without a slash at its end."""
        return self.site.url or LOCAL_URL

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from ``environ``.

        Where a ``DATABASE_URL`` is set, a start is refused without a ``SECRET_KEY`` that is long
        enough, because anyone could then forge a sign-in. The embedded database has a key of its
        own beside it, made when it is first needed.

        Raises:
            SettingsError: naming the variable that is missing or unusable.
        """
        url = environ.get("DATABASE_URL", "").strip()
        url = normalise_database_url(url) if url else default_database_url(environ)
        production = not url.startswith("sqlite")
        waits: dict[str, Any] = {
            setting.name: seconds
            for setting in fields(cls)
            if setting.metadata.get("unit") == "seconds"
            and (seconds := whole_number(environ, setting.metadata)) is not None
        }
        return cls(
            database_url=url,
            secret_key=_secret_key(environ),
            old_secret_keys=_old_secret_keys(environ),
            production=production,
            log=_log(environ, production),
            search_index=environ.get("SKILLBANK_SEARCH_INDEX", "").strip(),
            policy=_policy(environ),
            site=_site(environ, production),
            mail=_mail(environ),
            sign_in=_sign_in(environ),
            single_sign_on=_single_sign_on(environ),
            **waits,
        )

    def for_commands(self) -> Settings:
        """Return the settings for a command, which may wait a minute and work for hours."""
        return replace(self, database_wait=60, statement_limit=None)


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the embedded database and its key, made if it is missing.

    Raises:
        SettingsError: if it cannot be made.
    """
    folder = Path(environ.get("SKILLBANK_INSTANCE") or CHECKOUT / "instance").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The folder {folder} cannot be made ({error.strerror}):"
            " set SKILLBANK_INSTANCE to a folder that can be written."
        ) from error
    return folder


def search_index_folder(settings: Settings, database: sa.URL) -> Path:
    """Return the folder of the search index for a database; it need not be there.

    Raises:
        SettingsError: if the default is in a folder that cannot be made.
    """
    if settings.search_index:
        return Path(settings.search_index).resolve()
    file = database.database or ""
    if database.drivername.startswith("sqlite") and file and not file.startswith(("file:", ":")):
        return Path(f"{file}-search").resolve()
    return instance_folder() / f"{Path(file).name}-search"


def default_database_url(environ: Mapping[str, str] = os.environ) -> str:
    """Return the address of the embedded SQLite database, in ``SKILLBANK_INSTANCE``."""
    return f"sqlite:///{instance_folder(environ) / 'skillbank.sqlite3'}"


def normalise_database_url(url: str) -> str:
    """Name the driver that is installed: hosting services give ``postgres://`` addresses.

    Raises:
        SettingsError: if it is not an address of PostgreSQL or SQLite. It never repeats the
            address, which may hold a password.
    """
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = f"{POSTGRESQL}://{url.removeprefix(prefix)}"
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SettingsError(f"DATABASE_URL is not an address: write {ADDRESSES}.") from error
    if address.drivername not in {POSTGRESQL, "sqlite", "sqlite+pysqlite"}:
        raise SettingsError(
            f"DATABASE_URL asks for “{address.drivername}”, which Skillbank cannot use:"
            f" write {ADDRESSES}."
        )
    if address.drivername.startswith("sqlite") and address.database:
        folder = Path(address.database).parent
        if not address.database.startswith("file:") and not folder.is_dir():
            raise SettingsError(f"DATABASE_URL names the folder {folder}, which does not exist.")
    return url


def documented_settings() -> list[tuple[str, str, str]]:
    """Return the name, default and meaning of every environment variable the product reads."""
    rows = [
        (
            "SKILLBANK_INSTANCE",
            "instance, beside wsgi.py",
            "The folder of the embedded database and its key.",
        )
    ]
    groups = (Settings, Policy, Site, MailSettings, SignInSettings, SingleSignOnSettings)
    for setting in (setting for group in groups for setting in fields(group)):
        if metadata := setting.metadata:
            unit = f" In {metadata['unit']}." if metadata.get("unit") else ""
            rows.append((metadata["name"], metadata["shown"], metadata["meaning"] + unit))
    return rows


def _secret_key(environ: Mapping[str, str]) -> str:
    key = environ.get("SECRET_KEY", "")
    if not key and not environ.get("DATABASE_URL", "").strip():
        return _embedded_key(instance_folder(environ) / "secret-key")
    if not key:
        raise SettingsError(
            f"SECRET_KEY is not set: make one with {NEW_KEY}"
            " and put it in the environment of every process."
        )
    if len(key) < SHORTEST_KEY:
        raise SettingsError(
            f"SECRET_KEY is too short: use {SHORTEST_KEY} characters or more, made with {NEW_KEY}"
        )
    return key


def _embedded_key(file: Path) -> str:
    """The key beside the embedded database; if it is missing, it is made for its owner only."""
    try:
        if not file.exists():
            draft = file.with_name(f"{file.name}.{os.getpid()}")
            with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(secrets.token_hex(SHORTEST_KEY) + "\n")
            try:
                # If two processes start at once, the second one uses the key of the first.
                os.link(draft, file)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The key in {file} cannot be read or made: make its folder writable,"
            " or set SECRET_KEY."
        ) from error
    if len(key) < SHORTEST_KEY:
        raise SettingsError(
            f"The key in {file} is too short: remove the file, and a new one is made."
        )
    return key


def _old_secret_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    text = environ.get("SKILLBANK_OLD_SECRET_KEYS", "")
    keys = tuple(key for part in text.split(",") if (key := part.strip()))
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise SettingsError(
            "SKILLBANK_OLD_SECRET_KEYS has a key of fewer than"
            f" {SHORTEST_KEY} characters: write whole keys, with commas between."
        )
    return keys


def _log(environ: Mapping[str, str], production: bool) -> str:
    form = environ.get("SKILLBANK_LOG", "").strip() or ("json" if production else "text")
    if form not in logs.FORMS:
        raise SettingsError(f"SKILLBANK_LOG must be json or text, not {form[:20]!r}.")
    return form


def _policy(environ: Mapping[str, str]) -> Policy:
    policy = read_group(Policy, environ)
    if policy.longest_exchange % policy.smallest_step:
        raise SettingsError(
            f"SKILLBANK_LONGEST_EXCHANGE ({policy.longest_exchange}) must be a multiple of"
            f" SKILLBANK_SMALLEST_STEP ({policy.smallest_step})."
        )
    return policy


def _site(environ: Mapping[str, str], production: bool) -> Site:
    site = read_group(Site, environ)
    if site.lawful_basis not in LAWFUL_BASES:
        raise SettingsError(f"SKILLBANK_LAWFUL_BASIS must be {' or '.join(LAWFUL_BASES)}.")
    if not site.url:
        if production:
            raise SettingsError(
                "SKILLBANK_URL is not set: write the address that people open, such as"
                " https://skillbank.example"
            )
        return site
    parts = urlsplit(site.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise SettingsError(
            "SKILLBANK_URL must be an address without a path, such as https://skillbank.example"
        )
    return replace(site, url=f"{parts.scheme}://{parts.netloc}")


def _mail(environ: Mapping[str, str]) -> MailSettings:
    mail = read_group(MailSettings, environ)
    if mail.server is not None and mail.mailbox:
        raise SettingsError(
            "SKILLBANK_MAILBOX shows every e-mail to everyone, links to new passwords included:"
            " set SKILLBANK_SMTP_URL or SKILLBANK_MAILBOX, not both."
        )
    if mail.sender:
        try:
            validate_email(mail.sender, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            raise SettingsError(
                "SKILLBANK_MAIL_FROM must be one plain e-mail address, such as"
                " skillbank@skillbank.example"
            ) from None
    return mail


def _sign_in(environ: Mapping[str, str]) -> SignInSettings:
    sign_in = read_group(SignInSettings, environ)
    roles = tuple(role for role in sign_in.second_factor_roles if role != "none")
    return replace(sign_in, second_factor_roles=roles)


def _single_sign_on(environ: Mapping[str, str]) -> SingleSignOnSettings:
    settings = read_group(SingleSignOnSettings, environ)
    for name in ("MICROSOFT", "GOOGLE", "DFE", "OIDC"):
        field_name = "other" if name == "OIDC" else name.lower()
        client_id, secret = (
            getattr(settings, f"{field_name}_client_{part}") for part in ("id", "secret")
        )
        if bool(client_id) != bool(secret):
            missing = "SECRET" if client_id else "ID"
            raise SettingsError(
                f"SKILLBANK_{name}_CLIENT_{missing} is not set: a client id and its secret go"
                " together."
            )
    if settings.other_client_id and not settings.other_issuer.startswith(("https://", "http://")):
        raise SettingsError(
            "SKILLBANK_OIDC_ISSUER must be the provider's address, such as https://id.example"
        )
    return settings


def current_settings() -> Settings:
    """Return the settings of the running application."""
    settings: Settings = current_app.extensions["skillbank.settings"]
    return settings


def current_policy() -> Policy:
    """Return the policy of the running application."""
    return current_settings().policy
