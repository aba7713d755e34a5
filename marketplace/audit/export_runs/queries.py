"""Reading the downloads."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audit.export_runs.models import ExportRun
from marketplace.errors import NotFound


def get_export(session: Session, run_id: int, actor: Actor) -> ExportRun:
    """Return a download that ``actor`` asked for.

    Raises:
        NotFound: the actor asked for none of this number, or it was a day ago.
    """
    run = session.get(ExportRun, run_id)
    if run is None or run.asked_by_id != actor.person_id:
        raise NotFound("There is no such download. Ask for it again in the journal.")
    return run
