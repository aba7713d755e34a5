"""One-time links, throttles, and devices that are known

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26 18:01:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


IS_OPEN = 'used_at IS NULL AND revoked_at IS NULL'
ONE_AT_A_TIME = f"{IS_OPEN} AND purpose <> 'address_back'"


def upgrade():
    op.create_table(
        'one_time_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('purpose', sa.String(length=20), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=True),
        sa.Column('address', sa.String(length=254), nullable=True),
        sa.Column('maker_id', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            'used_at IS NULL OR revoked_at IS NULL', name=op.f('ck_one_time_link_used_or_revoked')
        ),
        sa.ForeignKeyConstraint(
            ['maker_id'], ['person.id'], name=op.f('fk_one_time_link_maker_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_one_time_link_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_one_time_link_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_one_time_link_token_hash')),
    )
    op.create_index(
        'uq_one_time_link_open',
        'one_time_link',
        ['person_id', 'purpose'],
        unique=True,
        postgresql_where=sa.text(f'{ONE_AT_A_TIME} AND school_urn IS NULL'),
        sqlite_where=sa.text(f'{ONE_AT_A_TIME} AND school_urn IS NULL'),
    )
    op.create_index(
        'uq_one_time_link_open_school',
        'one_time_link',
        ['person_id', 'purpose', 'school_urn'],
        unique=True,
        postgresql_where=sa.text(IS_OPEN),
        sqlite_where=sa.text(IS_OPEN),
    )
    op.create_index(
        'ix_one_time_link_person_id_created_at', 'one_time_link', ['person_id', 'created_at']
    )
    op.create_index(op.f('ix_one_time_link_expires_at'), 'one_time_link', ['expires_at'])
    op.create_index(op.f('ix_one_time_link_school_urn'), 'one_time_link', ['school_urn'])
    op.create_table(
        'known_device',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('label', sa.String(length=100), nullable=False),
        sa.Column('address', sa.String(length=45), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_known_device_person_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device')),
        sa.UniqueConstraint(
            'person_id', 'token_hash', name=op.f('uq_known_device_person_id_token_hash')
        ),
    )
    op.create_index(op.f('ix_known_device_last_used_at'), 'known_device', ['last_used_at'])
    op.create_table(
        'throttle',
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('account_hash', sa.String(length=64), nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('first_failed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('failures >= 0', name=op.f('ck_throttle_counts')),
        sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_throttle')),
    )
    op.create_index(op.f('ix_throttle_account_hash'), 'throttle', ['account_hash'])
    op.create_index(op.f('ix_throttle_last_failed_at'), 'throttle', ['last_failed_at'])


def downgrade():
    op.drop_table('throttle')
    op.drop_table('known_device')
    op.drop_table('one_time_link')
