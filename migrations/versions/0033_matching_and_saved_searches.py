"""What fits what, and saved searches with the log of their alerts

Revision ID: 0033
Revises: 0032
Create Date: 2026-11-27 13:40:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'listing_match',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('fitting_id', sa.Integer(), nullable=False),
        sa.Column('made_at', INSTANT, nullable=False),
        sa.CheckConstraint('listing_id <> fitting_id', name=op.f('ck_listing_match_two_listings')),
        sa.ForeignKeyConstraint(
            ['fitting_id'], ['listing.id'], name=op.f('fk_listing_match_fitting_id_listing')
        ),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_listing_match_listing_id_listing')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_match')),
        sa.UniqueConstraint('listing_id', 'fitting_id', name=op.f('uq_listing_match_listing_id_fitting_id')),
    )
    op.create_index('ix_listing_match_fitting_id', 'listing_match', ['fitting_id'])
    op.create_table(
        'saved_search',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('criteria', sa.JSON(), nullable=False),
        sa.Column('frequency', sa.String(length=10), nullable=False),
        sa.Column('seen_up_to', sa.Integer(), nullable=False),
        sa.Column('last_run_at', INSTANT, nullable=False),
        sa.Column('created_at', INSTANT, nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "frequency IN ('at_once', 'daily', 'weekly', 'off')",
            name=op.f('ck_saved_search_frequency'),
        ),
        sa.CheckConstraint('length(name) > 0', name=op.f('ck_saved_search_has_name')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_saved_search_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_saved_search_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_saved_search_idempotency_key')),
    )
    op.create_index('ix_saved_search_school_urn', 'saved_search', ['school_urn'])
    op.create_index('ix_saved_search_person', 'saved_search', ['person_id', 'id'])
    op.create_index('ix_saved_search_due', 'saved_search', ['frequency', 'last_run_at'])
    op.create_table(
        'search_alert',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('saved_search_id', sa.Integer(), nullable=False),
        sa.Column('made_at', INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ['saved_search_id'],
            ['saved_search.id'],
            name=op.f('fk_search_alert_saved_search_id_saved_search'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_search_alert')),
    )
    op.create_index('ix_search_alert_search', 'search_alert', ['saved_search_id', 'made_at'])
    op.create_table(
        'alerted_listing',
        sa.Column('saved_search_id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('alert_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['alert_id'],
            ['search_alert.id'],
            name=op.f('fk_alerted_listing_alert_id_search_alert'),
            ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_alerted_listing_listing_id_listing')
        ),
        sa.ForeignKeyConstraint(
            ['saved_search_id'],
            ['saved_search.id'],
            name=op.f('fk_alerted_listing_saved_search_id_saved_search'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('saved_search_id', 'listing_id', name=op.f('pk_alerted_listing')),
    )
    op.create_index('ix_alerted_listing_listing_id', 'alerted_listing', ['listing_id'])
    op.create_index('ix_alerted_listing_alert_id', 'alerted_listing', ['alert_id'])


def downgrade():
    op.drop_table('alerted_listing')
    op.drop_table('search_alert')
    op.drop_table('saved_search')
    op.drop_table('listing_match')
