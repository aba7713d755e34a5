"""Ending e-mails with one click: a signed link that is good for nothing else."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person
from marketplace.notifications.catalogue import find_kind
from marketplace.notifications.kinds import Kind
from marketplace.notifications.models import DIGESTS, Frequency
from marketplace.notifications.preferences import choose_frequencies, frequencies_of
from marketplace.web.addresses import site_link
from marketplace.web.signing import signer

PURPOSE = "end e-mails of a kind"
DIGEST = "digest"
"""In the place of a kind: everything that comes in digests."""


def unsubscribe_link(person_id: int, kind: Kind[Any, Any] | None) -> str | None:
    """Return the address that ends e-mails of ``kind`` (``None``: digests) to a person.

    It does not expire, because e-mails are kept for years. ``None`` for a kind that is always
    sent.
    """
    if kind is not None and not kind.may_be_changed:
        return None
    token = signer(PURPOSE).dumps([person_id, DIGEST if kind is None else kind.name])
    return site_link("notifications.unsubscribe", token=token)


class Subscription:
    """What a link ends: e-mails of one kind, or digests, to one person."""

    def __init__(self, person_id: int, kind: Kind[Any, Any] | None) -> None:
        self.person_id = person_id
        self.kind = kind

    @classmethod
    def of_token(cls, session: Session, token: str) -> Subscription | None:
        """Return what ``token`` is for; ``None`` if it is forged or for what has gone since."""
        try:
            person_id, name = signer(PURPOSE).loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        kind = None if name == DIGEST else find_kind(name)
        if (kind is None and name != DIGEST) or session.get(Person, person_id) is None:
            return None
        return cls(person_id, kind)

    @property
    def label(self) -> str:
        """What it is that ends, in words."""
        return "Daily and weekly summaries" if self.kind is None else self.kind.label

    def end(self, session: Session) -> None:
        """Switch the e-mails off; the list on the site goes on."""
        names = (
            [
                name
                for name, frequency in frequencies_of(session, self.person_id).items()
                if frequency in DIGESTS
            ]
            if self.kind is None
            else [self.kind.name]
        )
        choose_frequencies(session, self.person_id, dict.fromkeys(names, Frequency.OFF))
