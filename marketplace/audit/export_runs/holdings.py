"""What downloads of the journal hold on people, and for how long."""

from __future__ import annotations

from flask import Flask

from marketplace.audit.export_runs.models import ExportRun
from marketplace.audit.export_runs.service import delete_old
from marketplace.privacy.holdings import Delete, Holding, get_holdings
from marketplace.privacy.retention import Rule, get_retention


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "downloads of the journal",
            about="the downloads of the journal that you have asked for",
            column=ExportRun.asked_by_id,
            shown=(ExportRun.asked_at, ExportRun.form, ExportRun.total, ExportRun.finished_at),
            on_erasure=Delete(),
        )
    )
    get_retention(app).add(
        Rule(
            "downloads of the journal",
            what="How far downloads of the journal are, after they were asked for",
            days=1,
            why="It is shown while the file is sent; the security log says that it was downloaded.",
            purge=delete_old,
        )
    )
