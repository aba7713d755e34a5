"""``flask --app wsgi ledger …``: what a scheduler or the finance office does to the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import click
from sqlalchemy.orm import Session

from ledger import Book, LedgerError
from marketplace.database import db
from marketplace.finance.commands import ledger, reading
from marketplace.web.formats import credits

SWEPT_AT_ONCE = 500


def _done(work: Callable[[Book], str]) -> None:
    """Do something to the book, commit it, and say what came of it."""
    session: Session = db.session()
    try:
        said = work(Book(session))
    except LedgerError as error:
        session.rollback()
        raise click.ClickException(str(error)) from error
    session.commit()
    click.echo(said)


@ledger.command("sweep")
def sweep() -> None:
    """Release expired holds and add up what schools have given each other; run it every hour.

    Nothing depends on it: an expired hold never counts, swept or not. It keeps reading quick.
    """
    session: Session = db.session()
    released = added = 0
    while count := Book(session).sweep(SWEPT_AT_ONCE):
        released += count
        session.commit()  # so that nobody waits for long
    while count := Book(session).summarise():
        added += count
        session.commit()
    click.echo(f"{released:,} sides of expired holds released; {added:,} entries added up.")


@ledger.command("seal")
@click.option(
    "--after-restore",
    is_flag=True,
    help="The database was restored into another server: seal all that is not sealed.",
)
def seal(after_restore: bool) -> None:
    """Seal what was recorded since the last seal; run it every night, and keep what it prints."""

    def work(book: Book) -> str:
        seals = book.seal(after_restore=after_restore)
        lines = [f"seal {one.number}: {one.size:,} transactions, {one.hash}" for one in seals]
        return "\n".join(lines) or "Nothing new to seal."

    _done(work)


@ledger.command("prove")
@click.argument("transaction", type=click.IntRange(1, 2**63 - 1))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file for it.")
def prove(transaction: int, output: Path | None) -> None:
    """Write the proof that TRANSACTION is in its seal.

    “python -m ledger verify-proof FILE --seal HASH” checks it anywhere, without a database.
    """

    with reading() as connection:
        try:
            proof = Book(connection).prove(transaction).to_json()
        except LedgerError as error:
            raise click.ClickException(str(error)) from error
    if output is None:
        click.echo(proof, nl=False)
    else:
        output.write_text(proof, encoding="utf-8")
        click.echo(f"{output} has the proof of transaction {transaction}.")


@ledger.command("close-period")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--by", "actor", required=True, help="Who closes it.")
@click.confirmation_option(
    prompt="Nothing can ever be posted up to that day again. Close the books?"
)
def close_period(day: datetime, actor: str) -> None:
    """Close the books through DAY for ever, and write down every balance at its end."""

    def work(book: Book) -> str:
        period = book.close_period(day.date(), actor=actor)
        return f"The books are closed through {period.ends_on:%-d %B %Y}."

    _done(work)


@ledger.command("demurrage")
@click.argument("period")
@click.option("--above", type=click.IntRange(min=0), required=True, help="Minutes left alone.")
@click.option("--percent", type=click.IntRange(1, 100), required=True, help="Of what is above.")
@click.option("--to", default="network:fund", show_default=True, help="The account that takes it.")
@click.option("--by", "actor", required=True, help="Who decided it.")
@click.option("--dry-run/--really", default=True, help="Only show it (default), or do it.")
def demurrage(period: str, above: int, percent: int, to: str, actor: str, dry_run: bool) -> None:
    """Charge schools’ idle balances for PERIOD (2026-11, say), each school once.

    Credits that are held are left alone. Without --really it only shows what would be charged.
    """
    share = Fraction(percent, 100)

    def work(book: Book) -> str:
        if dry_run:
            due = book.demurrage_due(period, above=above, share=share, to=to, prefix="school:")
            for charge in due:
                click.echo(f"{charge.account}  {credits(charge.minutes)}")
            return f"{_schools(len(due))} would be charged. Add --really to do it."
        posted = book.demurrage(
            period, above=above, share=share, to=to, actor=actor, prefix="school:"
        )
        total = sum(one.entries[1].amount for one in posted)
        return f"{_schools(len(posted))} charged, {credits(total)} in all."

    _done(work)


def _schools(count: int) -> str:
    return "1 school" if count == 1 else f"{count:,} schools"
