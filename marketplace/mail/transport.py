"""Talking to the mail server: one connection, used for as many e-mails as come at once."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from contextlib import suppress

from marketplace.mail.messages import Message
from marketplace.mail.models import LONGEST_ERROR
from marketplace.mail.rendering import one_line
from marketplace.mail.statuses import is_of_address
from marketplace.setting_groups import SmtpServer

TIMEOUT_SECONDS = 20.0
"""For each answer. All of them together must take less than the lease of a delivery."""
IDLE_SECONDS = 20.0
"""A connection that was not used for as long may be closed by the other side at any moment."""
MESSAGES_A_CONNECTION = 100
"""Mail servers limit them."""


class TemporaryFailure(Exception):  # noqa: N818  # it says what is the matter
    """It could not be sent now and may be later; ``reason`` is in words, without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = one_line(reason, LONGEST_ERROR)


class PermanentRefusal(Exception):  # noqa: N818  # it says what is the matter
    """The mail server refuses it for good; ``reason`` is what it said."""

    def __init__(self, reason: str, *, is_of_address: bool) -> None:
        super().__init__(reason)
        self.reason = one_line(reason, LONGEST_ERROR)
        self.is_of_address = is_of_address
        """Whether the address takes no e-mail at all, not only this one."""


class Transport:
    """A mail server, and the connection to it while there is one."""

    def __init__(self, server: SmtpServer, domain: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server, self._domain, self._timeout = server, domain, timeout
        self._smtp: smtplib.SMTP | None = None
        self._messages = 0
        self._used_at = 0.0

    def send(self, message: Message) -> str:
        """Hand ``message`` to the mail server; return what it said.

        Raises:
            TemporaryFailure: if it may be taken later.
            PermanentRefusal: if it never will.
        """
        try:
            smtp = self._begin(message)
            reply = _transfer(smtp, message)
        except PermanentRefusal:
            self._reset()
            raise
        except TemporaryFailure:
            self.close()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise TemporaryFailure(explain(error)) from error
        self._messages += 1
        self._used_at = time.monotonic()
        return reply

    def close(self) -> None:
        """End the connection, if there is one."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _begin(self, message: Message) -> smtplib.SMTP:
        """Name the sender to the mail server, over the connection in use or a new one."""
        is_worn = (
            self._messages >= MESSAGES_A_CONNECTION
            or time.monotonic() - self._used_at > IDLE_SECONDS
        )
        if self._smtp is not None and is_worn:
            self.close()
        if self._smtp is not None:
            # The other side may have closed it; nothing of this e-mail has been said yet.
            with suppress(smtplib.SMTPException, OSError):
                code, _ = self._smtp.mail(message.sender, message.options)
                if code == 250:
                    return self._smtp
            self.close()
        self._smtp, self._messages = self._connect(), 0
        if message.is_utf8 and not self._smtp.has_extn("smtputf8"):
            reason = "The mail server takes no address with letters beyond a to z."
            raise PermanentRefusal(reason, is_of_address=False)
        code, reply = self._smtp.mail(message.sender, message.options)
        if code != 250:
            raise TemporaryFailure(
                f"The mail server does not take our sender: {_said(code, reply)}"
            )
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.tls_at_once:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                self._domain,
                timeout=self._timeout,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._domain, timeout=self._timeout)
        try:
            if not server.tls_at_once and not server.is_local:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _reset(self) -> None:
        """Let the connection be used for the next e-mail."""
        try:
            assert self._smtp is not None
            self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


def _transfer(smtp: smtplib.SMTP, message: Message) -> str:
    code, reply = smtp.rcpt(message.recipient)
    if code not in (250, 251):
        _refuse(code, reply, is_of_address=is_of_address(code, _text(reply)))
    try:
        code, reply = smtp.data(message.content)
    except smtplib.SMTPDataError as error:
        code, reply = error.smtp_code, error.smtp_error  # type: ignore[assignment]
    if code != 250:
        _refuse(code, reply, is_of_address=False)
    return _said(code, reply)


def _refuse(code: int, reply: bytes | str, *, is_of_address: bool) -> None:
    if 500 <= code <= 599:
        raise PermanentRefusal(_said(code, reply), is_of_address=is_of_address)
    raise TemporaryFailure(f"The mail server said {_said(code, reply)}")


def explain(error: Exception) -> str:
    """Return why the mail server could not be spoken to, in words and without secrets."""
    match error:
        case smtplib.SMTPAuthenticationError():
            # What the server says may repeat what it was told.
            return f"The mail server refuses the user name or the password ({error.smtp_code})."
        case smtplib.SMTPNotSupportedError():
            return f"The mail server lacks what is needed: {error}"
        case smtplib.SMTPResponseException():
            return f"The mail server said {_said(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPServerDisconnected():
            return "The mail server ended the connection, or did not answer in time."
        case ssl.SSLCertVerificationError():
            return f"The mail server's certificate cannot be trusted: {error.verify_message}."
        case ssl.SSLError():
            return "The mail server does not speak TLS as it should."
        case TimeoutError():
            return "The mail server did not answer in time."
        case socket.gaierror():
            return "The name of the mail server is not known."
        case OSError():
            return f"The mail server cannot be reached: {error.strerror or type(error).__name__}."
    return f"The mail server cannot be used: {type(error).__name__}."


def _said(code: int, reply: bytes | str) -> str:
    return one_line(f"{code} {_text(reply)}", LONGEST_ERROR)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
