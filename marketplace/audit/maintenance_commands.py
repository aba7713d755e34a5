"""``flask --app wsgi ledger …``: what a scheduler or the finance office does to the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from fractions import Fraction
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from ledger import Book, Seal
from marketplace.audit.commands import describe_unsealed, reading
from marketplace.audit.day_totals.service import keep_totals
from marketplace.audit.named_people import ledger_actor_of
from marketplace.credits.chart import actor_names
from marketplace.credits.formats import credits
from marketplace.database import db
from marketplace.outbox.schedule import JobRun, Schedule

maintenance = AppGroup("maintenance")

RELEASED_AT_ONCE = 500
NOTHING_TO_SEAL = "Nothing new to seal."


def schedule_jobs(schedule: Schedule) -> None:
    """Put on the schedule what keeps the book quick and sealed."""
    schedule.every("expire_holds", timedelta(hours=1), _expire_holds_job)
    # Sealing a large book takes long, and is one transaction.
    schedule.every("keep_totals", timedelta(hours=1), _keep_totals_job)
    schedule.every("seal_book", time(2, 30), _seal_job, lease=timedelta(hours=6))


def _keep_totals_job(run: JobRun) -> str:
    return keep_totals(run.session, run.commit)


def expire_holds(session: Session, commit: Callable[[], None]) -> str:
    """Release expired holds, add up what schools paid each other, and return a sentence on both.

    ``commit`` is called after every few hundred, so that writers do not wait for long. Nothing
    depends on this: an expired hold never counts, released or not. It keeps reading quick.
    """
    released = added = 0
    while count := Book(session).expire_holds(RELEASED_AT_ONCE):
        released += count
        commit()
    while count := Book(session).summarise():
        added += count
        commit()
    return f"{released:,} sides of expired holds released; {added:,} entries added up."


def seal_book(session: Session, *, after_restore: bool = False) -> str:
    """Seal what was recorded since the last seal; return the hashes, which the operator must keep.

    If something stays out of the seals, a last line says how much, since when and why.

    Raises:
        LedgerError: the database seems to have been restored, without ``after_restore``.
    """
    book = Book(session)
    lines = [_seal_line(seal) for seal in book.seal(after_restore=after_restore)]
    backlog = book.unsealed()
    return "\n".join(
        [
            *(lines or [NOTHING_TO_SEAL]),
            *([describe_unsealed(backlog)] if backlog.transactions else []),
        ]
    )


def _seal_line(seal: Seal) -> str:
    return f"seal {seal.number}: {seal.size:,} transactions, {seal.hash}"


def _expire_holds_job(run: JobRun) -> str:
    return expire_holds(run.session, run.commit)


def _seal_job(run: JobRun) -> str:
    """Seal, and keep the newest hash where the operator sees it, also on a quiet night."""
    sealed = seal_book(run.session)
    newest = Book(run.session).seals()[-1:]
    if sealed.startswith(NOTHING_TO_SEAL) and newest:
        newest_told = f"{NOTHING_TO_SEAL} The newest is {_seal_line(newest[0])}"
        return sealed.replace(NOTHING_TO_SEAL, newest_told, 1)
    return sealed


def _carry_out(work: Callable[[Session], str]) -> None:
    """Do ``work`` on the book, commit it, and print its outcome."""
    session: Session = db.session()
    outcome = work(session)
    session.commit()
    click.echo(outcome)


@maintenance.command("expire-holds")
def expire_holds_command() -> None:
    """Release expired holds and add up totals; the worker does it every hour."""
    session: Session = db.session()
    click.echo(expire_holds(session, session.commit))


maintenance.add_command(expire_holds_command, "sweep")  # the former name, still in crontabs


@maintenance.command("seal")
@click.option(
    "--after-restore",
    is_flag=True,
    help="Seal all that is in no seal; only where a restored database cannot be told from others.",
)
def seal(after_restore: bool) -> None:
    """Seal what was recorded since the last seal; the worker does it every night.

    Keep what it prints.
    """
    _carry_out(lambda session: seal_book(session, after_restore=after_restore))


@maintenance.command("prove")
@click.argument("transaction", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file."
)
def prove(transaction: int, output: Path | None) -> None:
    """Write the proof that TRANSACTION is in its seal.

    “python -m ledger verify-proof FILE --seal HASH” checks it anywhere, without a database.
    """

    with reading() as connection:
        proof = Book(connection).prove(transaction).to_json()
    if output is None:
        click.echo(proof, nl=False)
    else:
        output.write_text(proof, encoding="utf-8")
        click.echo(f"{output} has the proof of transaction {transaction}.")


@maintenance.command("close-period")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--by", "email", required=True, help="The operator who closes it: an address.")
@click.confirmation_option(
    prompt="Nothing can ever be posted up to that day again. Close the books?"
)
def close_period(day: datetime, email: str) -> None:
    """Close the books through DAY for ever, and write down every balance at its end."""

    def work(session: Session) -> str:
        book, actor = Book(session), ledger_actor_of(session, email)
        for closed in book.periods():
            if closed.ends_on == day.date():
                name = actor_names(session, [closed.actor])[closed.actor]
                raise click.ClickException(
                    f"{name} closed the books through {closed.ends_on:%-d %B %Y} already."
                )
        period = book.close_period(day.date(), key=f"close-period:{day:%Y-%m-%d}", actor=actor)
        return f"The books are closed through {period.ends_on:%-d %B %Y}."

    _carry_out(work)


@maintenance.command("demurrage")
@click.argument("period")
@click.option("--above", type=click.IntRange(min=0), required=True, help="Minutes free of charge.")
@click.option("--percent", type=click.IntRange(1, 100), required=True, help="Of the minutes above.")
@click.option("--to", default="network:fund", show_default=True, help="The account it goes to.")
@click.option("--by", "email", required=True, help="The operator who decided: an address.")
@click.option("--dry-run/--really", default=True, help="Only show it (default), or do it.")
def demurrage(period: str, above: int, percent: int, to: str, email: str, dry_run: bool) -> None:
    """Charge schools’ idle balances for PERIOD (2026-11, say), each school once.

    Credits that are held are left alone. Without --really it only shows what would be charged.
    """
    share = Fraction(percent, 100)

    def work(session: Session) -> str:
        book, actor = Book(session), ledger_actor_of(session, email)
        if dry_run:
            due = book.demurrage_due(period, above=above, share=share, to=to, prefix="school:")
            for charge in due:
                click.echo(f"{charge.account}  {credits(charge.minutes)}")
            return f"{_schools(len(due))} would be charged. Add --really to do it."
        transactions = book.demurrage(
            period, above=above, share=share, to=to, actor=actor, prefix="school:"
        )
        total = sum(transaction.entries[1].amount for transaction in transactions)
        return f"{_schools(len(transactions))} charged, {credits(total)} in all."

    _carry_out(work)


def _schools(count: int) -> str:
    return "1 school" if count == 1 else f"{count:,} schools"
