"""A real SMTP server on a port of its own, with STARTTLS, a password, and moods."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ELSEWHERE = "127.0.0.2"
"""This machine under an address that is not “localhost”, so that STARTTLS is demanded."""
USER, PASSWORD = "skill@bank", "p:a/s s"  # with what has to be escaped in an address
LOGIN = "skill%40bank:p%3Aa%2Fs%20s"


def free_port(host: str) -> int:
    """A port of ``host`` that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def make_certificate(folder: Path, host: str = ELSEWHERE) -> tuple[Path, Path]:
    """The files of a new certificate for ``host``, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mail server of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


@dataclass
class Received:
    """One e-mail as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The e-mail, read as a mail program reads it."""
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class PostOffice:
    """The server: what it received, and how it answers."""

    host: str = "localhost"
    certificate: tuple[Path, Path] | None = None
    tls_at_once: bool = False
    with_login: bool = False
    knows_utf8: bool = True
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    on_recipient: Callable[[str], str] = lambda address: "250 OK"
    on_data: Callable[[], str] = lambda: "250 2.0.0 Ok: queued as 4XyZ"
    wait_seconds: float = 0.0
    """How long it thinks before it answers to an e-mail."""

    def __post_init__(self) -> None:
        self.port = free_port(self.host)
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Its address, as ``SKILLBANK_SMTP_URL`` has it."""
        scheme = "smtps" if self.tls_at_once else "smtp"
        login = f"{LOGIN}@" if self.with_login else ""
        return f"{scheme}://{login}{self.host}:{self.port}"

    def start(self) -> PostOffice:
        """Open it."""
        options: dict[str, Any] = {}
        context = None
        if self.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self.certificate)
            if not self.tls_at_once:
                options |= {"tls_context": context, "require_starttls": True}
        if self.with_login:
            options |= {
                "authenticator": _authenticate,
                "auth_required": True,
                "auth_require_tls": not self.tls_at_once and context is not None,
            }
        office = self

        class Desk(SMTP):
            def connection_made(self, transport: Any) -> None:
                # It is made once more for the same connection when STARTTLS begins.
                office.connections += self.transport is None
                super().connection_made(transport)

        class Opened(Controller):
            def factory(self) -> SMTP:
                return Desk(self.handler, **self.SMTP_kwargs)

        self._controller = Opened(
            self,
            hostname=self.host,
            port=self.port,
            ssl_context=context if self.tls_at_once else None,
            server_hostname="mail.example",
            ready_timeout=10,
            enable_SMTPUTF8=self.knows_utf8,
            **options,
        )
        self._controller.start()
        self.connections = 0  # the controller tried it once
        return self

    def stop(self) -> None:
        """Close it; what it received stays."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802  # the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = self.on_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.wait_seconds:
            await asyncio.sleep(self.wait_seconds)
        answer = self.on_data()
        if answer.startswith("250"):
            self.received.append(
                Received(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
            )
        return answer


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any
) -> AuthResult:
    right = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)
