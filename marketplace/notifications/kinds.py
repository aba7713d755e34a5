"""What a kind of notification is: an event, who is told of it, in which words, and how urgently."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.accounts.roles import Permission
from marketplace.notifications.models import Frequency
from marketplace.outbox.events import Event
from marketplace.web.addresses import site_link

E = TypeVar("E", bound=Event)
F = TypeVar("F")


class Urgency(StrEnum):
    """What a person may choose about e-mails of a kind."""

    SECURITY = "security"
    """It concerns the account: always sent at once, in quiet hours too."""
    TASK = "task"
    """Somebody has to act."""
    NEWS = "news"
    """Nobody has to act."""


class Group(StrEnum):
    """The heading under which kinds stand in preferences and in a digest."""

    EXCHANGES = "Exchanges"
    CONVERSATIONS = "Messages"
    FINDING = "Finding each other"
    SCHOOL = "Your school and your account"
    NETWORK = "The network"


@dataclass(frozen=True, slots=True)
class About(Generic[F]):
    """A sort of thing that notifications are about, such as an exchange.

    ``load`` returns the things with these ids, in a fixed number of statements. Of things that
    are ``superseded`` only the latest notification counts: a new event marks earlier ones about
    the same thing as read.
    """

    name: str
    load: Callable[[Session, Collection[int]], Mapping[int, F]]
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Notice(Generic[F]):
    """A notification with what it is about: what its words are made of.

    ``school_urn`` and ``school_name`` are the reader's own school (``None`` and "The network" for
    the network's staff); ``days`` is for reminders.
    """

    facts: F
    person_id: int
    school_urn: int | None
    school_name: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told at one school, or (``school_urn`` None) in the network.

    They are all who hold ``permission`` there (the kind's own, if None), only those among
    ``only`` if it is set, and never those in ``without``.
    """

    school_urn: int | None
    permission: Permission | None = None
    only: frozenset[int] | None = None
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """The page that a notification leads to."""

    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)

    def path(self) -> str:
        """Return its address within the site."""
        return url_for(self.endpoint, **self.values)


Facts = list[tuple[str, str]]
"""The rows under the title of an e-mail: a name and a short text, never what a person wrote."""


def _always(_notice: Notice[Any]) -> bool:
    return True


def _no_facts(_notice: Notice[Any]) -> Facts:
    return []


def _no_days(_event: Event) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Kind(Generic[E, F]):
    """One kind of notification; everything about it is said here.

    Attributes:
        name: stored with every notification and preference, so it stays.
        label: what the person chooses about, in preferences.
        event: what happens.
        about, about_id: which thing it is about.
        permission: who is told: those who hold it at the school of the audience, when the event
            is handled and again when a digest is made. None: the person concerned.
        besides: not those who hold this permission as well, because they know already.
        audiences: at which schools, and who among those with the permission.
        title: the subject: what and who. Never a text that a person wrote in confidence.
        facts: rows for the e-mail, under the same rule.
        target: where it leads.
        is_current: whether it is still true; what is not is neither sent nor digested. It is
            asked when the event is handled, when a digest is made, and once more just before the
            e-mail is sent (`marketplace.notifications.truth`).
        urgency, default: how urgent, and how often people get it who have not chosen.
        template: of the e-mail that is sent at once.
        unsubscribe: the signed address that its e-mails end by, where one click is to end less
            than all e-mails of the kind.
    """

    name: str
    label: str
    group: Group
    event: type[E]
    about: About[F]
    about_id: Callable[[E], int]
    permission: Permission | None
    audiences: Callable[[Session, E, F], Iterable[Audience]]
    title: Callable[[Notice[F]], str]
    target: Callable[[Notice[F]], Target]
    urgency: Urgency
    default: Frequency
    facts: Callable[[Notice[F]], Facts] = _no_facts
    is_current: Callable[[Notice[F]], bool] = _always
    days: Callable[[E], int | None] = _no_days
    besides: Permission | None = None
    template: str = "notification"
    unsubscribe: Callable[[Notice[F]], str] | None = None

    @property
    def may_be_changed(self) -> bool:
        """Whether people choose how often they get it."""
        return self.urgency is not Urgency.SECURITY

    @property
    def is_for_network(self) -> bool:
        """Whether the network's own staff is told, not that of schools."""
        return self.group is Group.NETWORK


def notification_link(notification_id: int) -> str:
    """Return the whole address at which a notification opens, for e-mails."""
    return site_link("notifications.follow", notification_id=notification_id)
