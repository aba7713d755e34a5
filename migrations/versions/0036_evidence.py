"""Pieces of evidence on schools' pages

Revision ID: 0036
Revises: 0035
Create Date: 2026-11-27 18:15:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=150), nullable=False),
    sa.Column('given_by', sa.String(length=100), nullable=False),
    sa.Column('given_in', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('link', sa.String(length=300), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=80), nullable=False),
    sa.CheckConstraint("kind IN ('award', 'hub', 'inspection', 'impact', 'other')", name=op.f('ck_evidence_kind')),
    sa.CheckConstraint("title <> ''", name=op.f('ck_evidence_has_title')),
    sa.CheckConstraint("link = '' OR link LIKE 'https://%'", name=op.f('ck_evidence_link')),
    sa.CheckConstraint('valid_until >= given_in', name=op.f('ck_evidence_valid_until')),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_evidence_added_by_id_person')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_evidence_school_urn_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_evidence_idempotency_key'))
    )
    op.create_index('ix_evidence_added_by_id', 'evidence', ['added_by_id'])
    op.create_index('ix_evidence_school', 'evidence', ['school_urn', 'given_in'])


def downgrade():
    op.drop_table('evidence')
