"""The features of the marketplace, lowest first: one may only know those before it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from marketplace import (
    accounts,
    audit,
    conversations,
    demo,
    exchanges,
    listings,
    members,
    network,
    pages,
    schools,
    search,
    statements,
)

FEATURES: tuple[Callable[[Flask], None], ...] = (
    schools.init_app,
    accounts.init_app,
    members.init_app,
    listings.init_app,
    conversations.init_app,
    search.init_app,
    exchanges.init_app,
    network.init_app,
    statements.init_app,
    audit.init_app,
    pages.init_app,
    demo.init_app,
)
