"""The photographs on schools' pages

Revision ID: 0035
Revises: 0034
Create Date: 2026-11-27 17:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('photograph',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('description', sa.String(length=300), nullable=False),
    sa.Column('caption', sa.String(length=200), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=80), nullable=False),
    sa.Column('audience', sa.String(length=20), nullable=False),
    sa.Column('audience_group_id', sa.Integer(), nullable=True),
    sa.Column('audience_miles', sa.Integer(), nullable=True),
    sa.Column('audience_only', sa.Integer(), server_default='0', nullable=False),
    sa.Column('audience_alike', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.CheckConstraint("(audience_group_id IS NOT NULL) = (audience = 'group')", name=op.f('ck_photograph_audience_group')),
    sa.CheckConstraint("(audience_miles IS NOT NULL) = (audience IN ('near', 'confidential'))", name=op.f('ck_photograph_audience_near')),
    sa.CheckConstraint("audience <> 'confidential'", name=op.f('ck_photograph_not_confidential')),
    sa.CheckConstraint("audience IN ('school', 'confidential', 'trust', 'group', 'near', 'local_authority', 'region', 'national')", name=op.f('ck_photograph_audience')),
    sa.CheckConstraint('audience_miles IN (3, 5, 10, 20, 30, 50)', name=op.f('ck_photograph_audience_miles')),
    sa.CheckConstraint('audience_only BETWEEN 0 AND 1048575', name=op.f('ck_photograph_audience_only')),
    sa.CheckConstraint('place BETWEEN 0 AND 6', name=op.f('ck_photograph_place')),
    sa.CheckConstraint("description <> ''", name=op.f('ck_photograph_is_described')),
    sa.CheckConstraint('width > 0 AND height > 0', name=op.f('ck_photograph_size')),
    sa.ForeignKeyConstraint(['added_by_id'], ['person.id'], name=op.f('fk_photograph_added_by_id_person')),
    sa.ForeignKeyConstraint(['audience_group_id'], ['school_group.id'], name=op.f('fk_photograph_audience_group_id_school_group')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_photograph_school_urn_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photograph')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_photograph_idempotency_key')),
    sa.UniqueConstraint('school_urn', 'place', name=op.f('uq_photograph_school_urn_place'))
    )
    op.create_index('ix_photograph_added_by_id', 'photograph', ['added_by_id'])
    op.create_table('photograph_file',
    sa.Column('photograph_id', sa.Integer(), nullable=False),
    sa.Column('size', sa.String(length=10), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("size IN ('full', 'small')", name=op.f('ck_photograph_file_size')),
    sa.ForeignKeyConstraint(['photograph_id'], ['photograph.id'], name=op.f('fk_photograph_file_photograph_id_photograph'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('photograph_id', 'size', name=op.f('pk_photograph_file'))
    )


def downgrade():
    op.drop_table('photograph_file')
    op.drop_table('photograph')
