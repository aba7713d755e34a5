"""An e-mail as it goes over the wire: headers, text and HTML, always the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

from marketplace.mail.addresses import sender_address, wire_address
from marketplace.mail.models import Email
from marketplace.settings import Settings

SENDER_NAME = "Skillbank"
_NEVER_FOLDED = frozenset({"message-id", "list-unsubscribe", "list-unsubscribe-post"})


class _Policy(EmailPolicy):
    """SMTP's policy, which would encode an address of a page that is longer than a line."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _NEVER_FOLDED:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep=SMTP.linesep, max_line_length=SMTP.max_line_length)


@dataclass(frozen=True, slots=True)
class Message:
    """What the mail server is told: from whom, to whom, and the content."""

    sender: str
    recipient: str
    content: bytes
    is_utf8: bool
    """Whether the address has letters that a plain mail server cannot take."""

    @property
    def options(self) -> list[str]:
        """The options that go with the sender."""
        return ["SMTPUTF8"] if self.is_utf8 else []


def compose(email: Email, settings: Settings) -> Message:
    """Return ``email`` as it is sent: the same bytes at every try.

    Raises:
        ValueError: if its texts have been deleted.
    """
    if email.text is None or email.html is None:
        raise ValueError(f"the texts of e-mail {email.id} have been deleted")
    sender, recipient = sender_address(settings), wire_address(email.to_address)
    is_utf8 = not recipient.isascii()
    message = EmailMessage(policy=_POLICY.clone(utf8=is_utf8))
    message["From"] = Address(SENDER_NAME, addr_spec=sender)
    message["To"] = recipient
    message["Subject"] = email.subject
    message["Date"] = email.queued_at or email.created_at
    message["Message-ID"] = email.message_id
    # RFC 3834: no automatic answer to an automatic e-mail.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if email.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{email.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    # Quoted-printable passes every mail server, and keeps lines as short as they must be.
    message.set_content(email.text, cte="quoted-printable")
    message.add_alternative(email.html, subtype="html", cte="quoted-printable")
    # Otherwise the boundary is drawn by lot, and each try has other bytes.
    message.set_boundary(f"=_{email.message_id.strip('<>').partition('@')[0]}")
    return Message(sender, recipient, message.as_bytes(), is_utf8)
