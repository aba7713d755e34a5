"""The page of one record of the book."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, Transaction, UnknownTransaction
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.adjustments.presenters import adjustment_urls
from marketplace.credits.chart import account_code, account_names, actor_names, row_numbers
from marketplace.credits.records import accounts_of
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.exchanges.models import Exchange
from marketplace.schools.queries import schools_continued_by
from marketplace.statements.transaction.chain import chain_of, load_exchange
from marketplace.statements.transaction.presenters import record_page
from marketplace.statements.trust.queries import reads_one_of
from marketplace.statements.views import blueprint


@blueprint.get("/transactions/<int(max=9223372036854775807):transaction_id>")
@access(needs(Permission.VIEW_LISTINGS))
def transaction(transaction_id: int) -> ResponseReturnValue:
    """Show one record of the book to the schools in it and to auditors.

    It says what moved, who did it and why; and the chain of steps of the exchange that it is of.
    """
    actor = current_actor()
    book = Book(db.session())
    try:
        record = book.transaction(transaction_id)
    except UnknownTransaction:
        raise NotFound from None
    audits = _require_may_see(actor, record)
    exchange = _exchange_of(record, actor, audits=audits)
    names = account_names(db.session(), accounts_of(record))
    hold_id = record.id if record.action == "hold" else record.hold_id
    return render_template(
        "statements/transaction.html",
        record=record,
        page=record_page(
            record,
            names,
            hold=book.hold_by_id(hold_id) if hold_id is not None else None,
            ended_by=book.hold_records(record.id) if record.action == "hold" else [],
        ),
        names=names,
        audits=audits,
        adjustment_url=adjustment_urls(db.session(), [record.reference], actor).get(
            record.reference
        ),
        exchange=exchange,
        exchange_url=_exchange_url(exchange, audits=audits),
        links=chain_of(db.session(), exchange) if exchange is not None else [],
        ours=account_code(actor.urn) if actor.urn is not None else None,
        actor_name=actor_names(db.session(), [record.actor])[record.actor],
    )


def _require_may_see(actor: Actor, record: Transaction) -> bool:
    """Say whether ``actor`` sees the record as an auditor of the whole book.

    A school sees what moved or held its credits; what was done to its account, auditors see.

    Raises:
        NotFound: the actor is neither an auditor nor of a school in it.
        NotAllowed: the school is in it, and the actor may not read its credits.
    """
    codes = set() if record.change is not None else set(accounts_of(record))
    if actor.urn is not None and (
        account_code(actor.urn) in codes
        or _continues_one_of(actor.urn, codes)
        or reads_one_of(db.session(), actor, codes)
    ):
        actor.require(Permission.VIEW_STATEMENT)
        return False
    if actor.urn is not None or not actor.may(Permission.AUDIT_LEDGER):
        raise NotFound
    return True


def _continues_one_of(urn: int, codes: set[str]) -> bool:
    """Say whether one of the accounts is of a school that ``urn`` carries on for."""
    earlier = schools_continued_by(db.session(), urn)
    return bool({account_code(school.urn) for school in earlier} & codes)


def _exchange_of(record: Transaction, actor: Actor, *, audits: bool) -> Exchange | None:
    """The exchange that caused a record, if ``actor`` may read it."""
    reference = record.reference
    if not reference and record.hold_id is not None:
        # A hold was once released without naming its cause.
        reference = Book(db.session()).transaction(record.hold_id).reference
    for exchange_id in row_numbers("exchange", [reference]):
        try:
            exchange = load_exchange(db.session(), exchange_id)
        except NotFound:
            return None  # an imported reference may only look like one
        if audits or actor.urn in (exchange.provider_urn, exchange.receiver_urn):
            return exchange
    return None


def _exchange_url(exchange: Exchange | None, *, audits: bool) -> str | None:
    if exchange is None:
        return None
    endpoint = "audit.exchange" if audits else "exchanges.exchange"
    return url_for(endpoint, exchange_id=exchange.id)
