"""What a school gave, by topic

Revision ID: 0037
Revises: 0036
Create Date: 2026-11-27 18:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        'track_record',
        sa.Column('minutes_by_topic', sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade():
    with op.batch_alter_table('track_record', schema=None) as batch_op:
        batch_op.drop_column('minutes_by_topic')
