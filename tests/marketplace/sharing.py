"""One application for many tests: lent to each, and thrown away if it comes back changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.outbox.schedule import get_schedule
from marketplace.outbox.subscribers import get_subscribers
from tests.lending import listeners

CHANGES_BY_ITSELF = {"_addresses", "_got_first_request", "error_handler_spec", "jinja_loader"}
"""The attributes of an application that change while it answers."""


class SharedApps:
    """Applications by the address of their database.

    Building one takes longer than most tests, and each compiles its templates and statements
    anew. What a test changes of its configuration is undone. It may change its hooks, routes and
    listeners, too: the next test then gets a new application.
    """

    def __init__(self, build: Callable[[str], Skillbank]) -> None:
        self._build = build
        self._apps: dict[str, tuple[Skillbank, dict[str, Any], object]] = {}

    def lend(self, url: str) -> Skillbank:
        """The application on the database at ``url``, as if it was just built."""
        if url not in self._apps:
            app = self._build(url)
            self._apps[url] = app, dict(app.config), state(app)
        return self._apps[url][0]

    def take_back(self, url: str) -> None:
        """Keep the application for the next test, unless this one changed it."""
        app, config, before = self._apps[url]
        app.config.clear()
        app.config.update(config)
        if state(app) != before:
            del self._apps[url]


def state(app: Skillbank) -> object:
    """What a test could change of an application, as something to compare."""
    with app.app_context():
        engine = db.engine
    jinja = app.jinja_env
    return (
        {name: _copy(value) for name, value in vars(app).items() if name not in CHANGES_BY_ITSELF},
        _error_handlers(app),
        [_copy(part) for part in (jinja.globals, jinja.filters, jinja.tests, app.cli.commands)],
        [_copy(vars(registry)) for registry in (get_subscribers(app), get_schedule(app))],
        [(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()],
        [listeners(part) for part in (engine, engine.pool, engine.dialect)],
    )


def _error_handlers(app: Skillbank) -> list[tuple[object, ...]]:
    """Who handles which error; looking for a handler leaves empty entries behind."""
    return [
        (blueprint, code, error, handler)
        for blueprint, codes in app.error_handler_spec.items()
        for code, handlers in codes.items()
        for error, handler in handlers.items()
    ]


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list | set):
        return [_copy(item) for item in value]
    return value
