"""E-mails that tell a person what has happened to their account."""

from __future__ import annotations

from dataclasses import dataclass

from flask import has_request_context
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.security_log import SecurityKind
from marketplace.mail.service import queue_email
from marketplace.web.client_address import client_address
from marketplace.web.devices import current_device


@dataclass(frozen=True, slots=True)
class Notice:
    """What an e-mail about one kind of event says."""

    subject: str
    happened: str
    if_not_you: str = (
        "If this was not you, choose a new password now, with the button below. That signs out"
        " everyone who is signed in as you."
    )


NOTICES: dict[SecurityKind, Notice] = {
    SecurityKind.NEW_DEVICE: Notice(
        "Someone signed in as you on a new device",
        "Your Skillbank account has been opened in a browser that you had not used before.",
    ),
    SecurityKind.PASSWORD_CHANGED: Notice(
        "Your password has been changed",
        "The password of your Skillbank account has been changed, and every other browser has been"
        " signed out.",
    ),
    SecurityKind.LOCKED_OUT: Notice(
        "Wrong passwords or codes have been tried on your account",
        "Someone has tried several wrong passwords, or several wrong codes of your second factor,"
        " for your Skillbank account. New tries now have to wait, so that nobody can guess on."
        " Other browsers in which you have signed in before work as always.",
        "If this was not you, look at “What has happened to your account”: who tried codes knows"
        " your password. Then choose a new one, with the button below; do so as well if you have"
        " forgotten it or use it elsewhere.",
    ),
    SecurityKind.ROLES_CHANGED: Notice(
        "Your roles on Skillbank have been changed",
        "What you may do on Skillbank has been changed. Sign in to see your roles.",
        "If you did not expect this, ask an administrator of your school.",
    ),
}
"""The notices; a slice that adds a kind of event which concerns the account adds its words."""


def tell_person(session: Session, person_id: int, kind: SecurityKind) -> None:
    """Queue the e-mail about ``kind`` to the person, in the caller's transaction.

    In a request it says when, from where and in which browser it happened.

    Raises:
        KeyError: if `NOTICES` has no words for the kind.
    """
    notice = NOTICES[kind]
    person = session.get_one(Person, person_id)
    if not person.active:
        return
    now = clock.now()
    # Somebody who keeps on trying must not fill the person's mailbox.
    day = f"{kind}:{person_id}:{now:%Y-%m-%d}" if kind is SecurityKind.LOCKED_OUT else None
    queue_email(
        session,
        template="security_notice",
        to=person.email,
        person_id=person_id,
        key=day,
        name=person.name,
        notice=notice,
        when=now,
        device=current_device() if has_request_context() else None,
        address=(client_address() or None) if has_request_context() else None,
    )
