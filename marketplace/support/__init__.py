"""Support access: the operator reads a school's private pages for a reason, and the school sees it.

The table and what an operator may do by it are in ``accounts.support_access``.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.accounts.support_access import SupportAccess, count_open
from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.support import views
from marketplace.web.navigation import ActorLike, Entry, navigation


def init_app(app: Flask) -> None:
    """Add the operator's page, the one of a school's administrators, and what is held on people."""
    app.register_blueprint(views.blueprint)
    shown = (
        SupportAccess.school_urn,
        SupportAccess.reason,
        SupportAccess.began_at,
        SupportAccess.ended_at,
    )
    get_holdings(app).add(
        Holding(
            "support accesses",
            about="each time that you, as an operator, read a school's private pages, and why",
            column=SupportAccess.operator_id,
            shown=shown,
            on_erasure=Keep("The school's record of who read its pages stays whole."),
        ),
        Holding(
            "support accesses ended",
            about="each support access that you ended",
            column=SupportAccess.ended_by_id,
            shown=(SupportAccess.school_urn, SupportAccess.ended_at),
            on_erasure=Keep("The school's record of who read its pages stays whole."),
        ),
    )
    navigation(app).add(
        Entry(
            "Support",
            "support.desk",
            Permission.MANAGE_NETWORK,
            75,
            shown_to="network",
            pages=("support.begin",),
            whole_blueprint=False,
        )
    )
    navigation(app).add(
        Entry(
            "Support access",
            "support.history",
            Permission.MANAGE_MEMBERS,
            65,
            shown_to="school",
            waiting=_open_accesses,
            whole_blueprint=False,
        )
    )


def _open_accesses(actor: ActorLike) -> sa.ScalarSelect[int]:
    assert actor.urn is not None
    return count_open(actor.urn)
