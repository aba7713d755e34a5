"""``flask --app wsgi people …``: making accounts from the command line."""

from __future__ import annotations

import sys
from datetime import timedelta

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from marketplace import outbox
from marketplace.accounts import one_time_links, throttling
from marketplace.accounts.erasure import Reason, erase
from marketplace.accounts.models import Person
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.roles import SCHOOL_ROLES, Role
from marketplace.accounts.second_factors import factors
from marketplace.accounts.second_factors.authenticators import reencrypt_all
from marketplace.accounts.second_factors.telling import tell_of_reset
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import (
    create_person,
    find_by_email,
    grant_role,
    normalise_email,
)
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.network.events import SchoolClosed
from marketplace.network.joining import join, schools_changed
from marketplace.network.succession import (
    ACTOR,
    record_closed,
    succeed_by_register,
    withdraw_open_successions,
)
from marketplace.schools.commands import register_imported
from marketplace.schools.importing import ImportResult
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.addresses import site_link

people = AppGroup("people", help="Who may sign in.")

SERVER_LINK_LASTS = timedelta(days=7)
"""How long a link made on the server works: it is handed over by hand."""


def init_app(app: Flask) -> None:
    """Add the commands, and act on schools that closed when the register is imported."""
    app.cli.add_command(people)
    register_imported.connect(act_on_the_register)
    outbox.get_subscribers(app).subscribe(SchoolClosed, "network.succession", go_on_elsewhere)


def go_on_elsewhere(session: Session, event: SchoolClosed) -> None:
    """Let what a closed school has go on at its successor; the worker calls this."""
    (urn,) = event.school_urns
    succeed_by_register(session, urn, current_policy())


def act_on_the_register(session: Session, result: ImportResult) -> str:
    """Act on schools that closed, opened or were renamed, in the import's own transaction.

    What a closed school has goes on elsewhere in transactions of their own, by the worker.
    """
    sentence = schools_changed(
        session, result.newly_closed, result.reopened, result.renamed, actor=ACTOR
    )
    withdraw_open_successions(session, list(result.reopened))
    closed = record_closed(session)
    if closed:
        sentence += (
            f" Closed schools with something to hand over: {closed:,}. The worker sees to it that"
            " it goes on at their successors."
        )
    return sentence.strip()


@people.command("create")
@click.argument("email")
@click.option("--school", "urn", type=int, help="The school's URN; not for a network role.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.option("--name", default="", help="The person's name; by default, the address.")
def create(email: str, urn: int | None, roles: tuple[str, ...], name: str) -> None:
    """Make a person who can sign in, or give a person further roles.

    The password is read from standard input (asked for on a terminal) and is not needed for
    a person who has an account already. A school that does not take part yet is brought in.
    """
    session = db.session()
    lines = []
    try:
        address = normalise_email(email)
        school = _school(session, urn)
        person = session.scalar(sa.select(Person).where(Person.email == address))
        if person is None:
            person = create_person(
                session, email=address, name=name or address, password=_read_password()
            )
            lines.append(f"{address} can sign in now.")
        for role in roles:
            held_at = school if Role(role) in SCHOOL_ROLES else None
            if held_at is not None and join(
                session, held_at, current_policy(), actor="command:people-create"
            ):
                lines.append(f"{held_at.name} takes part now, with its joining grant.")
            grant_role(session, person, Role(role), held_at)
            lines.append(f"{role}: {held_at.name if held_at else 'the network'}.")
        db.session.commit()
    except Refusal as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    # Report only what has been committed.
    for line in lines:
        click.echo(line)


@people.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Make a one-time link with which a person chooses a new password."""
    session = db.session()
    person = _person(session, email)
    token = one_time_links.make(
        session, Purpose.PASSWORD_RESET, person.id, lifetime=SERVER_LINK_LASTS
    )
    record_security(session, SecurityKind.LINK_MADE, person_id=person.id)
    db.session.commit()
    click.echo(f"For {person.name}, once, within {SERVER_LINK_LASTS.days} days:")
    click.echo(site_link("accounts.use_link", token=token))


@people.command("unlock")
@click.argument("email")
def unlock(email: str) -> None:
    """Forgive wrong passwords and codes, so that a person can try again at once."""
    session = db.session()
    person = _person(session, email)
    number = throttling.forgive(session, person.email, str(person.id))
    record_security(session, SecurityKind.UNLOCKED, person_id=person.id)
    db.session.commit()
    click.echo(
        f"{person.name} can try again at once."
        if number
        else f"{person.name} was not locked out: there was nothing to forgive."
    )


def _person(session: Session, email: str) -> Person:
    person = find_by_email(session, email)
    if person is None or not person.active:
        raise click.ClickException(
            f"There is no account with the address {email} that can sign in here."
        )
    return person


@people.command("erase")
@click.argument("email")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in Reason]),
    default=Reason.ASKED.value,
    show_default=True,
    help="Why, for the security log.",
)
@click.confirmation_option(prompt="Erase this person for ever?")
def erase_account(email: str, reason: str) -> None:
    """Erase a person: from then on they are “Former member of staff” wherever they acted."""
    session = db.session()
    address = email.strip().lower()
    person_id = session.scalar(sa.select(Person.id).where(Person.email == address))
    if person_id is None:
        raise click.ClickException(f"There is no account with the address {address}.")
    try:
        erase(session, person_id, Reason(reason))
        db.session.commit()
    except Refusal as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    click.echo(f"{address} has been erased. What the person did stays with their school.")


@people.command("reset-factors")
@click.argument("email")
def reset_factors(email: str) -> None:
    """Take a person's second factors away, who has lost them and all recovery codes.

    For the network's staff, whom no administrator can help. Make sure who is asking: the password
    alone opens the account then, until a new factor is set up.
    """
    session = db.session()
    person = session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))
    if person is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    if not factors.reset(session, person):
        raise click.ClickException(f"{person.name} has no second factor.")
    record_security(session, SecurityKind.FACTORS_RESET, person_id=person.id)
    tell_of_reset(session, person, by="The person who runs the server")
    db.session.commit()
    click.echo(f"{person.name} has no second factor now, and must sign in again.")


@people.command("reencrypt")
def reencrypt() -> None:
    """Encrypt the secrets of authenticator apps with the present SECRET_KEY.

    Do it before an old key is removed. It exits with 1 if a secret cannot be read with any key:
    that person needs “people reset-factors”.
    """
    session = db.session()
    count, unreadable = reencrypt_all(session)
    db.session.commit()
    click.echo(f"{count} secrets are encrypted with the present key.")
    for email in unreadable:
        click.echo(f"The secret of {email} cannot be read with any key.", err=True)
    if unreadable:
        sys.exit(1)


def _school(session: Session, urn: int | None) -> School | None:
    if urn is None:
        return None
    school = session.get(School, urn)
    if school is None:
        raise Refusal(f"The register has no school with the URN {urn}.")
    return school


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
