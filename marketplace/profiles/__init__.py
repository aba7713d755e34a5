"""What schools and their people say of themselves, and what the network has seen of them.

- ``experts``: the directory of expertise, and the table of its gaps;
- ``parts``: the page that a school writes about itself, each part with its own audience;
- ``track_record``: what a school has given and received, and how fast it answers.
"""

from __future__ import annotations

from flask import Flask

from marketplace.profiles import experts, parts, track_record


def init_app(app: Flask) -> None:
    """Add the directory, the parts of a school's page, and the counting of track records."""
    experts.init_app(app)
    parts.init_app(app)
    track_record.init_app(app)
