"""``flask --app wsgi schools …``: the register of schools, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa
from blinker import Namespace
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from marketplace.database import db
from marketplace.schools.importing import ImportResult
from marketplace.schools.importing import Progress as TellProgress
from marketplace.schools.importing import import_register as import_
from marketplace.schools.register import RegisterError

PROBLEMS_SHOWN = 20

register_imported = Namespace().signal("register-imported")
"""Sent by ``schools import`` after the schools are up to date and before the commit.

Packages above connect to it to act on schools that closed (freeze the account, withdraw the
listings), opened again or have another name, in the same transaction. A receiver is called as
``receiver(session, result=result)`` with the Session and the ImportResult; what it returns, if
anything, is a sentence for the summary, and an error in it undoes the import. Receivers are held
weakly: connect functions of a module, not lambdas.
"""

schools = AppGroup("schools", help="The register of schools.")


@schools.command("import")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
def import_command(files: tuple[Path, ...]) -> None:
    """Bring the schools up to date with the official register.

    FILE is the zip that the Department for Education's “Get information about schools” service
    gives, or a CSV from it: edubasealldata, edubaseallstatefunded, edubaseallacademiesandfree, or
    several of them, and the links_ CSV of each. Facts for which a file has no column stay as they
    are. Everything happens in one transaction. The same file a second time changes nothing.
    """
    try:
        with _progress() as tell:
            result = import_(db.session(), *files, progress=tell)
        answers = register_imported.send(db.session(), result=result)
        db.session.commit()
    except RegisterError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        db.session.rollback()
        raise click.ClickException(
            f"The database did not take the schools: {error.orig}."
            " If it is new, run “flask --app wsgi db upgrade” first."
        ) from error
    _list_problems(result)
    _summarise(result)
    for _, sentence in answers:
        if sentence:
            click.echo(sentence)


def _summarise(result: ImportResult) -> None:
    click.echo(
        f"Read {_schools(result.read)}: {result.added:,} added, {result.changed:,} changed,"
        f" {result.unchanged:,} unchanged, {result.left_out:,} left out."
    )
    if result.successors:
        click.echo(f"Successors set or changed: {result.successors:,}.")
    if result.groups:
        click.echo(f"Local authorities and trusts added or changed: {result.groups:,}.")
    if result.newly_closed:
        click.echo(f"Closed since the last import: {_urns(result.newly_closed)}.")
    if result.reopened:
        click.echo(f"Open again: {_urns(result.reopened)}.")
    if result.did_nothing:
        click.echo("Nothing changed: the database already said all of this.")


def _list_problems(result: ImportResult) -> None:
    if not result.problems:
        return
    for problem in result.problems[:PROBLEMS_SHOWN]:
        click.echo(str(problem), err=True)
    more = len(result.problems) - PROBLEMS_SHOWN
    if more > 0:
        click.echo(f"… and {more:,} more.", err=True)
    count = len(result.problems)
    click.echo(f"{count:,} {'problem' if count == 1 else 'problems'} in all.", err=True)


def _schools(count: int) -> str:
    return f"{count:,} {'school' if count == 1 else 'schools'}"


def _urns(urns: tuple[int, ...]) -> str:
    listed = ", ".join(str(urn) for urn in urns[:10])
    return f"{_schools(len(urns))} (URN {listed}{', …' if len(urns) > 10 else ''})"


@contextmanager
def _progress() -> Iterator[TellProgress]:
    """A bar on a terminal; where there is none, a line for every quarter of a file."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(noun: str, done: int, total: int) -> None:
            if noun not in tasks:
                tasks[noun] = bar.add_task(f"Reading the {noun}", total=total)
            bar.update(tasks[noun], completed=done)

        yield tell


def _plain_lines() -> TellProgress:
    quarters_shown: dict[str, int] = {}

    def tell(noun: str, done: int, total: int) -> None:
        quarters = 4 * done // max(total, 1)
        if quarters > quarters_shown.get(noun, 0):
            quarters_shown[noun] = quarters
            click.echo(f"Reading the {noun}: {quarters * 25} %", err=True)

    return tell
