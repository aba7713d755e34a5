"""``--by ADDRESS``: the person who decided what a command does to the ledger."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from marketplace.accounts.holders import roles_held
from marketplace.accounts.ledger_actor import LedgerActor, in_order
from marketplace.accounts.roles import Permission, may
from marketplace.accounts.service import find_by_email


def ledger_actor_of(session: Session, email: str) -> str:
    """Return how the ledger names the operator with the address ``email``.

    Raises:
        ClickException: nobody who can sign in has this address, or they do not run the network.
    """
    person = find_by_email(session, email)
    roles = roles_held(session, person.id).get(None, set()) if person is not None else set()
    if person is None or not person.active:
        raise click.ClickException(
            f"There is no account with the address {email.strip()} that can sign in here. Give the"
            " e-mail address with which the person signs in."
        )
    if not may(roles, Permission.MANAGE_NETWORK):
        raise click.ClickException(
            f"{person.name} does not run the network, so cannot decide this. Name an operator."
        )
    return str(LedgerActor(person.id, None, in_order(roles)))
