"""The settings that belong together: the policy on credit, the site, e-mail, and signing in."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from marketplace.variables import SettingsError, variable

MINUTES_PER_CREDIT = 60


@dataclass(frozen=True, slots=True)
class Policy:
    """The network's rules on credit: amounts in whole minutes, and times in days."""

    joining_grant: int = variable(
        "SKILLBANK_JOINING_GRANT",
        10 * MINUTES_PER_CREDIT,
        "What a school is given when it joins.",
        unit="minutes",
        most=10_000 * MINUTES_PER_CREDIT,
    )
    credit_limit: int = variable(
        "SKILLBANK_CREDIT_LIMIT",
        10 * MINUTES_PER_CREDIT,
        "How far below zero a school's balance may go.",
        unit="minutes",
        most=10_000 * MINUTES_PER_CREDIT,
    )
    upper_soft_limit: int = variable(
        "SKILLBANK_UPPER_SOFT_LIMIT",
        20 * MINUTES_PER_CREDIT,
        "From which balance on a school is no longer put before others that offer the same; it"
        " refuses nothing.",
        unit="minutes",
        most=10_000 * MINUTES_PER_CREDIT,
    )
    smallest_step: int = variable(
        "SKILLBANK_SMALLEST_STEP",
        15,
        "Hours are agreed in multiples of this.",
        unit="minutes",
        least=1,
        most=24 * MINUTES_PER_CREDIT,
    )
    longest_exchange: int = variable(
        "SKILLBANK_LONGEST_EXCHANGE",
        100 * MINUTES_PER_CREDIT,
        "The most that one exchange may cost; a multiple of SKILLBANK_SMALLEST_STEP.",
        unit="minutes",
        least=1,
        most=10_000 * MINUTES_PER_CREDIT,
    )
    dispute_answer_days: int = variable(
        "SKILLBANK_DISPUTE_ANSWER_DAYS",
        7,
        "How long the other school has to answer a dispute, before the operator rules without it.",
        unit="days",
        least=1,
        most=90,
    )
    dispute_ruling_days: int = variable(
        "SKILLBANK_DISPUTE_RULING_DAYS",
        14,
        "How long the operator then has to rule.",
        unit="days",
        least=1,
        most=90,
    )
    hold_days: int = variable(
        "SKILLBANK_HOLD_DAYS",
        60,
        "How long after the agreed day credits stay held. Then they are released, and the exchange"
        " lapses.",
        unit="days",
        least=1,
        most=730,
    )
    correction_days: int = variable(
        "SKILLBANK_CORRECTION_DAYS",
        14,
        "How long the other school has to answer when a correction is asked for.",
        unit="days",
        least=1,
        most=90,
    )


