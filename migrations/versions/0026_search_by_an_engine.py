"""The words of listings are in the index of the search engine

Revision ID: 0026
Revises: 0025
Create Date: 2026-11-27 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index('ix_listing_term_listing', table_name='listing_term')
    op.drop_table('listing_term')


def downgrade():
    # The words follow from the listings, so the version before finds only what is changed after it.
    op.create_table(
        'listing_term',
        sa.Column('term', sa.String(length=40), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('weight', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_listing_term_listing_id_listing')
        ),
        sa.PrimaryKeyConstraint('term', 'listing_id', name=op.f('pk_listing_term')),
    )
    op.create_index('ix_listing_term_listing', 'listing_term', ['listing_id'])
