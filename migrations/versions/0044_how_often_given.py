"""How often each offer was given, and when last, is kept with it

Revision ID: 0044
Revises: 0042
Create Date: 2026-11-28 00:50:00.000000

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0044'
down_revision = '0042'
branch_labels = None
depends_on = None

GIVEN = """
    FROM exchange JOIN enquiry ON enquiry.id = exchange.enquiry_id
    WHERE enquiry.listing_id = listing.id AND exchange.provider_urn = listing.school_urn
    AND exchange.state = 'confirmed'
    AND coalesce(exchange.standing_minutes, exchange.delivered_minutes, 0) > 0
"""


def upgrade():
    op.execute('ALTER TABLE listing ADD COLUMN times_given INTEGER DEFAULT 0 NOT NULL')
    op.execute('ALTER TABLE listing ADD COLUMN last_given_on DATE')
    op.execute(
        f'UPDATE listing SET times_given = (SELECT count(*) {GIVEN}), last_given_on ='
        f' (SELECT max(coalesce(exchange.delivered_on, exchange.on_date)) {GIVEN})'
        " WHERE kind = 'offer' AND id IN (SELECT enquiry.listing_id FROM enquiry"
        ' JOIN exchange ON exchange.enquiry_id = enquiry.id)'
    )


def downgrade():
    op.execute('ALTER TABLE listing DROP COLUMN last_given_on')
    op.execute('ALTER TABLE listing DROP COLUMN times_given')
