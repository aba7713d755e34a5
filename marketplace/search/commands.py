"""Commands on the search index."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from marketplace.database import db
from marketplace.search.index.checking import compare
from marketplace.search.index.folder import IndexBusyError, IndexMissingError
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.writing import rebuild

NAMED = 20

search = AppGroup("search", help="Build the search index anew, or compare it with the database.")


@search.command()
def reindex() -> None:
    """Build the search index anew; searches use the old one until the new one is whole."""
    folder = folder_of(current_app)

    def tell(done: int, total: int) -> None:
        click.echo(f"\rIndexing {done:,} of {total:,}", nl=False, err=True)

    try:
        count = rebuild(db.session(), folder, tell if sys.stderr.isatty() else None)
    except (IndexBusyError, OSError, ValueError) as error:
        _fail(f"The index was not built: {error}. The one before it stays.")
    click.echo(f"{count:,} open offers and requests are in the index.")


@search.command()
def check() -> None:
    """Compare the search index with the database; exit 1 if they differ."""
    try:
        differences = compare(db.session(), folder_of(current_app))
    except IndexMissingError as error:
        _fail(f"There is no index that can be used: {error}. Run “flask search reindex”.")
    except (OSError, ValueError) as error:
        _fail(f"The index cannot be read: {error}. Run “flask search reindex”.")
    if not differences.all:
        click.echo("The index is as the database.")
        return
    for words, numbers in (
        ("not in the index", differences.missing),
        ("in the index, but not open", differences.extra),
        ("in the index as they were before", differences.other),
    ):
        if numbers:
            named = ", ".join(str(number) for number in numbers[:NAMED])
            more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
            click.echo(f"{len(numbers):,} listings are {words}: {named}{more}.")
    _fail("The worker mends this within a day; “flask search reindex” does at once.")


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(1)
