"""Consent, and what has been forgotten

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-26 18:07:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ERASED_IS_UNUSABLE = (
    'CONSTRAINT ck_person_erased_is_unusable CHECK'
    ' (erased_at IS NULL OR (password_hash IS NULL AND NOT active AND listed_at IS NULL))'
)


def upgrade():
    for column in ('listed_at', 'without_role_since'):
        op.add_column('person', sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    # With its constraint: SQLite adds one to a table only along with a column.
    kind = 'DATETIME' if op.get_bind().dialect.name == 'sqlite' else 'TIMESTAMP WITH TIME ZONE'
    op.execute(f'ALTER TABLE person ADD COLUMN erased_at {kind} {ERASED_IS_UNUSABLE}')
    op.add_column(
        'school', sa.Column('first_week_dismissed_at', sa.DateTime(timezone=True), nullable=True)
    )


def downgrade():
    op.drop_column('school', 'first_week_dismissed_at')
    # SQLite drops the constraint along with its column.
    for column in ('erased_at', 'without_role_since', 'listed_at'):
        op.drop_column('person', column)
