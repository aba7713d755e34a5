"""Kinds of notifications about the proof of the book, for auditors and operators."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.audit.verification.events import FaultsFound
from marketplace.audit.verification.models import VerificationRun
from marketplace.notifications.catalogue.things import VERIFICATION
from marketplace.notifications.kinds import Audience, Facts, Group, Kind, Notice, Target, Urgency
from marketplace.notifications.models import Frequency


def _about_id(event: FaultsFound) -> int:
    return event.run_id


def _network(_session: Session, _event: FaultsFound, _run: VerificationRun) -> list[Audience]:
    return [Audience(None)]


def _title(notice: Notice[VerificationRun]) -> str:
    count = notice.facts.fault_count or 0
    return f"The book is not sound: {count:,} {'fault was' if count == 1 else 'faults were'} found"


def _facts(notice: Notice[VerificationRun]) -> Facts:
    """The first faults: each names a row of the ledger, and nothing that people wrote."""
    return [(subject, kind) for kind, subject, _message in notice.facts.faults[:5]]


def _page(notice: Notice[VerificationRun]) -> Target:
    return Target("audit.verification", {"run_id": notice.facts.id})


KINDS: tuple[Kind[Any, VerificationRun], ...] = (
    Kind(
        name="verification.faults",
        label="A verification has found a fault in the book",
        group=Group.NETWORK,
        event=FaultsFound,
        about=VERIFICATION,
        about_id=_about_id,
        permission=Permission.AUDIT_LEDGER,
        audiences=_network,
        title=_title,
        facts=_facts,
        target=_page,
        urgency=Urgency.TASK,
        default=Frequency.AT_ONCE,
    ),
)
