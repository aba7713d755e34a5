"""What the worker does for the index: it keeps it up, and builds one where there is none."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy.orm import Session

from marketplace.audiences.groups.events import GroupJoined, GroupLeft
from marketplace.calendar.events import TermDatesChanged
from marketplace.clock import LONDON, today
from marketplace.database import db
from marketplace.listings.events import (
    ListingChanged,
    ListingExpired,
    ListingPosted,
    ListingReopened,
    ListingWithdrawn,
)
from marketplace.listings.moderation.events import ListingHidden, ListingRestored
from marketplace.outbox import Event, get_subscribers
from marketplace.outbox.worker import worker_idle
from marketplace.search.index.checking import mend
from marketplace.search.index.folder import IndexBusyError, IndexMissingError, current, read_state
from marketplace.search.index.writing import catch_up, rebuild
from marketplace.settings import Settings, SettingsError, search_index_folder
from marketplace.term_clock.events import TermAnswered

NAME = "search_index"
KINDS: tuple[type[Event], ...] = (
    ListingPosted,
    ListingChanged,
    ListingWithdrawn,
    ListingReopened,
    ListingExpired,
    ListingHidden,
    ListingRestored,
    GroupJoined,
    GroupLeft,
    TermAnswered,
    TermDatesChanged,
)
"""The events after which listings are written anew."""
PAUSE_SECONDS = 30.0
"""How long an idle worker leaves an index alone that it could not write."""

log = logging.getLogger(__name__)


def folder_of(app: Flask) -> Path:
    """Return the folder of the application’s index.

    Raises:
        OSError: if the default one cannot be made.
    """
    settings: Settings = app.extensions["skillbank.settings"]
    with app.app_context():
        url = db.engine.url
    try:
        return search_index_folder(settings, url)
    except SettingsError as error:
        raise OSError(str(error)) from error


class Keeper:
    """Keeps the index of one worker’s machine."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def on_idle(self, app: Flask) -> None:
        """Bring the index up when the worker has nothing to do; never fail.

        Events go to one worker of the network only, so it is here that the index of each machine
        follows them.
        """
        if time.monotonic() < self._not_before:
            return
        with app.app_context(), db.engine.execution_options(read_only=True).connect() as connection:
            try:
                with Session(connection) as session:
                    keep_up(session, folder_of(app))
            except IndexBusyError:
                self._not_before = time.monotonic() + 1
            except (OSError, ValueError) as error:
                self._not_before = time.monotonic() + PAUSE_SECONDS
                log.warning("The search index cannot be written: %s", error)


def on_listing(session: Session, _event: Event) -> None:
    """Bring the index up to the event, and to all others that are there; never fail.

    What cannot be done now is done when the worker has nothing else to do.
    """
    try:
        catch_up(session, folder_of(current_app))
    except (IndexMissingError, IndexBusyError, OSError, ValueError) as error:
        log.info("The search index is left for later: %s", error)


def keep_up(session: Session, folder: Path) -> None:
    """Build the index if there is none that can be used; else bring it up, and compare it daily.

    The first comparison of a day also renews from when on listings can be had.

    Raises:
        IndexBusyError: another process writes to it.
        OSError, ValueError: it cannot be written.
    """
    try:
        catch_up(session, folder)
        checked_at = datetime.fromisoformat(read_state(current(folder)).checked_at)
        if checked_at.astimezone(LONDON).date() < today():
            differences = mend(session, folder)
            if differences.all:
                log.warning(
                    "The search index differed from the database in %s listings and was mended.",
                    len(differences.all),
                )
    except (IndexMissingError, ValueError) as error:
        log.warning("The search index is built anew: %s", error)
        log.warning("The search index is built anew: %s listings", rebuild(session, folder))


def init_app(app: Flask) -> None:
    """Let the worker keep the index of ``app``."""
    subscribers = get_subscribers(app)
    for kind in KINDS:
        subscribers.subscribe(kind, NAME, on_listing)
    keeper = Keeper()
    app.extensions[NAME] = keeper
    worker_idle.connect(keeper.on_idle, sender=app)
