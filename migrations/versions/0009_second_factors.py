"""Second factors

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26 18:02:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'authenticator',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('sealed_secret', sa.String(length=400), nullable=False),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_authenticator_person_id_person')
        ),
        sa.PrimaryKeyConstraint('person_id', name=op.f('pk_authenticator')),
    )
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('salt', sa.String(length=32), nullable=False),
        sa.Column('code_hash', sa.String(length=64), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_recovery_code_person_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
        sa.UniqueConstraint(
            'person_id', 'code_hash', name=op.f('uq_recovery_code_person_id_code_hash')
        ),
    )
    op.create_table(
        'passkey',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('credential_id', sa.String(length=1400), nullable=False),
        sa.Column('user_handle', sa.String(length=100), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sign_count', sa.BigInteger(), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('sign_count >= 0', name=op.f('ck_passkey_sign_count_not_negative')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_passkey_person_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
        sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id')),
    )
    op.create_index(op.f('ix_passkey_person_id'), 'passkey', ['person_id'])
    op.create_table(
        'used_challenge',
        sa.Column('challenge_hash', sa.String(length=64), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('challenge_hash', name=op.f('pk_used_challenge')),
    )
    op.create_index(op.f('ix_used_challenge_used_at'), 'used_challenge', ['used_at'])


def downgrade():
    op.drop_table('used_challenge')
    op.drop_table('passkey')
    op.drop_table('recovery_code')
    op.drop_table('authenticator')
