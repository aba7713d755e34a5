"""What a kind of adjustment is: its form, what it changes, what forbids it, and how it is done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.adjustments.kinds.proposal_form import ProposalForm
from marketplace.credits.adjusting import Cause
from marketplace.errors import Refusal
from marketplace.schools.models import School

Details = Mapping[str, Any]
"""What a kind needs to carry an adjustment out: whole numbers, texts and nothings, by name."""

BALANCE, CREDIT_LIMIT, ACCOUNT, SCHOOL = "Balance", "Credit limit", "Account", "School"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that an adjustment changes, or on which it rests: how it is, and would be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Approved:
    """What has been approved: by whom, why it was proposed, and what the ledger writes down."""

    actor: Actor
    reason: str
    cause: Cause
    proposed_by_id: int


class Kind(ABC):
    """One kind of adjustment.

    Attributes:
        name: what the tables keep, so it stays. label: what people read for it.
        lead: under the form's heading.
        reason_hint: who reads the reason. button: the link on the school's page.
        form: what has to be typed.
        may_be_urgent: whether one person may do it at once, for another one to confirm.
        is_told: whether the school is told that it is done; not where something else tells it.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    lead: ClassVar[str]
    reason_hint: ClassVar[str] = (
        "The school’s administrators and finance staff read it once it is done."
    )
    button: ClassVar[str]
    form: ClassVar[type[ProposalForm]]
    may_be_urgent: ClassVar[bool] = False
    is_told: ClassVar[bool] = True

    def subject(self, school: School, _details: Details) -> str:
        """Return what it is about: of one subject only one proposal is open at a time."""
        return f"{self.name}:{school.urn}"

    def other_urn(self, _session: Session, _school: School, _details: Details) -> int | None:
        """Return the other school that it concerns, if there is one."""
        return None

    @abstractmethod
    def heading(self, school: School) -> str:
        """Say what it does to ``school``, over the form."""

    @abstractmethod
    def is_offered(self, session: Session, school: School) -> bool:
        """Say whether the page of ``school`` leads to the form."""

    def notices(self, _session: Session, _school: School) -> list[str]:
        """Return sentences on what will happen, for the form."""
        return []

    def make_form(self, _session: Session, _school: School) -> ProposalForm:
        """Return the form about ``school``, as it is before anything is typed."""
        return self.form()

    @abstractmethod
    def summary(self, details: Details) -> str:
        """Say in a few words what it does."""

    def about(self, _session: Session, _details: Details) -> list[tuple[str, str]]:
        """Return what has to be known of it and of the other school: a word and a text each."""
        return []

    def words(self, _details: Details) -> list[tuple[str, str]]:
        """Return further texts that the second person reads, each with its heading."""
        return []

    def page(self, _details: Details) -> tuple[str, str] | None:
        """Return the name and the address of the operators' page of what it is about, if any."""
        return None

    @abstractmethod
    def refuse(self, session: Session, school: School, details: Details) -> None:
        """Refuse what cannot be done, when it is proposed and again when it is approved.

        Raises:
            Refusal: saying why.
        """

    def begin(
        self,
        _session: Session,
        _school: School,
        _details: Details,
        _actor: Actor,
        _adjustment_id: int,
    ) -> None:
        """Let what it is about wait for the second person; nothing waits for most kinds.

        Raises:
            Refusal: saying why it cannot.
        """
        return

    @abstractmethod
    def figures(self, session: Session, school: School, details: Details) -> list[Figure]:
        """Return what it changes, and on what it rests.

        Once it has been carried out, each figure is what was foretold as ``after``.
        """

    @abstractmethod
    def carry_out(
        self, session: Session, school: School, details: Details, approved: Approved
    ) -> None:
        """Do it, in the ledger with ``approved.cause``.

        Raises:
            Refusal: it cannot be done; it says why.
        """

    def records(self, _session: Session, _details: Details) -> list[int]:
        """Return the ledger's numbers of what was recorded for another cause than this."""
        return []

    def turn_down(
        self, _session: Session, _school: School, _details: Details, _actor: Actor, _reason: str
    ) -> None:
        """Tell what waits for this that it was refused; nothing waits for most kinds."""
        return

    def take_back(
        self, _session: Session, _school: School, _details: Details, _actor: Actor
    ) -> None:
        """Tell what waits for this that its proposer has withdrawn it."""
        return

    def undo(self, _session: Session, _school: School, _actor: Actor | None, _cause: Cause) -> None:
        """Undo what one person did at once; without an actor a scheduled job does it."""
        raise NotImplementedError(f"{self.name} is never done at once")


def require_member(school: School) -> None:
    """Refuse a school that does not take part.

    Raises:
        Refusal: saying so.
    """
    if school.joined_at is None:
        raise Refusal(f"{school.name} does not take part in the network.")


def standing(school: School) -> str:
    """Say where the school stands in the network."""
    if school.joined_at is None:
        return "Left the network" if school.left_at else "Not in the network"
    return "Paused" if school.paused_at else "Takes part"
