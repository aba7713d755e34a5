"""``flask --app wsgi …``: the commands of operators and administrators."""

from __future__ import annotations

import sys

import click
import sqlalchemy as sa
from flask import Flask, current_app, url_for
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from marketplace.database import db
from marketplace.demo.commands import demo
from marketplace.demo.running import serve_command
from marketplace.finance import upkeep as _upkeep  # noqa: F401  # its commands must be known
from marketplace.finance.commands import ledger
from marketplace.network.membership import join, schools_changed
from marketplace.people.links import DAYS, make_link
from marketplace.people.models import Person
from marketplace.people.roles import SCHOOL_ROLES, Role
from marketplace.people.service import PeopleError, create_person, grant_role, normalise_email
from marketplace.schools.commands import register_imported, schools
from marketplace.schools.importing import ImportResult
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.problems import Problem

people = AppGroup("people", help="Who may sign in.")


def init_app(app: Flask) -> None:
    """Add every command to ``app``."""
    for group in (schools, people, ledger, demo):
        app.cli.add_command(group)
    demo.add_command(serve_command)


@register_imported.connect
def act_on_the_register(session: Session, result: ImportResult) -> str:
    """Freeze what belongs to schools that have closed, in the import's own transaction."""
    return schools_changed(
        session, result.newly_closed, result.reopened, actor="command:schools-import"
    )


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
@click.option("--name", default="", help="The person's name; the address, if none is given.")
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
            place = school if Role(role) in SCHOOL_ROLES else None
            if place is not None and join(
                session, place, current_policy(), actor="command:people-create"
            ):
                lines.append(f"{place.name} takes part now, with its joining grant.")
            grant_role(session, person, Role(role), place)
            lines.append(f"{role}: {place.name if place else 'the network'}.")
        db.session.commit()
    except (PeopleError, Problem) as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    # Only what has been committed is so.
    for line in lines:
        click.echo(line)


@people.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Make a one-time link with which a person chooses a new password."""
    session = db.session()
    person = session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))
    if person is None or not person.active:
        raise click.ClickException(f"Nobody with the address {email} can sign in here.")
    with current_app.test_request_context():
        path = url_for("people.use_link", token=make_link(session, person))
    click.echo(f"For {person.name}, once, within {DAYS} days; put the site’s address before it:")
    click.echo(path)


def _school(session: Session, urn: int | None) -> School | None:
    if urn is None:
        return None
    school = session.get(School, urn)
    if school is None:
        raise PeopleError(f"The register has no school with the URN {urn}.")
    return school


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
