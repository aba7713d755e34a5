"""``flask --app wsgi ledger …``: proving, reading and exporting the book."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.dialects import postgresql

from ledger import (
    Book,
    Form,
    LedgerError,
    Unsealed,
    export,
    import_journal,
    import_opening_balances,
    roles_sql,
    schema,
)
from marketplace.audit.day_totals.service import forget_totals, keep_totals
from marketplace.audit.verification.verifier import Verifier
from marketplace.credits.formats import credit_number
from marketplace.database import RIGHTS, db


class BookCommands(AppGroup):
    """Commands that say in a sentence what the book refuses, such as one that is not upgraded."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            raise click.ClickException(str(error)) from error


ledger = BookCommands("ledger", help="The book of credits.")

FAULTS_SHOWN = 100
SHOWN_SECONDS = 0.2
"""How often the progress of a verification is shown anew."""


def reading(**options: str) -> sa.Connection:
    """Return a connection that only reads, and so never makes a writer wait."""
    return db.engine.execution_options(
        read_only=True, postgresql_readonly=True, **options
    ).connect()


@ledger.command("verify")
@click.option(
    "--thorough",
    is_flag=True,
    help="Walk every account and compare every sealed transaction of a large book, not a share.",
)
@click.option(
    "--at-full-speed",
    is_flag=True,
    help="Without pauses, with all the machine has: where no server works beside it.",
)
def verify(thorough: bool, at_full_speed: bool) -> None:
    """Prove the book, or list its faults and exit with 1; a server beside it does not notice."""
    console = Console(stderr=True)
    verifier = Verifier(db.engine, thorough=thorough, gently=not at_full_speed)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Verifying", total=None)
        with verifier:
            while not verifier.done.wait(SHOWN_SECONDS):
                done, steps = verifier.progress
                bar.update(task, completed=done, total=steps or None)
    report, _head = verifier.result()
    with reading() as connection:
        backlog = Book(connection).unsealed()
    for fault in report.faults[:FAULTS_SHOWN]:
        click.echo(str(fault), err=True)
    for remark in report.remarks:
        click.echo(remark)
    if not report.sound:
        if report.total > FAULTS_SHOWN:
            click.echo(f"… and {report.total - FAULTS_SHOWN:,} more.", err=True)
        faults = "fault" if report.total == 1 else "faults"
        click.echo(f"The book is NOT sound: {report.total:,} {faults}.", err=True)
        raise SystemExit(1)
    counts = ", ".join(f"{count:,} {noun}" for noun, count in report.counts.items())
    click.echo(f"The book is sound: {counts}. Its tables are of version {schema.VERSION}.")
    if backlog.transactions:
        click.echo(describe_unsealed(backlog))


def describe_unsealed(backlog: Unsealed) -> str:
    """Return sentences on what is in no seal yet, and on what sealing would wait for."""
    are = "transaction is" if backlog.transactions == 1 else "transactions are"
    sentence = f"{backlog.transactions:,} {are} in no seal yet"
    if backlog.oldest is not None:
        sentence += f", the oldest recorded on {_instant(backlog.oldest)}"
    blocker = backlog.held_up_by
    if blocker is None:
        return f"{sentence}."
    owner = f" of {blocker.role}" if blocker.role else ""
    place = f" in the database {blocker.database}" if blocker.database else ""
    if blocker.prepared is not None:
        transaction = f"the prepared transaction “{blocker.prepared}”{owner}{place}"
    else:
        transaction = f"process {blocker.pid}, a transaction{owner}{place}"
    since = f", since {_instant(blocker.since)}" if blocker.since else ""
    return f"{sentence}. Sealing waits for {transaction}{since}."


def _instant(instant: datetime) -> str:
    return f"{instant:%-d %B %Y at %H:%M:%S} UTC"


