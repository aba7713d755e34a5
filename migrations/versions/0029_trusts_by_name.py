"""Trusts are found by their names

Revision ID: 0029
Revises: 0028
Create Date: 2026-11-27 13:10:00.000000

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_trust_name', 'trust', ['name'])


def downgrade():
    op.drop_index('ix_trust_name', table_name='trust')
