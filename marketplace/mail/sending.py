"""The worker's part: it sends what was queued, and notes what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.mail.addresses import sender_domain
from marketplace.mail.checks import get_checks
from marketplace.mail.events import MailQueued
from marketplace.mail.messages import compose
from marketplace.mail.models import Email, EmailState, FailingAddress
from marketplace.mail.service import mark_failing, mark_not_needed, mark_sent, mark_undelivered
from marketplace.mail.transport import PermanentRefusal, TemporaryFailure, Transport
from marketplace.outbox.subscribers import Subscribers
from marketplace.settings import Settings, current_settings

SUBSCRIBER = "mail"
_TRANSPORT = "skillbank.mail.transport"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the way to the mail server, if one is set."""
    server = settings.mail.server
    app.extensions[_TRANSPORT] = Transport(server, sender_domain(settings)) if server else None


def transport_of(app: Flask) -> Transport | None:
    """Return the way to the mail server; None if none is set."""
    transport: Transport | None = app.extensions[_TRANSPORT]
    return transport


def close_connection(app: Flask) -> None:
    """End the connection to the mail server, if one is open: the worker has nothing to send."""
    if (transport := transport_of(app)) is not None:
        transport.close()


def subscribe(subscribers: Subscribers) -> None:
    """Let the worker send what is queued."""
    subscribers.subscribe(MailQueued, SUBSCRIBER, send_queued, on_parked=give_up)


def send_queued(session: Session, event: MailQueued) -> None:
    """Send an e-mail that was queued.

    Raises:
        TemporaryFailure: if it may be sent later, so that the outbox tries again.
    """
    send(session, event.email_id)


def give_up(session: Session, event: MailQueued) -> None:
    """Note that an e-mail could not be sent at any try."""
    email = session.get(Email, event.email_id)
    if email is not None and email.state == EmailState.WAITING:
        mark_undelivered(email, EmailState.GIVEN_UP, email.last_error or "The worker was ended.")


def send(session: Session, email_id: int) -> str | None:
    """Send an e-mail, unless it was sent already or must not be; return what the server said.

    It ends the transaction of ``session`` before it talks to the mail server, so that nothing
    waits for that, and leaves what became of the e-mail in the session. A worker that is killed
    before that is committed sends the same e-mail again, with the same Message-ID.

    Raises:
        TemporaryFailure: if it may be sent later; that it was tried is committed.
    """
    transport = transport_of(current_app)
    email = session.get(Email, email_id)
    # One that was given up is sent after all when the operator retries its parked delivery.
    if email is None or email.state not in (EmailState.WAITING, EmailState.GIVEN_UP):
        return None
    reason = get_checks().reason_not_to_send(session, email)
    if reason is not None:
        mark_not_needed(email, reason)
        return None
    if transport is None:
        email.state, email.failed_at, email.last_error = EmailState.KEPT, None, None
        return None
    if not email.even_if_failing:
        failing = session.get(FailingAddress, email.to_address)
        if failing is not None:
            reason = f"Not sent, because the address has failed before: {failing.reason}"
            mark_undelivered(email, EmailState.WITHHELD, reason)
            return None
    message = compose(email, current_settings())
    session.rollback()
    try:
        reply = transport.send(message)
    except TemporaryFailure as failure:
        session.execute(
            sa.update(Email)
            .where(Email.id == email_id)
            .values(tries=Email.tries + 1, last_error=failure.reason)
        )
        # By itself: what follows is rolled back, and the outbox tries again.
        session.commit()
        raise
    except PermanentRefusal as refusal:
        email = session.get_one(Email, email_id)
        email.tries += 1
        mark_undelivered(email, EmailState.REFUSED, refusal.reason)
        if refusal.is_of_address:
            mark_failing(session, email.to_address, refusal.reason)
        return None
    mark_sent(session.get_one(Email, email_id))
    return reply
