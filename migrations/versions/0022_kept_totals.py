"""Kept totals, and indexes for what the start pages show

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'trial_balance_day',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('accounts', sa.Integer(), nullable=False),
        sa.Column('debit', sa.BigInteger(), nullable=False),
        sa.Column('credit', sa.BigInteger(), nullable=False),
        sa.Column('checked_on', sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint('day', name=op.f('pk_trial_balance_day')),
    )
    op.create_index('ix_listing_latest', 'listing', ['status', 'id'])
    op.create_index('ix_succession_state', 'succession', ['state', 'from_urn'])


def downgrade():
    op.drop_index('ix_succession_state', table_name='succession')
    op.drop_index('ix_listing_latest', table_name='listing')
    op.drop_table('trial_balance_day')
