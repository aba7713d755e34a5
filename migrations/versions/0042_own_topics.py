"""The operator changes the topics

Revision ID: 0042
Revises: 0041
Create Date: 2026-11-27 22:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'topic_change',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('slug', sa.String(length=40), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('group_slug', sa.String(length=40), nullable=False),
        sa.Column('retired', sa.Boolean(), nullable=False),
        sa.Column('successor', sa.String(length=40), nullable=False),
        sa.Column('changed_by_id', sa.Integer(), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint("slug <> ''", name=op.f('ck_topic_change_slug')),
        sa.CheckConstraint("name <> ''", name=op.f('ck_topic_change_name')),
        sa.CheckConstraint('number > 0', name=op.f('ck_topic_change_number')),
        sa.CheckConstraint("successor = '' OR retired", name=op.f('ck_topic_change_successor')),
        sa.CheckConstraint('successor <> slug', name=op.f('ck_topic_change_another_topic')),
        sa.ForeignKeyConstraint(
            ['changed_by_id'], ['person.id'], name=op.f('fk_topic_change_changed_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_topic_change')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_topic_change_idempotency_key')),
        sa.UniqueConstraint('slug', 'number', name=op.f('uq_topic_change_slug_number')),
    )
    op.create_index('ix_topic_change_changed_by_id', 'topic_change', ['changed_by_id'])


def downgrade():
    op.drop_table('topic_change')
