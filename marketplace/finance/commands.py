"""``flask --app wsgi ledger …``: proving, reading and exporting the book."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress

from ledger import Book
from marketplace.database import db
from marketplace.web.formats import credit_number

ledger = AppGroup("ledger", help="The book of credits.")

FAULTS_SHOWN = 100


@ledger.command("verify")
@click.option(
    "--thorough",
    is_flag=True,
    help="Walk the order of time on every account of a large book, not on a share of them.",
)
def verify(thorough: bool) -> None:
    """Prove the book, or name what is wrong; exits with 1 if anything is."""
    console = Console(stderr=True)
    # On a connection that only reads, verifying never stands in the way of a writer.
    reading = db.engine.execution_options(read_only=True, postgresql_readonly=True)
    with (
        Progress(console=console, disable=not console.is_terminal) as bar,
        reading.connect() as connection,
    ):
        task = bar.add_task("Verifying", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        report = Book(connection).verify(tell, thorough=thorough)
    for fault in report.faults[:FAULTS_SHOWN]:
        click.echo(str(fault), err=True)
    if not report.sound:
        if report.total > FAULTS_SHOWN:
            click.echo(f"… and {report.total - FAULTS_SHOWN:,} more.", err=True)
        faults = "fault" if report.total == 1 else "faults"
        click.echo(f"The book is NOT sound: {report.total:,} {faults}.", err=True)
        raise SystemExit(1)
    counts = ", ".join(f"{count:,} {what}" for what, count in report.counts.items())
    click.echo(f"The book is sound: {counts}.")


@ledger.command("trial-balance")
def trial_balance() -> None:
    """Every account's balance, and the totals, which must agree."""
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
def export_command(form: str) -> None:
    """Write the whole journal to standard output, with balance assertions."""
    export(Book(db.session()), form, sys.stdout)
