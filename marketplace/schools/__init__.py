"""The register of schools: the facts of each school, and their import."""

from __future__ import annotations

from flask import Flask

from marketplace.schools import commands


def init_app(app: Flask) -> None:
    """Add the commands of the register."""
    app.cli.add_command(commands.schools)
