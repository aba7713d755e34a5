"""Columns are named after what they hold, and the health check has a row to write

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-26 12:30:00.000000

"""
import re

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

UNIQUE = 'uq_{table}_{column}'
SCHOOL = 'fk_{table}_{column}_school'

COLUMNS = [
    ('listing', 'once', 'idempotency_key', UNIQUE),
    ('message', 'once', 'idempotency_key', UNIQUE),
    ('exchange', 'once', 'idempotency_key', UNIQUE),
    ('message', 'urn', 'school_urn', SCHOOL),
    ('exchange_event', 'urn', 'school_urn', SCHOOL),
]


def upgrade():
    for table, old, new, constraint in COLUMNS:
        _rename(table, old, new, constraint)
    op.create_table(
        'health_check',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_health_check_one_row')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_health_check')),
    )


def downgrade():
    op.drop_table('health_check')
    for table, old, new, constraint in COLUMNS:
        _rename(table, new, old, constraint)


def _rename(table, old, new, constraint):
    """Rename a column and the constraint that carries its name."""
    op.execute(f'ALTER TABLE {table} RENAME COLUMN {old} TO {new}')
    names = [constraint.format(table=table, column=column) for column in (old, new)]
    _rename_constraint(table, *names)


def _rename_constraint(table, old, new):
    """Rename a constraint; SQLite cannot, so there the table is built anew.

    SQLite's own definition of the table is the only one that is whole, with every CHECK. Others
    may refer to the table, so foreign keys are off while migrations run (see ``env.py``).
    """
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}')
        return
    definition = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"),
        {'name': table},
    )
    indexes = bind.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name"
            ' AND sql IS NOT NULL'
        ),
        {'name': table},
    ).all()
    definition = re.sub(rf'\b{old}\b', new, definition)
    definition = re.sub(rf'^CREATE TABLE "?{table}"?', f'CREATE TABLE {table}_anew', definition)
    # Not as ``sa.text``, which takes the colon of a default for a parameter.
    bind.exec_driver_sql(definition)
    bind.exec_driver_sql(f'INSERT INTO {table}_anew SELECT * FROM {table}')
    bind.exec_driver_sql(f'DROP TABLE {table}')
    bind.exec_driver_sql(f'ALTER TABLE {table}_anew RENAME TO {table}')
    for index in indexes:
        bind.exec_driver_sql(index)
