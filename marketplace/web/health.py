"""The health check: whether the service answers, and whether its database can be written to."""

from __future__ import annotations

import logging
import time
from datetime import datetime

import sqlalchemy as sa
from flask import Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Mapped, mapped_column

from marketplace import clock
from marketplace.database import Base, db

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 5
"""How long a good answer is remembered: however often it is asked, the check costs little."""


class HealthCheck(Base):
    """The one row that the health check writes, to see that writing is possible."""

    __tablename__ = "health_check"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checked_at: Mapped[datetime]


def init_app(app: Flask) -> None:
    """Serve ``/healthz``; its view states no rule of its own, see ``pages``."""
    app.extensions["skillbank.health"] = {"good_until": 0.0}


def healthz() -> ResponseReturnValue:
    """Say whether the service can read and write its database (JSON; no figures: it is public)."""
    remembered = current_app.extensions["skillbank.health"]
    if time.monotonic() < remembered["good_until"]:
        return jsonify(status="ok")
    try:
        _write()
    except sa.exc.SQLAlchemyError as error:
        log.error("the health check failed: %s", getattr(error, "orig", error))
        return jsonify(status="unavailable"), 503
    remembered["good_until"] = time.monotonic() + REMEMBERED_SECONDS
    return jsonify(status="ok")


def _write() -> None:
    with db.engine.begin() as connection:
        now = clock.now()
        result = connection.execute(sa.update(HealthCheck).values(checked_at=now))
        if result.rowcount == 0:
            connection.execute(sa.insert(HealthCheck).values(id=1, checked_at=now))
