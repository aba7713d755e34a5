"""``flask --app wsgi retention …``: what is over its time, and getting rid of it."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from marketplace.database import db
from marketplace.privacy.retention import get_retention, purge_one

retention = AppGroup("retention", help="How long things are kept.")


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def run(dry_run: bool) -> None:
    """Delete or make anonymous what is over its time; the worker does it every night."""
    session = db.session()
    for rule in get_retention():
        if rule.purge is None:
            continue
        count = purge_one(session, rule)
        if dry_run:
            session.rollback()
        else:
            session.commit()
        verb = "would go" if dry_run else "gone"
        click.echo(f"{rule.name}, after {rule.period}: {count:,} {verb}")
