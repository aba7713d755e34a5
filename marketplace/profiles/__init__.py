"""What schools and their people say of themselves, and what the network has seen of them.

- ``experts``: the directory of expertise, and the table of its gaps;
- ``parts``: the page that a school writes about itself, each part with its own audience;
- ``evidence``: what shows it, piece by piece;
- ``photographs``: the pictures on that page;
- ``track_record``: what a school has given and received, and how fast it answers.
"""

from __future__ import annotations

from flask import Flask

from marketplace.profiles import evidence, experts, own_page, parts, photographs, track_record
from marketplace.profiles.parts import views

own_page.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add the directory, a school's page with its photographs, and the counting of records."""
    experts.init_app(app)
    parts.init_app(app)
    evidence.init_app(app)
    photographs.init_app(app)
    track_record.init_app(app)
