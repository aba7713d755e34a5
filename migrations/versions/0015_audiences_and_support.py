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
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('public', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_public_offers'),
            "NOT public OR (kind = 'offer' AND audience = 'national' AND status = 'open')",
        )
    op.create_index(
        'ix_listing_public',
        'listing',
        ['id'],
        sqlite_where=sa.text('public = 1'),
        postgresql_where=sa.text('public'),
    )
    op.create_index('ix_message_author', 'message', ['author_id', 'created_at'])
    op.create_index('ix_message_school', 'message', ['school_urn', 'created_at'])


def downgrade():
    op.drop_index('ix_message_school', 'message')
    op.drop_index('ix_message_author', 'message')
    op.drop_index('ix_listing_public', 'listing')
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_listing_public_offers'), type_='check')
        batch_op.drop_column('public')