@ledger.command("trial-balance")
def trial_balance() -> None:
    """Print every account's balance, and the totals, which must agree."""
    balance = Book(db.session()).trial_balance()
    width = max((len(row.code) for row in balance.rows), default=10)
    click.echo(f"{'account':<{width}}  {'debit':>12}  {'credit':>12}")
    for row in balance.rows:
        debit = credit_number(row.debit) if row.debit else ""
        credit = credit_number(row.credit) if row.credit else ""
        click.echo(f"{row.code:<{width}}  {debit:>12}  {credit:>12}")
    click.echo(
        f"{'total':<{width}}  {credit_number(balance.debit):>12}"
        f"  {credit_number(balance.credit):>12}"
    )
    if balance.debit != balance.credit:
        raise click.ClickException("The totals do not agree: run “ledger verify”.")


@ledger.command("export")
@click.option("--format", "form", required=True, type=click.Choice(["csv", "hledger", "beancount"]))
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export_command(form: Form, output: TextIO) -> None:
    """Write the whole journal, with balance assertions, to standard output or a file."""
    console = Console(stderr=True)
    with (
        reading(**_one_state()) as connection,
        Progress(console=console, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task("Exporting", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        export(Book(connection), form, output, progress=tell)


def _one_state() -> dict[str, str]:
    """The options that make a transaction read one state of the database; SQLite always does."""
    return {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}


@ledger.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--opening-against", metavar="CODE", help="FILE has balances; post them against CODE."
)
@click.option("--create-accounts", is_flag=True, help="Open missing accounts, without limits.")
@click.option("--dry-run/--really", default=True, help="Only try it (default), or do it.")
def import_command(
    file: Path, opening_against: str | None, create_accounts: bool, dry_run: bool
) -> None:
    """Post a journal, or opening balances, from a CSV FILE: all of it or nothing.

    A journal has the columns that “ledger export --format csv” writes; transaction, account and
    amount are needed, holds are not made again. Opening balances have the columns account and
    minutes. Unless told --really it only tries, and reports by line and column what is wrong. The
    same file a second time changes nothing.
    """
    session = db.session()
    book, name = Book(session), file.stem
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            if opening_against is None:
                report = import_journal(
                    book, stream, name=name, create_accounts=create_accounts, dry_run=dry_run
                )
            else:
                report = import_opening_balances(
                    book,
                    stream,
                    name=name,
                    against=opening_against,
                    create_accounts=create_accounts,
                    dry_run=dry_run,
                )
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not in UTF-8: {error.reason}.") from error
    for problem in report.problems[:FAULTS_SHOWN]:
        column = f", {problem.column}" if problem.column else ""
        click.echo(f"line {problem.line}{column}: {problem.message}", err=True)
    if report.problems:
        raise click.ClickException(f"{len(report.problems):,} problems; nothing was imported.")
    for code, minutes in sorted(report.balances.items()):
        click.echo(f"{code}  {minutes:,} minutes")
    click.echo(
        f"{'Imported' if report.done else 'Would import'} {report.posted:,} transactions;"
        f" {len(report.opened):,} accounts are new,"
        f" {report.replayed:,} transactions were in the book already."
    )
    if report.done:
        forget_totals(session)
        session.commit()
        keep_totals(session, session.commit)
    else:
        click.echo("This was a dry run: nothing was changed. Add --really to do it.")


@ledger.command("roles")
@click.argument("role")
def roles(role: str) -> None:
    """Print the SQL that lets ROLE run Skillbank on PostgreSQL without power over the book.

    The owner of the tables runs it, after making the role and after every upgrade. What is
    recorded in the book ROLE can read and add to, and so it is with what the marketplace never
    changes, such as the security log; everything else it can write as usual.
    """
    try:
        click.echo(roles_sql(role), nl=False)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    quote = postgresql.dialect().identifier_preparer.quote_identifier  # type: ignore[no-untyped-call]
    grantee = quote(role)
    for table in db.metadata.sorted_tables:
        if table.name not in schema.metadata.tables:
            name = f"public.{quote(table.name)}"
            if RIGHTS in table.info:  # an earlier version may have granted more
                click.echo(f"REVOKE ALL ON {name} FROM {grantee};")
            rights = table.info.get(RIGHTS, "SELECT, INSERT, UPDATE, DELETE")
            click.echo(f"GRANT {rights} ON {name} TO {grantee};")
    click.echo(f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO {grantee};")
