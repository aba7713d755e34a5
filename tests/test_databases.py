"""The two databases the tests run on are really there."""

import sqlalchemy as sa


def test_both_engines_answer(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1 + 1")) == 2
    engine.dispose()
