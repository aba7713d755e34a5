"""``flask --app wsgi demo …``: a network of real schools to try the product with."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.audit.verification.events import VerificationAsked
from marketplace.audit.verification.service import begin_run, open_run
from marketplace.clock import today
from marketplace.database import db
from marketplace.demo.accounts import PASSWORD, sign_ins
from marketplace.demo.loading import Scale, load, shortfalls
from marketplace.errors import Refusal
from marketplace.outbox.service import record
from marketplace.schools.importing import import_register
from marketplace.schools.models import School
from marketplace.search.index.folder import IndexBusyError
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.writing import rebuild
from marketplace.settings import current_policy, current_settings

REGISTER = Path(__file__).parent / "data" / "register.zip"

demo = AppGroup("demo", help="A network of real schools to try the product with.")


@demo.command("load")
@click.option("--schools", default=1480, show_default=True, help="How many schools take part.")
@click.option("--listings", default=240, show_default=True, help="How many offers and requests.")
@click.option("--exchanges", default=600, show_default=True, help="How many exchanges.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same demo.")
@click.option("--if-empty", is_flag=True, help="Do nothing if schools take part already.")
@click.option("--in-production", is_flag=True, help="Do it on a production database, too.")
def load_command(
    schools: int, listings: int, exchanges: int, seed: int, if_empty: bool, in_production: bool
) -> None:
    """Fill the database with real schools, and what they could be doing with one another.

    The schools are those of the register that was imported, or else of the part of it that
    comes with the product. It makes accounts with a published password, one of them the
    operator's, so a production database (any but a SQLite file) needs --in-production.
    """
    session = db.session()
    taking_part = session.scalar(
        sa.select(sa.func.count()).select_from(School).where(School.joined_at.is_not(None))
    )
    if taking_part:
        if if_empty:
            return
        raise click.ClickException(
            f"{taking_part:,} schools take part already, and a demo must not mix with them."
            " Use an empty database."
        )
    if current_settings().production and not in_production:
        raise click.ClickException(
            "This is a production database, and the demo makes accounts with a published password,"
            " one of them the operator's. On a database that is only for trying Skillbank, add"
            " --in-production."
        )
    console = Console(stderr=True)
    try:
        with Progress(console=console, disable=not console.is_terminal) as bar:
            if not session.scalar(sa.select(sa.func.count()).select_from(School)):
                reading = bar.add_task("Reading the register", total=None)
                import_register(session, REGISTER)
                bar.update(reading, total=1, completed=1)
            tasks = {}

            def tell(label: str, count: int, total: int) -> None:
                if label not in tasks:
                    tasks[label] = bar.add_task(label, total=total)
                bar.update(tasks[label], completed=count)

            scale = Scale(schools, listings, exchanges)
            result = load(session, scale, seed, current_policy(), today(), tell)
        session.commit()
        _seal_and_verify(session)
        session.commit()
        _index(session)
    except Refusal as refusal:
        session.rollback()
        raise click.ClickException(refusal.message) from refusal
    click.echo(
        f"The demo has {result.schools:,} schools, {result.listings:,} offers and requests and"
        f" {result.exchanges:,} exchanges."
    )
    for sentence in shortfalls(scale, result):
        click.echo(sentence)
    click.echo(f"Its accounts have a published password: {PASSWORD}", err=True)


def _index(session: Session) -> None:
    """Build the search index, so that the first page has something before a worker runs."""
    try:
        rebuild(session, folder_of(current_app))
    except (IndexBusyError, OSError, ValueError) as error:
        click.echo(f"The search index is left to the worker: {error}", err=True)


def _seal_and_verify(session: Session) -> None:
    """Seal the book, and have the worker verify it: the auditor's pages then have something."""
    Book(session).seal()
    if open_run(session) is None:
        run = begin_run(session, thorough=False)
        record(session, VerificationAsked(actor_id=None, school_urns=(), run_id=run.id))


@demo.command("sign-ins")
def sign_ins_command() -> None:
    """Print a sign-in for every role."""
    accounts = sign_ins(db.session())
    if not accounts:
        raise click.ClickException("There is no demo here: run “demo load” on an empty database.")
    width = max(len(email) for email, _ in accounts)
    for email, roles in accounts:
        click.echo(f"  {email:<{width}}  {roles}")
    click.echo(f"  The password is the same for all of them: {PASSWORD}")
