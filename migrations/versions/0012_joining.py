"""Claims and invitations

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-26 18:05:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

OPEN = sa.text('accepted_at IS NULL AND revoked_at IS NULL')


def upgrade():
    _claims()
    _invitations()


def downgrade():
    _invitations_down()
    _claims_down()


def _claims():
    # Byte by byte, so that the words with one beginning stand together.
    word = sa.String(length=40).with_variant(sa.String(length=40, collation='C'), 'postgresql')
    op.create_table('school_word',
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('word', word, nullable=False),
    sa.Column('in_name', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_school_word_school_urn_school')),
    sa.PrimaryKeyConstraint('school_urn', 'word', name=op.f('pk_school_word'))
    )
    with op.batch_alter_table('school_word', schema=None) as batch_op:
        batch_op.create_index('ix_school_word_word', ['word', 'school_urn'], unique=False)

    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('job', sa.String(length=100), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('roles', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('network_address', sa.String(length=45), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=True),
    sa.Column('link_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=1000), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('idempotency_key', sa.String(length=60), nullable=False),
    sa.CheckConstraint("(state = 'sent') = (token_hash IS NOT NULL)", name=op.f('ck_claim_sent_has_link')),
    sa.CheckConstraint("state <> 'accepted' OR person_id IS NOT NULL", name=op.f('ck_claim_accepted_has_person')),
    sa.CheckConstraint("state <> 'refused' OR (decided_at IS NOT NULL AND reason IS NOT NULL)", name=op.f('ck_claim_refused_has_reason')),
    sa.CheckConstraint("state IN ('sent', 'replaced', 'waiting', 'accepted', 'refused', 'overtaken', 'asked')", name=op.f('ck_claim_state')),
    sa.CheckConstraint('token_hash IS NULL OR link_expires_at IS NOT NULL', name=op.f('ck_claim_link_expires')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_claim_decided_by_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_claim_person_id_person')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_claim_school_urn_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_claim_idempotency_key')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_claim_token_hash'))
    )
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.create_index('ix_claim_email_created_at', ['email', 'created_at'], unique=False)
        batch_op.create_index('ix_claim_network_address_created_at', ['network_address', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_school_urn'), ['school_urn'], unique=False)
        batch_op.create_index('ix_claim_state_id', ['state', 'id'], unique=False)


def _claims_down():
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_index('ix_claim_state_id')
        batch_op.drop_index(batch_op.f('ix_claim_school_urn'))
        batch_op.drop_index('ix_claim_network_address_created_at')
        batch_op.drop_index('ix_claim_email_created_at')

    op.drop_table('claim')
    with op.batch_alter_table('school_word', schema=None) as batch_op:
        batch_op.drop_index('ix_school_word_word')

    op.drop_table('school_word')


def _invitations():
    op.create_table(
        'trust_administrator',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('trust_id', sa.Integer(), nullable=False),
        sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_trust_administrator_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['trust_id'], ['trust.id'], name=op.f('fk_trust_administrator_trust_id_trust')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_trust_administrator')),
        sa.UniqueConstraint(
            'person_id', 'trust_id', name=op.f('uq_trust_administrator_person_id_trust_id')
        ),
    )
    op.create_index(op.f('ix_trust_administrator_trust_id'), 'trust_administrator', ['trust_id'])
    op.create_table(
        'invitation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=True),
        sa.Column('trust_id', sa.Integer(), nullable=True),
        sa.Column('email', sa.String(length=254), nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('roles', sa.String(length=100), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('invited_by_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('accepted_by_id', sa.Integer(), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            'accepted_at IS NULL OR revoked_at IS NULL', name=op.f('ck_invitation_one_end')
        ),
        sa.CheckConstraint(
            '(accepted_at IS NULL) = (accepted_by_id IS NULL)',
            name=op.f('ck_invitation_accepted_by_a_person'),
        ),
        sa.CheckConstraint('email = lower(email)', name=op.f('ck_invitation_email_lower_case')),
        sa.CheckConstraint(
            'school_urn IS NOT NULL OR trust_id IS NULL', name=op.f('ck_invitation_trust_by_school')
        ),
        sa.ForeignKeyConstraint(
            ['accepted_by_id'], ['person.id'], name=op.f('fk_invitation_accepted_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['invited_by_id'], ['person.id'], name=op.f('fk_invitation_invited_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_invitation_school_urn_school')
        ),
        sa.ForeignKeyConstraint(['trust_id'], ['trust.id'], name=op.f('fk_invitation_trust_id_trust')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash')),
    )
    op.create_index(op.f('ix_invitation_email'), 'invitation', ['email'])
    op.create_index(
        'ix_invitation_school_urn_created_at', 'invitation', ['school_urn', 'created_at']
    )
    op.create_index(
        'uq_invitation_open',
        'invitation',
        ['school_urn', 'email'],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _invitations_down():
    op.drop_table('invitation')
    op.drop_table('trust_administrator')
