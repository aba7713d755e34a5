"""The auditors' desk: trial balance, journal, any account, and the commands of the book."""

from __future__ import annotations

from flask import Flask

from marketplace import outbox
from marketplace.accounts.roles import Permission
from marketplace.audit import commands, maintenance_commands, views
from marketplace.audit import exchange_views as _exchange_views  # noqa: F401
from marketplace.audit import trial_balance_views as _trial_balance_views  # noqa: F401
from marketplace.audit.closing import checks as closing_checks
from marketplace.audit.closing import holdings as closing_holdings
from marketplace.audit.closing import presenters as closing_presenters
from marketplace.audit.closing import views as closing_views
from marketplace.audit.dashboard import keeping
from marketplace.audit.dashboard import views as dashboard_views
from marketplace.audit.export_runs import holdings as export_holdings
from marketplace.audit.export_runs import views as export_views
from marketplace.audit.journal import commands as _journal_commands  # noqa: F401
from marketplace.audit.journal import views as _journal_views  # noqa: F401
from marketplace.audit.journal.indexing import schedule_job
from marketplace.audit.notes import find_book_note, find_verified
from marketplace.audit.proofs import views as proof_views
from marketplace.audit.seals import views as seal_views
from marketplace.audit.verification import holdings, running
from marketplace.audit.verification import presenters as verification_presenters
from marketplace.audit.verification import views as verification_views
from marketplace.statements.book_notes import provide_book_note
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks

for part in (
    verification_views,
    seal_views,
    proof_views,
    closing_views,
    dashboard_views,
    export_views,
):
    part.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add the auditors' pages, and the commands that prove, read and maintain the book."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(proof_views.checking)
    for label, endpoint, order, pages in (
        ("Trial balance", "audit.trial_balance", 80, ("audit.account",)),
        (
            "Journal",
            "audit.journal",
            90,
            (
                "audit.exchange",
                "audit.export",
                "audit.export_progress",
                "statements.transaction",
                "reconciling.reconciliation",
            ),
        ),
        ("Unusual entries", "audit.unusual", 94, ()),
        ("Verifications", "audit.verifications", 91, ("audit.verification", "audit.verify")),
        ("Seals", "audit.seals", 92, ()),
        ("Periods", "audit.periods", 93, ("audit.propose", "audit.closing", "audit.withdraw")),
    ):
        navigation(app).add(
            Entry(
                label,
                endpoint,
                Permission.AUDIT_LEDGER,
                order,
                shown_to="network",
                pages=pages,
                whole_blueprint=False,
            )
        )
    for name, command in maintenance_commands.maintenance.commands.items():
        commands.ledger.add_command(command, name)
    commands.ledger.add_command(keeping.rebuild_command)
    app.cli.add_command(commands.ledger)
    maintenance_commands.schedule_jobs(outbox.get_schedule(app))
    schedule_job(outbox.get_schedule(app))
    tasks(app).add(
        TaskKind(
            "verification",
            Permission.AUDIT_LEDGER,
            Permission.AUDIT_LEDGER,
            verification_presenters.find_tasks,
            "audit.verifications",
            shown_to="network",
        )
    )
    tasks(app).add(
        TaskKind(
            "closing periods",
            Permission.CLOSE_PERIODS,
            Permission.AUDIT_LEDGER,
            closing_presenters.find_tasks,
            "audit.periods",
            shown_to="network",
        )
    )
    keeping.schedule_job(outbox.get_schedule(app))
    closing_checks.init_app(app)
    closing_holdings.init_app(app)
    running.init_app(app)
    provide_book_note(app, find_book_note, find_verified)
    holdings.init_app(app)
    export_holdings.init_app(app)
