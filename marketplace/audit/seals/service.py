"""Sealing the book at an operator's wish, besides every night. It never commits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger import Book, HorizonBehind
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audit.seals.events import BookSealed
from marketplace.audit.standing import book_standing
from marketplace.errors import Refusal
from marketplace.outbox.service import record

SEALED_AT_ONCE = 5_000
"""How many records a request may seal: about a second's work."""


def seal_now(session: Session, actor: Actor) -> int:
    """Seal what was recorded since the last seal; return how many records were.

    Raises:
        NotAllowed: the actor does not run the network.
        Refusal: there is too much for a request, or the database was restored and cannot tell.
    """
    actor.require(Permission.MANAGE_NETWORK)
    if book_standing(session).unsealed > SEALED_AT_ONCE:
        raise Refusal(
            f"More than {SEALED_AT_ONCE:,} records are in no seal, which takes longer than a page"
            " may. The worker seals them at 02:30; or whoever runs the server runs “ledger seal”."
        )
    try:
        seals = Book(session).seal()
    except HorizonBehind as error:
        raise Refusal(
            f"{error} Ask whoever runs the server to seal it with “ledger seal”."
        ) from error
    if seals:
        record(
            session,
            BookSealed(actor_id=actor.person_id, school_urns=(), seal_number=seals[-1].number),
        )
    return sum(seal.size for seal in seals)
