"""Every process knows the topics: it reads what the operator changed again every few seconds."""

from __future__ import annotations

from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.listings.topics import Entry, Topics, set_topics
from marketplace.search.own_topics.queries import entries_in_force
from marketplace.search.remembering import Remembered

KEY = "skillbank.search.own_topics"


def init_app(app: Flask) -> None:
    """Let the application ask for the topics as they are now."""
    remembered = Remembered(entries_in_force, Entry, Topics)
    app.extensions[KEY] = remembered
    set_topics(app, remembered.current)


def forget_topics() -> None:
    """Let this process read the topics again when they are asked for next."""
    _remembered().forget()


def forget_topics_after_commit(session: Session) -> None:
    """Let this process know at once what it is about to commit, or that it was rolled back."""
    _remembered().forget_after_commit(session)


def _remembered() -> Remembered[Entry, Topics]:
    remembered: Remembered[Entry, Topics] = current_app.extensions[KEY]
    return remembered
