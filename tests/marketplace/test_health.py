"""The address a load balancer asks."""

from flask.testing import FlaskClient

from marketplace import Skillbank
from tests.marketplace.conftest import running


def test_healthz_names_the_database(app: Skillbank, client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ok"
    assert answer.json["database"] in app.config["SQLALCHEMY_DATABASE_URI"]


def test_healthz_says_when_the_database_is_gone() -> None:
    with running("postgresql+psycopg://nobody@127.0.0.1:1/none") as app:
        answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": "unreachable"}
