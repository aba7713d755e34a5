"""The migrations make exactly what the models say, on both databases."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from marketplace import create_app
from marketplace.database import db, is_ours
from marketplace.settings import Settings


def test_migrations_match_models_and_can_be_undone(database_url: str) -> None:
    app = create_app(
        Settings(database_url=database_url, secret_key="for tests only", production=False)
    )
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": is_ours}
            )
            assert compare_metadata(context, db.metadata) == []
        downgrade(revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.engine.dispose()
