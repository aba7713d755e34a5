"""How far long downloads of the journal are

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-27 04:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'export_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', INSTANT, nullable=False),
        sa.Column('form', sa.String(length=10), nullable=False),
        sa.Column('filters', sa.JSON(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('begun_at', INSTANT, nullable=True),
        sa.Column('progress_at', INSTANT, nullable=True),
        sa.Column('finished_at', INSTANT, nullable=True),
        sa.CheckConstraint(
            "form IN ('csv', 'xlsx', 'hledger', 'beancount')", name=op.f('ck_export_run_form')
        ),
        sa.CheckConstraint(
            'finished_at IS NULL OR begun_at IS NOT NULL', name=op.f('ck_export_run_begun')
        ),
        sa.ForeignKeyConstraint(
            ['asked_by_id'], ['person.id'], name=op.f('fk_export_run_asked_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_export_run')),
    )
    op.create_index('ix_export_run_asked_by_id', 'export_run', ['asked_by_id'])


def downgrade():
    op.drop_table('export_run')
