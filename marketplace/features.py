"""The features of the marketplace, lowest first: one may only know those before it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from marketplace import (
    accounts,
    adjustments,
    audiences,
    audit,
    calendar,
    claims,
    confidential,
    conversations,
    demo,
    exchanges,
    help,
    listings,
    mail,
    matching,
    members,
    network,
    notifications,
    pages,
    profiles,
    saved_searches,
    schools,
    search,
    statements,
    support,
    term_clock,
)
from marketplace.accounts import single_sign_on

FEATURES: tuple[Callable[[Flask], None], ...] = (
    mail.init_app,
    schools.init_app,
    accounts.init_app,
    single_sign_on.init_app,
    help.init_app,
    members.init_app,
    audiences.init_app,
    calendar.init_app,
    term_clock.init_app,
    listings.init_app,
    conversations.init_app,
    search.init_app,
    matching.init_app,
    saved_searches.init_app,
    exchanges.init_app,
    profiles.init_app,
    network.init_app,
    confidential.init_app,
    adjustments.init_app,
    support.init_app,
    claims.init_app,
    statements.init_app,
    audit.init_app,
    notifications.init_app,
    pages.init_app,
    demo.init_app,
)
