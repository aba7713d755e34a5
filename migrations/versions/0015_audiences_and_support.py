"""Listings on the public web, support access, and indexes for limits on writing

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-26 18:08:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_message_author', 'message', ['author_id', 'created_at'])
    op.create_index('ix_message_school', 'message', ['school_urn', 'created_at'])


def downgrade():
    op.drop_index('ix_message_school', 'message')
    op.drop_index('ix_message_author', 'message')
