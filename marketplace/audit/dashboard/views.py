"""The page of unusual entries."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.dashboard import queries
from marketplace.audit.dashboard.presenters import unusual_rows
from marketplace.audit.dashboard.unusual import UnusualRule
from marketplace.database import db


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the auditors' blueprint."""
    blueprint.add_url_rule("/unusual", view_func=unusual)


@access(needs(Permission.AUDIT_LEDGER))
def unusual() -> ResponseReturnValue:
    """Show the payments of the last 30 days that a rule marks."""
    session = db.session()
    rule_text = request.args.get("rule", "")
    rule = UnusualRule(rule_text) if rule_text in list(UnusualRule) else None
    page = queries.list_unusual(session, rule, after=request.args.get("after", ""))
    counts = queries.unusual_by_rule(queries.kept_figures(session))
    return render_template(
        "audit/dashboard/unusual.html",
        rows=unusual_rows(session, page.rows),
        filters=[("All", url_for("audit.unusual"), rule is None)]
        + [
            (f"{one.label} ({count:,})", url_for("audit.unusual", rule=one.value), one is rule)
            for one, count in counts
        ],
        next_url=url_for("audit.unusual", rule=rule_text, after=page.next) if page.next else None,
    )
