"""The history of one exchange, for auditors: terms, figures and steps, to read only."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access
from marketplace.audit.views import AUDIT, blueprint
from marketplace.credits.chart import account_code
from marketplace.database import db
from marketplace.exchanges.presenters import terms_heading
from marketplace.exchanges.state_words import state_tag
from marketplace.statements.transaction.chain import chain_of, load_exchange


@blueprint.get("/exchanges/<int(max=2147483647):exchange_id>")
@access(AUDIT)
def exchange(exchange_id: int) -> ResponseReturnValue:
    """Show what was agreed, its figures, and every step with the ledger's records."""
    exchange = load_exchange(db.session(), exchange_id)
    return render_template(
        "audit/exchange.html",
        exchange=exchange,
        provider_code=account_code(exchange.provider_urn),
        receiver_code=account_code(exchange.receiver_urn),
        state_tag=state_tag(exchange.state, free=exchange.is_free),
        terms_heading=terms_heading(exchange),
        links=chain_of(db.session(), exchange),
    )
