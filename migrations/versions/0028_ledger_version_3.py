"""Ledger version 3: frozen accounts have an index

Revision ID: 0028
Revises: 0027
Create Date: 2026-11-27 12:55:00.000000

"""
from alembic import op

from ledger import schema


# revision identifiers, used by Alembic.
revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade():
    schema.migrate(op.get_bind(), to=3)


def downgrade():
    """Leave the book as it is: earlier code refuses a book of a later version."""
