"""The register of schools: the facts of each school, and their import."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace.outbox.schedule import get_schedule
from marketplace.schools import commands
from marketplace.schools.word_index import index_schools_without_words


def init_app(app: Flask) -> None:
    """Add the commands of the register, and the job that gives every school its words."""
    app.cli.add_command(commands.schools)
    get_schedule(app).every("index_schools", timedelta(hours=1), index_schools_without_words)