@dataclass(frozen=True, slots=True)
class Site:
    """Where people reach the site, and who runs it."""

    url: str = variable(
        "SKILLBANK_URL",
        "",
        "The address people open, such as https://skillbank.example: links in e-mails begin with"
        " it, and requests to another host are refused.",
        shown="needed with DATABASE_URL; else http://127.0.0.1:8000",
    )
    trusted_proxies: int = variable(
        "SKILLBANK_TRUSTED_PROXIES",
        0,
        "How many proxies stand before the server, each of which adds to X-Forwarded-For and"
        " X-Forwarded-Proto.",
        unit="proxies",
        most=10,
    )
    operator_name: str = variable(
        "SKILLBANK_OPERATOR_NAME",
        "",
        "The organisation that runs the network, as the public pages name it.",
        shown="none",
    )
    contact_email: str = variable(
        "SKILLBANK_CONTACT_EMAIL",
        "",
        "Where people write about the network, their data and its accessibility.",
        shown="none",
    )
    postal_address: str = variable(
        "SKILLBANK_POSTAL_ADDRESS",
        "",
        "The postal address of that organisation, for the public pages; commas part its lines.",
        shown="none",
    )
    data_protection_email: str = variable(
        "SKILLBANK_DATA_PROTECTION_EMAIL",
        "",
        "Where people write to the data protection officer, for the privacy notice.",
        shown="SKILLBANK_CONTACT_EMAIL",
    )
    data_protection_registration: str = variable(
        "SKILLBANK_DATA_PROTECTION_REGISTRATION",
        "",
        "The organisation’s registration number with the Information Commissioner’s Office.",
        shown="none",
    )
    lawful_basis: str = variable(
        "SKILLBANK_LAWFUL_BASIS",
        "public-task",
        "Why the organisation may process personal data: public-task (a public body), or"
        " legitimate-interests (any other).",
    )
    security_contact: str = variable(
        "SKILLBANK_SECURITY_CONTACT",
        "",
        "Where weaknesses of the site are reported, for security.txt: an e-mail address, or a page"
        " that begins with https://.",
        shown="SKILLBANK_CONTACT_EMAIL",
    )


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server that takes our e-mails."""

    host: str
    port: int
    tls_at_once: bool
    """Whether the connection begins with TLS; otherwise STARTTLS follows."""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, so that nothing has to be encrypted on the way."""
        return self.host in ("localhost", "127.0.0.1", "::1")

    @classmethod
    def from_url(cls, url: str) -> SmtpServer:
        """Read an address such as ``smtp://USER:PASSWORD@HOST:587``.

        Raises:
            SettingsError: if it is not one; the message never repeats the password.
        """
        refusal = SettingsError(
            "SKILLBANK_SMTP_URL is not the address of a mail server: write"
            " smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465, with %40 for an @"
            " in the user name or the password, %2F for a / and %3A for a colon."
        )
        try:
            parts = urlsplit(url)
            port = parts.port
            user, password = (
                unquote(text or "", errors="strict") for text in (parts.username, parts.password)
            )
        except ValueError:
            raise refusal from None
        is_plain = not (parts.path.strip("/") or parts.query or parts.fragment)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not is_plain:
            raise refusal
        if port == 0 or bool(user) != bool(password):
            raise refusal
        tls_at_once = parts.scheme == "smtps"
        return cls(
            parts.hostname, port or (465 if tls_at_once else 587), tls_at_once, user, password
        )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How e-mail leaves."""

    smtp_url: str = variable(
        "SKILLBANK_SMTP_URL",
        "",
        "The mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS), or smtps://… (TLS at once)."
        " Without it, e-mails are kept and not sent.",
        shown="none",
    )
    sender: str = variable(
        "SKILLBANK_MAIL_FROM",
        "",
        "The address that e-mails come from.",
        shown="skillbank@ the host of SKILLBANK_URL",
    )
    mailbox: bool = variable(
        "SKILLBANK_MAILBOX",
        False,
        "1 shows every e-mail to everyone at /mailbox. Only for a demo.",
        shown="0",
    )

    @property
    def server(self) -> SmtpServer | None:
        """The mail server; None if e-mails are kept and not sent."""
        return SmtpServer.from_url(self.smtp_url) if self.smtp_url else None


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """How long a sign-in lasts, and what it takes."""

    idle_minutes: int = variable(
        "SKILLBANK_SESSION_IDLE",
        8 * 60,
        "How long a sign-in lasts without use.",
        unit="minutes",
        least=5,
        most=7 * 24 * 60,
    )
    longest_minutes: int = variable(
        "SKILLBANK_SESSION_LONGEST",
        7 * 24 * 60,
        "How long a sign-in lasts at all.",
        unit="minutes",
        least=5,
        most=90 * 24 * 60,
    )
    strict_idle_minutes: int = variable(
        "SKILLBANK_STRICT_SESSION_IDLE",
        60,
        "The same as SKILLBANK_SESSION_IDLE for finance staff, operators and auditors.",
        unit="minutes",
        least=5,
        most=7 * 24 * 60,
    )
    strict_longest_minutes: int = variable(
        "SKILLBANK_STRICT_SESSION_LONGEST",
        12 * 60,
        "The same as SKILLBANK_SESSION_LONGEST for finance staff, operators and auditors.",
        unit="minutes",
        least=5,
        most=90 * 24 * 60,
    )
    second_factor_roles: tuple[str, ...] = variable(
        "SKILLBANK_SECOND_FACTOR",
        ("finance", "trust_finance", "operator", "auditor"),
        "The roles that need a second factor, with commas between; “none” for no role.",
        shown="finance,trust_finance,operator,auditor",
    )


@dataclass(frozen=True, slots=True)
class SingleSignOnSettings:
    """Who we are at each provider of sign-ins; one without a client id is not offered."""

    microsoft_client_id: str = variable(
        "SKILLBANK_MICROSOFT_CLIENT_ID",
        "",
        "The application (client) id at Microsoft Entra: offers “Sign in with Microsoft”.",
        shown="none",
    )
    microsoft_client_secret: str = variable(
        "SKILLBANK_MICROSOFT_CLIENT_SECRET", "", "The secret that goes with it.", shown="none"
    )
    microsoft_tenant: str = variable(
        "SKILLBANK_MICROSOFT_TENANT",
        "organizations",
        "Whose accounts may sign in: a tenant's id, or “organizations” for every school's.",
    )
    google_client_id: str = variable(
        "SKILLBANK_GOOGLE_CLIENT_ID",
        "",
        "The client id at Google: offers “Sign in with Google”.",
        shown="none",
    )
    google_client_secret: str = variable(
        "SKILLBANK_GOOGLE_CLIENT_SECRET", "", "The secret that goes with it.", shown="none"
    )
    dfe_client_id: str = variable(
        "SKILLBANK_DFE_CLIENT_ID",
        "",
        "The client id at DfE Sign-in: offers “Sign in with DfE Sign-in”.",
        shown="none",
    )
    dfe_client_secret: str = variable(
        "SKILLBANK_DFE_CLIENT_SECRET", "", "The secret that goes with it.", shown="none"
    )
    dfe_issuer: str = variable(
        "SKILLBANK_DFE_ISSUER",
        "https://oidc.signin.education.gov.uk",
        "The issuer of DfE Sign-in; its test service has another one.",
    )
    other_client_id: str = variable(
        "SKILLBANK_OIDC_CLIENT_ID",
        "",
        "The client id at any other provider of OpenID Connect.",
        shown="none",
    )
    other_client_secret: str = variable(
        "SKILLBANK_OIDC_CLIENT_SECRET", "", "The secret that goes with it.", shown="none"
    )
    other_issuer: str = variable(
        "SKILLBANK_OIDC_ISSUER", "", "The issuer of that provider.", shown="none"
    )
    other_label: str = variable(
        "SKILLBANK_OIDC_LABEL", "your school account", "What its button says after “Sign in with”."
    )
