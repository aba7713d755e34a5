"""Kept totals are of what was recorded before a day began

Revision ID: 0025
Revises: 0024
Create Date: 2026-11-27 03:40:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    _make_anew(sa.Column('recorded_before', sa.Date(), nullable=False))


def downgrade():
    _make_anew(
        sa.Column('accounts', sa.Integer(), nullable=False),
        sa.Column('checked_on', sa.Date(), nullable=False),
    )


def _make_anew(*columns):
    """What was kept counts otherwise now, so the worker adds all days up again, within the hour."""
    op.drop_table('trial_balance_day')
    op.create_table(
        'trial_balance_day',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('debit', sa.BigInteger(), nullable=False),
        sa.Column('credit', sa.BigInteger(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint('day', name=op.f('pk_trial_balance_day')),
    )
