"""``flask --app wsgi mail …``: what failed, trying the mail server, and what came back."""

from __future__ import annotations

import sys
from datetime import datetime

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.database import db
from marketplace.mail import bounces, queries, service
from marketplace.mail.models import Email, EmailState
from marketplace.mail.sending import close_connection, send
from marketplace.mail.transport import TemporaryFailure
from marketplace.settings import current_settings

SHOWN_AT_MOST = 100
LARGEST_NOTICE = 5 * 1024 * 1024

mail = AppGroup("mail", help="E-mails: what failed, and what came back.")


@mail.command("status")
@click.option("--seen", is_flag=True, help="Take note of the failures, so that they are not new.")
def status(seen: bool) -> None:
    """Show what became of e-mails; exits with 1 if any failed since the last “--seen”."""
    # A session that only reads, so that it never waits for a writer.
    engine = db.engine.execution_options(read_only=True, postgresql_readonly=True)
    with Session(engine) as session:
        counts = queries.count_by_state(session)
        failures = queries.new_failures(session, limit=SHOWN_AT_MOST)
        complaints = queries.complaints(session)
    words = (f"{counts[state]:,} {state.replace('_', ' ')}" for state in EmailState)
    click.echo(f"E-mails: {', '.join(words)}.")
    for failure in failures:
        click.echo(
            f"  {failure.id}: {failure.state.replace('_', ' ')}, {_instant(failure.created_at)},"
            f" to {failure.to}, “{failure.subject}”, {failure.last_error}"
        )
    for complaint in complaints:
        click.echo(complaint, err=True)
    if seen and failures:
        _take_note([failure.id for failure in failures])
        click.echo(f"Noted: {len(failures):,}. The next “mail status” shows later failures only.")
    elif failures:
        click.echo(
            "These did not arrive. See to it, then run “mail status --seen”.",
            err=True,
        )
        raise SystemExit(1)
    if complaints:
        raise SystemExit(1)


@mail.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send an e-mail to ADDRESS now, and say what the mail server says."""
    if current_settings().mail.server is None:
        raise click.ClickException("No mail server is set: set SKILLBANK_SMTP_URL.")
    session = db.session()
    try:
        email = service.write_email(
            session, template="test", to=address, context={}, even_if_failing=True
        )
    except ValueError as error:
        raise click.ClickException(f"“{address}” is not an e-mail address.") from error
    number = email.id
    session.commit()
    reply, reason = None, None
    try:
        reply = send(session, number)
    except TemporaryFailure as failure:
        reason = failure.reason
        service.mark_undelivered(session.get_one(Email, number), EmailState.GIVEN_UP, reason)
    finally:
        close_connection(current_app)
    email = session.get_one(Email, number)
    if reply is None:
        email.failure_seen_at = clock.now()
        reason = reason or email.last_error
    session.commit()
    if reply is None:
        raise click.ClickException(f"It was not sent. {reason}")
    click.echo(f"The mail server took it: {reply}")


@mail.command("bounced")
@click.argument("name", metavar="ADDRESS-OR-MESSAGE-ID")
@click.option("--reason", required=True, help="What the failure notice said.")
def bounced(name: str, reason: str) -> None:
    """Note that an e-mail came back: nothing more is sent to its address."""
    session = db.session()
    try:
        address, email = bounces.note_bounced(session, name, reason)
    except ValueError as error:
        raise click.ClickException(
            f"“{name}” is neither an address nor the Message-ID of an e-mail of ours."
        ) from error
    session.commit()
    click.echo(f"Nothing more is sent to {address}, until its person confirms or changes it.")
    if email is not None:
        click.echo(f"Its e-mail {email.id} (“{email.subject}”) is marked as bounced.")


@mail.command("receive-bounce")
def receive_bounce() -> None:
    """Read a failure notice from standard input, and mark its e-mail and its address.

    For the mail server, which hands over what comes to the address of the sender. What is not a
    failure notice about an e-mail of ours is ignored.
    """
    content = sys.stdin.buffer.read(LARGEST_NOTICE)
    notice = bounces.read_notice(content)
    if notice is None:
        click.echo("Ignored: this is not the notice of a failure.")
        return
    session = db.session()
    email = bounces.note_bounce(session, notice)
    if email is None:
        click.echo("Ignored: this is not about an e-mail of ours.")
        return
    number, address = email.id, email.to_address
    session.commit()
    click.echo(f"E-mail {number} to {address} bounced: {notice.reason}")
    if notice.is_of_address:
        click.echo(f"Nothing more is sent to {address}, until its person confirms or changes it.")


@mail.command("working")
@click.argument("address")
def working(address: str) -> None:
    """Let e-mails be sent to ADDRESS again, although some have failed."""
    session = db.session()
    try:
        was_failing = service.mark_working(session, address)
    except ValueError as error:
        raise click.ClickException(f"“{address}” is not an e-mail address.") from error
    if not was_failing:
        raise click.ClickException(f"E-mails to {address} have not failed.")
    session.commit()
    click.echo(f"E-mails are sent to {address} again.")


def _take_note(numbers: list[int]) -> None:
    session = db.session()
    session.execute(
        sa.update(Email)
        .where(Email.id.in_(numbers), Email.failure_seen_at.is_(None))
        .values(failure_seen_at=clock.now())
    )
    session.commit()


def _instant(at: datetime) -> str:
    return f"{at.astimezone(clock.LONDON):%-d %b %Y %H:%M}"
