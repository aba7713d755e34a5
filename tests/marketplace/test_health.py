"""The address a load balancer asks."""

from flask.testing import FlaskClient

from marketplace import Skillbank, create_app
from marketplace.settings import Settings


def test_healthz_names_the_database(app: Skillbank, client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ok"
    assert answer.json["database"] in app.config["SQLALCHEMY_DATABASE_URI"]


def test_healthz_says_when_the_database_is_gone() -> None:
    app = create_app(
        Settings(
            database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
            secret_key="for tests only",
            production=False,
        )
    )
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": "unreachable"}
