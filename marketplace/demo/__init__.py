"""The demo: a network of real schools to try the product with.

``data/register.zip`` is a cut of the Department for Education's register (“Get information about
schools”, July 2025) in the register's own format: every open school with a map position in
Warwickshire, Coventry, Solihull, Leicestershire, Leicester, Rutland, Nottinghamshire and
Nottingham, which lie side by side in the West and East Midlands, and 48 closed ones with the
schools that succeeded them. It holds no names of people.

Contains public sector information licensed under the Open Government Licence v3.0
(https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/).
"""

from __future__ import annotations

from flask import Flask

from marketplace.demo import commands, running


def init_app(app: Flask) -> None:
    """Add the commands of the demo."""
    commands.demo.add_command(running.serve_command)
    app.cli.add_command(commands.demo)
