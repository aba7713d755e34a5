"""Ledger version 2: what is done to accounts and periods is in the journal

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-26 14:40:00

"""
from alembic import op

from ledger import schema


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    schema.migrate(op.get_bind(), to=2)


def downgrade():
    """Leave the book as it is: what version 2 recorded cannot be said in version 1."""
