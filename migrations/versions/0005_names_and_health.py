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

COLUMNS = [
    ('listing', 'once', 'idempotency_key'),
    ('message', 'once', 'idempotency_key'),
    ('exchange', 'once', 'idempotency_key'),
    ('message', 'urn', 'school_urn'),
    ('exchange_event', 'urn', 'school_urn'),
]


def upgrade():
    for table, old, new in COLUMNS:
        _rename(table, old, new)
    op.create_table(
        'health_check',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_health_check_one_row')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_health_check')),
    )


def downgrade():
    op.drop_table('health_check')
    for table, old, new in COLUMNS:
        _rename(table, new, old)


def _rename(table, old, new):
    """Rename a column and the constraints that carry its name."""
    constraints = {
        f'uq_{table}_{old}': f'uq_{table}_{new}',
        f'fk_{table}_{old}_school': f'fk_{table}_{new}_school',
    }
    if op.get_bind().dialect.name == 'sqlite':
        _rebuild(table, {old: new, **constraints})
        return
    op.execute(f'ALTER TABLE {table} RENAME COLUMN {old} TO {new}')
    bind = op.get_bind()
    existing = {
        constraint['name']
        for constraint in (
            *sa.inspect(bind).get_unique_constraints(table),
            *sa.inspect(bind).get_foreign_keys(table),
        )
    }
    for name in existing & constraints.keys():
        op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT {name} TO {constraints[name]}')


def _rebuild(table, words):
    """Build a table of SQLite anew, with other words in its definition and its indexes.

    SQLite cannot rename a constraint; its own definition is the only one that is whole, with
    every CHECK. Foreign keys are off while migrations run (see ``env.py``).
    """
    bind = op.get_bind()
    definition = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"),
        {'name': table},
    )
    indexes = bind.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name"
            " AND sql IS NOT NULL"
        ),
        {'name': table},
    ).all()

    def reworded(sql):
        for old, new in words.items():
            sql = re.sub(rf'\b{old}\b', new, sql)
        return sql

    anew = re.sub(rf'CREATE TABLE "?{table}"?', f'CREATE TABLE {table}_anew', definition, count=1)
    op.execute(sa.text(reworded(anew)))
    op.execute(sa.text(f'INSERT INTO {table}_anew SELECT * FROM {table}'))
    op.execute(sa.text(f'DROP TABLE {table}'))
    op.execute(sa.text(f'ALTER TABLE {table}_anew RENAME TO {table}'))
    for sql in indexes:
        op.execute(sa.text(reworded(sql)))
