"""What the operator's desk holds on people: what operators and auditors decided about schools."""

from __future__ import annotations

from flask import Flask

from marketplace.network.models import NetworkAction, Succession
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_WHY = Keep("Schools and auditors can see who decided about a school's credits, and when.")


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "decisions about schools",
            about="what you did to schools as an operator or auditor of the network",
            column=NetworkAction.person_id,
            shown=(
                NetworkAction.at,
                NetworkAction.kind,
                NetworkAction.school_urn,
                NetworkAction.other_urn,
                NetworkAction.reason,
            ),
            on_erasure=_WHY,
        ),
        Holding(
            "successors proposed",
            about="the schools that you proposed to carry on for closed ones",
            column=Succession.proposed_by_id,
            shown=(Succession.proposed_at, Succession.from_urn, Succession.to_urn, Succession.note),
            on_erasure=_WHY,
        ),
        Holding(
            "successors approved",
            about="the schools that you approved to carry on for closed ones",
            column=Succession.approved_by_id,
            shown=(Succession.done_at, Succession.from_urn, Succession.to_urn),
            on_erasure=_WHY,
        ),
    )
