"""Nobody finds a trace of a confidential request: a crawl over everything that others can read."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.confidential.service import introduce, promise_help
from marketplace.conversations.service import write
from marketplace.logs import JsonFormatter
from marketplace.mail.models import Email
from marketplace.notifications.models import Notification
from marketplace.notifications.queries import with_words
from marketplace.notifications.reminders import remind
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.worker import Worker
from marketplace.support.service import begin_support
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.confidential.factories import TOPIC, needed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import auditor, joined_school, operator
from tests.marketplace.outbox.bells import SetClock
from tests.marketplace.search.factories import indexed

NAME, URN = "Zyzzyva Primary", 777_001
WORDS = ("quagmire", "hornswoggle")
"""In the title and in the text of the request, and nowhere else."""
BEGINNINGS = (
    "/",
    "/home",
    "/offers",
    "/search",
    "/search?kind=request",
    "/search?kind=request&q=quagmire",
    "/search?kind=request&q=quagmir",
    "/search?kind=request&q=hornswogle",
    "/search?kind=request&topic=catering",
    "/listings",
    "/listings/2",
    "/confidential",
    "/confidential/asks/1",
    "/confidential/requests/2",
    "/messages",
    "/exchanges?show=all",
    "/notifications",
    "/credits",
    "/groups",
    "/account/personal-data",
    "/network/deliveries",
    "/network/activity",
    "/network/schools",
    f"/schools/{URN}",
    "/credits/book/journal?include=everything",
    "/credits/book/journal/download",
)
MOST_PAGES = 45
NOT_OPENED = re.compile(r"/sign-out|/help|\.css|\.js|\.svg|/static/|cursor|after=")


class World:
    """A school that needs help in secret, one that is asked, others, and the network's people."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app) as session:
            asking = joined_school(urn=URN, name=NAME, search_name=NAME.lower())
            helping, other = joined_school(name="Oak Academy"), joined_school()
            self.us, self.them = actor_for(asking), actor_for(helping)
            posted(self.them, topics=(TOPIC,))
            self.viewers: dict[str, Actor | None] = {"nobody": None, "helper": self.them}
            for role in (Role.MEMBER, Role.FINANCE, Role.ADMINISTRATOR):
                self.viewers[f"helper's {role}"] = actor_for(helping, role)
            for role in (Role.MEMBER, Role.COORDINATOR, Role.FINANCE, Role.ADMINISTRATOR):
                self.viewers[f"another {role}"] = actor_for(other, role)
            runs = operator()
            access = begin_support(session, runs, URN, "To help.", idempotency_key="to help them")
            self.viewers |= {"operator": operator(), "auditor": auditor()}
            self.support = replace(runs, support_id=access.id)
        Worker(app).run_once()
        with saved(app) as session:
            indexed(session)

    def crawl(self, who: Actor | None) -> Iterator[tuple[str, str]]:
        """Each page and download that somebody gets to, with its words."""
        browser = Browser(self.app.test_client())
        if who is not None:
            browser.be(who)
        to_open, seen = list(BEGINNINGS), set(BEGINNINGS)
        opened = 0
        while to_open and opened < MOST_PAGES:
            path = to_open.pop(0)
            browser.get(path)
            opened += 1
            assert browser.status < 500, path
            yield path, browser.answer.get_data().decode(errors="replace")
            for link in browser.links:
                address = urlsplit(urljoin(path, link))
                further = address.path + (f"?{address.query}" if address.query else "")
                if address.netloc or NOT_OPENED.search(further) or further in seen:
                    continue
                seen.add(further)
                to_open.append(further)

    def pages_with_name(self, *, knowing: str = "nobody else") -> dict[str, set[str]]:
        """On which pages each one reads the name or the number of the school.

        Nobody reads a word of the request on any of them, but for those who are ``knowing``.
        """
        named: dict[str, set[str]] = {}
        for viewer, who in (*self.viewers.items(), ("support", self.support)):
            if knowing in viewer or (viewer == "support" and knowing == "helper"):
                continue
            for path, text in self.crawl(who):
                if NAME in text or str(URN) in text:
                    # What a person has typed stands on the page with its results.
                    named.setdefault(viewer, set()).add(path.partition("?")[0])
                if "q=" not in path:
                    assert not [word for word in WORDS if word in text.lower()], (viewer, path)
        # An operator who reads the school's own pages for support reads its name on all of them.
        named.pop("support", None)
        return named


