"""The fixtures of the marketplace's tests: the application on each database."""

from __future__ import annotations

from tests.marketplace.conftest import (
    app,
    client,
    made_url,
    postgres_template,
    shared_apps,
    sqlite_template,
)

__all__ = ["app", "client", "made_url", "postgres_template", "shared_apps", "sqlite_template"]
