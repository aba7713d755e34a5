"""What the layout of every page shows: who looks, where they can go, what waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for

from marketplace.database import db
from marketplace.exchanges.queries import waiting
from marketplace.people.roles import Permission
from marketplace.people.viewer import Viewer
from marketplace.web.formats import FILTERS


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation; ``badge`` counts what waits for an answer."""

    label: str
    url: str
    current: bool
    badge: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place the viewer may switch to."""

    key: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownViewer:
    """The viewer as the layout shows them."""

    name: str
    email: str
    roles_label: str
    place_label: str
    school: Any
    memberships: list[Place]


@dataclass(frozen=True, slots=True)
class ShownSchool:
    """The school acted for."""

    urn: int
    name: str


def init_app(app: Flask) -> None:
    """Give every template the layout's context and the formats."""
    app.before_request(count_what_waits)
    app.context_processor(layout_context)
    app.jinja_env.filters.update(FILTERS)


def layout_context() -> dict[str, Any]:
    """The values ``layout.html`` needs."""
    viewer: Viewer | None = g.get("viewer")
    return {
        "viewer": _shown(viewer) if viewer else None,
        "nav_items": list(_navigation(viewer)) if viewer else [],
        "front_url": url_for("home") if viewer else url_for("front"),
        "sign_in_url": url_for("people.sign_in"),
        "sign_out_url": url_for("people.sign_out"),
        "switch_url": url_for("people.switch"),
    }


def _shown(viewer: Viewer) -> ShownViewer:
    acting = viewer.acting
    return ShownViewer(
        name=viewer.name,
        email=viewer.email,
        roles_label=acting.roles_label,
        place_label=acting.label,
        school=ShownSchool(acting.urn, acting.school_name) if acting.urn is not None else None,
        memberships=[
            Place(place.key, place.label, place.key == acting.key) for place in viewer.places
        ],
    )


# Label, endpoint, the permission needed, and whether it is for a school (True), the network
# (False) or both (None).
NAVIGATION: tuple[tuple[str, str, Permission, bool | None], ...] = (
    ("Find help", "discovery.find", Permission.LOOK, None),
    ("Our listings", "listings.ours", Permission.LOOK, True),
    ("Messages", "conversations.messages", Permission.ASK, True),
    ("Exchanges", "exchanges.ours", Permission.LOOK, True),
    ("Credits", "finance.statement", Permission.READ_SCHOOL_MONEY, True),
    ("People", "colleagues.ours", Permission.MANAGE_PEOPLE, True),
    ("Schools", "network.schools", Permission.RUN_NETWORK, False),
    ("Trial balance", "finance.trial_balance", Permission.READ_THE_BOOK, False),
    ("Journal", "finance.journal", Permission.READ_THE_BOOK, False),
)

# Pages whose views live in another room than the entry they belong to.
SECTIONS = {"exchanges.thread": "conversations", "exchanges.propose_here": "conversations"}


def count_what_waits() -> None:
    """Before a page of a school’s staff: count what waits for the school, in one query."""
    viewer: Viewer | None = g.get("viewer")
    if viewer is None or viewer.acting.urn is None or request.method != "GET":
        return
    exchanges, conversations = waiting(db.session(), viewer.acting.urn)
    g.badges = {"exchanges": exchanges, "conversations": conversations}


def _navigation(viewer: Viewer) -> Iterator[NavItem]:
    badges: dict[str, int] = g.get("badges", {})
    for label, endpoint, permission, school in NAVIGATION:
        if not viewer.may(permission):
            continue
        if school is not None and school != (viewer.acting.urn is not None):
            continue
        section = endpoint.split(".")[0]
        here = request.endpoint or ""
        current = here == endpoint or (
            section != "finance" and SECTIONS.get(here, here.split(".")[0]) == section
        )
        yield NavItem(label, url_for(endpoint), current, badges.get(section) or None)
