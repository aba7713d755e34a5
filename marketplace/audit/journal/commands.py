"""``flask --app wsgi ledger reindex-journal``: the journal's index made anew, or compared."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from ledger import Book
from marketplace.audit.commands import FAULTS_SHOWN, ledger
from marketplace.audit.journal.indexing import compare_with_ledger, reindex_journal
from marketplace.database import db


@ledger.command("reindex-journal")
@click.option("--check", is_flag=True, help="Change nothing; compare the index with the ledger.")
def reindex_journal_command(check: bool) -> None:
    """Make the index anew in which the journal finds records; the worker keeps it up.

    With --check it names each record that the index has otherwise than the ledger, and then
    exits with 1.
    """
    session = db.session()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Comparing" if check else "Indexing", total=Book(session).head().last)

        def progress(done: int) -> None:
            bar.update(task, completed=done)

        if not check:
            count = reindex_journal(session, session.commit, progress)
            click.echo(f"The journal’s index has {count:,} records.")
            return
        differences = list(compare_with_ledger(session, progress))
    for difference in differences[:FAULTS_SHOWN]:
        click.echo(difference, err=True)
    if differences:
        raise click.ClickException(
            f"The index differs from the ledger in {len(differences):,} places. Run this without"
            " --check to make it anew."
        )
    click.echo("The journal’s index is as the ledger.")
