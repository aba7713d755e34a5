"""An application goes from test to test as long as none changes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import build, disconnect
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.sharing import SharedApps


@pytest.fixture
def apps() -> SharedApps:
    """Applications that no other test has used."""
    return SharedApps(build)


def test_one_that_only_answered_is_lent_again(apps: SharedApps, made_url: str) -> None:
    app = apps.lend(made_url)
    with saved(app):
        actor = actor_for(joined_school(), Role.COORDINATOR)
        posted(actor, title="Phonics coaching")
    browser = Browser(app.test_client()).be(actor)
    for path in ("/", "/listings", "/help", "/statement", "/nowhere"):
        browser.get(path)
    for path in browser.get("/").links:
        browser.get(path)
    disconnect(app)
    apps.take_back(made_url)
    assert apps.lend(made_url) is app


def listen_to_its_engine(app: Skillbank) -> None:
    from sqlalchemy import event

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *_: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda app: app.before_request(lambda: None),
        lambda app: app.add_url_rule("/more", "more", lambda: ""),
        lambda app: app.extensions.update(more=True),
        listen_to_its_engine,
    ],
    ids=["a hook", "a route", "an extension", "a listener"],
)
def test_one_that_was_changed_is_not(
    apps: SharedApps, made_url: str, change: Callable[[Flask], object]
) -> None:
    app = apps.lend(made_url)
    change(app)
    disconnect(app)
    apps.take_back(made_url)
    assert apps.lend(made_url) is not app
    disconnect(apps.lend(made_url))
