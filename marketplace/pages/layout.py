"""The layout of every page: the current user, the navigation, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, g, url_for

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import CurrentUser
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import FILTERS as CREDIT_FILTERS
from marketplace.database import db
from marketplace.pages.sections import gathered, grouped
from marketplace.web.formats import FILTERS
from marketplace.web.navigation import navigation


@dataclass(frozen=True, slots=True)
class MembershipOption:
    """A school (or the network) that the person may act for."""

    key: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class UserInLayout:
    """The signed-in person as the layout shows them."""

    name: str
    email: str
    roles_label: str
    membership_label: str
    school_name: str | None
    school_urn: int | None
    memberships: list[MembershipOption]
    pause_reason: str | None
    address_fails: bool


@dataclass(frozen=True, slots=True)
class SupportNotice:
    """That support reads the school's pages; with a number for the operator who does."""

    school_name: str
    support_id: int | None = None
    ends_at: datetime | None = None


def init_app(app: Flask) -> None:
    """Add the layout's context and the formats to every template."""
    app.context_processor(layout_context)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.filters.update(CREDIT_FILTERS)


def layout_context() -> dict[str, Any]:
    """Return the values the base layout needs."""
    user: CurrentUser | None = g.get("current_user")
    may_go_on = user is not None and not user.lacks_second_factor
    items = list(navigation().items(db.session(), user.actor)) if user and may_go_on else []
    is_network = user is not None and user.actor.urn is None
    section = grouped(items) if is_network else gathered(items)
    return {
        "current_user": _in_layout(user) if user else None,
        "support_notice": _support_notice(user.actor) if user else None,
        "nav_items": section.items,
        "nav_section": section,
        "front_url": url_for("pages.dashboard") if user else url_for("pages.landing"),
        "sign_in_url": url_for("accounts.sign_in"),
        "sign_out_url": url_for("accounts.sign_out"),
        "switch_url": url_for("accounts.switch"),
    }


def _support_notice(actor: Actor) -> SupportNotice | None:
    """What stands over every page while an operator reads a school's, for both of them."""
    if actor.support_id is not None and actor.support_ends_at is not None:
        return SupportNotice(actor.school_name, actor.support_id, actor.support_ends_at)
    if actor.urn is None or not actor.may(Permission.MANAGE_MEMBERS):
        return None
    is_open = navigation().waiting_counts(db.session(), actor).get("support.history")
    return SupportNotice(actor.school_name) if is_open else None


def _in_layout(user: CurrentUser) -> UserInLayout:
    actor = user.actor
    return UserInLayout(
        name=user.name,
        email=user.email,
        roles_label=actor.roles_label,
        membership_label=actor.label,
        school_name=actor.school_name if actor.urn is not None else None,
        school_urn=actor.urn,
        memberships=[
            MembershipOption(membership.key, membership.label, membership.key == actor.key)
            for membership in user.memberships
        ],
        pause_reason=actor.pause_reason,
        address_fails=user.address_fails,
    )
