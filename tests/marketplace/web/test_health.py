"""The address a load balancer asks."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.web import health
from tests.marketplace.conftest import running


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer be found out afresh."""
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", -1)


def test_it_tells_that_all_is_well_and_no_figures(client: FlaskClient) -> None:
    for _ in range(2):
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_says_when_the_database_is_gone() -> None:
    with running("postgresql+psycopg://nobody@127.0.0.1:1/none") as app:
        answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})


def test_it_is_not_well_where_nothing_can_be_written(app: Skillbank, client: FlaskClient) -> None:
    """What a full disk or a database that only reads does: reading works, and writing fails."""
    with app.app_context():
        engine = db.engine

        def only_read(connection: sa.Connection) -> None:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            else:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")

        sa.event.listen(engine, "begin", only_read)
        try:
            answer = client.get("/healthz")
        finally:
            sa.event.remove(engine, "begin", only_read)
            engine.dispose()
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    assert client.get("/healthz").status_code == 200


def test_a_good_answer_is_remembered_for_a_moment(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", 60)
    assert client.get("/healthz").status_code == 200
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE health_check"))
    assert client.get("/healthz").status_code == 200
    app.extensions["skillbank.health"]["good_until"] = 0.0
    assert client.get("/healthz").status_code == 503