@pytest.fixture
def world(app: Skillbank, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(app)


def request_of(world: World) -> int:
    """The request, posted and known to the worker; the number of the ask that came of it."""
    with saved(world.app) as session:
        needed(
            world.us,
            title=f"Help with a {WORDS[0]}",
            description=f"We {WORDS[1]} every day.",
            audience=Audience(Reach.CONFIDENTIAL, miles=10),
        )
        indexed(session)
    Worker(world.app).run_once()
    with saved(world.app) as session:
        indexed(session)
        ask = session.scalars(sa.select(ConfidentialAsk)).one()
        assert ask.school_urn == world.them.urn
        return ask.id


# That a school has joined, the operator is told of every school.
def everything_written(app: Skillbank, own: Actor) -> str:
    """Every notification to people of other schools and every e-mail, and all subjects."""
    parts = []
    with saved(app) as session:
        for email in session.scalars(sa.select(Email)):
            parts += [email.subject]
            if email.school_urn != own.urn:
                parts += [email.text or "", email.html or ""]
        rows = session.scalars(sa.select(Notification).where(Notification.school_urn != own.urn))
        parts += [told.title for told in with_words(session, rows)]
    return "\n".join(part for part in parts if "has joined the network" not in part)


def test_a_crawl_as_everybody_finds_no_trace(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = world.pages_with_name()
    ask_id = request_of(world)
    assert world.pages_with_name() == before
    with saved(world.app) as session:
        promise_help(session, world.them, ask_id)
    Worker(world.app).run_once()
    assert world.pages_with_name() == before
    written = everything_written(world.app, world.us)
    assert "Would you help a school near you with Catering and lunchtimes?" in written
    for secret in (NAME, str(URN), *WORDS):
        assert secret not in written
    lines = [JsonFormatter().format(line) for line in caplog.records]
    assert not [line for line in lines if any(word in line for word in (NAME, *WORDS))]
    assert any("/confidential/asks" in line for line in lines)
    # Who asks for a page is in its line, but of these pages that would say who needs help.
    assert not [line for line in lines if str(URN) in line and "confidential" in line]


def test_what_the_outbox_says_of_it_does_not_name_the_school_to_the_other(world: World) -> None:
    ask_id = request_of(world)
    with saved(world.app) as session:
        promise_help(session, world.them, ask_id)
        events = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type.like("confidential.%"))
        ).all()
        assert {event.type for event in events} == {"confidential.asked", "confidential.promised"}
        for event in events:
            assert URN not in event.school_urns
            assert set(event.data) == {"ask_id"}


def test_after_the_introduction_only_the_two_schools_know(
    world: World, set_clock: SetClock
) -> None:
    before = world.pages_with_name()
    ask_id = request_of(world)
    with saved(world.app) as session:
        promise_help(session, world.them, ask_id)
        enquiry = introduce(
            session, world.us, ask_id, f"It is the {WORDS[0]}.", idempotency_key="the first form"
        )
        write(session, world.them, enquiry, "We come.", idempotency_key="the second form")
        write(session, world.us, enquiry, "Thank you.", idempotency_key="the third form")
    Worker(world.app).run_once()
    with saved(world.app) as session:
        set_clock.move(days=15)
        remind(session)
    Worker(world.app).run_once()
    after = world.pages_with_name(knowing="helper")
    assert after
    assert all(pages <= before[viewer] for viewer, pages in after.items())
    with saved(world.app) as session:
        operators = sa.select(Notification).join(Person).where(Notification.school_urn.is_(None))
        assert not [row for row in session.scalars(operators) if "unanswered" in row.kind]
        subjects = "\n".join(session.scalars(sa.select(Email.subject)))
        subjects = subjects.replace(f"{NAME} has joined the network", "")
        for secret in (NAME, str(URN), *WORDS):
            assert secret not in subjects
        state = session.scalars(sa.select(ConfidentialAsk.state)).one()
        assert state == AskState.INTRODUCED
