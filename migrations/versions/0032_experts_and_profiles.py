"""The directory of expertise, what schools write of themselves, and their track records

Revision ID: 0032
Revises: 0031
Create Date: 2026-11-27 13:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('within_trust_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('trust_id', sa.Integer(), nullable=False),
    sa.Column('free', sa.Boolean(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_within_trust_rule_person_id_person')),
    sa.ForeignKeyConstraint(['trust_id'], ['trust.id'], name=op.f('fk_within_trust_rule_trust_id_trust')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_within_trust_rule'))
    )
    with op.batch_alter_table('within_trust_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_within_trust_rule_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_within_trust_rule_trust', ['trust_id', 'id'], unique=False)

    op.create_table('expertise',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=300), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('may_be_asked', sa.Boolean(), nullable=False),
    sa.Column('suggested_by_id', sa.Integer(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=80), nullable=False),
    sa.Column('audience', sa.String(length=20), nullable=False),
    sa.Column('audience_group_id', sa.Integer(), nullable=True),
    sa.Column('audience_miles', sa.Integer(), nullable=True),
    sa.Column('audience_only', sa.Integer(), server_default='0', nullable=False),
    sa.Column('audience_alike', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.CheckConstraint("(audience_group_id IS NOT NULL) = (audience = 'group')", name=op.f('ck_expertise_audience_group')),
    sa.CheckConstraint("(audience_miles IS NOT NULL) = (audience IN ('near', 'confidential'))", name=op.f('ck_expertise_audience_near')),
    sa.CheckConstraint("audience <> 'confidential'", name=op.f('ck_expertise_not_confidential')),
    sa.CheckConstraint("audience IN ('school', 'confidential', 'trust', 'group', 'near', 'local_authority', 'region', 'national')", name=op.f('ck_expertise_audience')),
    sa.CheckConstraint('NOT may_be_asked OR length(contact) > 0', name=op.f('ck_expertise_can_be_reached')),
    sa.CheckConstraint('accepted_at IS NOT NULL OR NOT may_be_asked', name=op.f('ck_expertise_asked_if_shared')),
    sa.CheckConstraint('accepted_at IS NOT NULL OR suggested_by_id IS NOT NULL', name=op.f('ck_expertise_shared_or_suggested')),
    sa.CheckConstraint('audience_miles IN (3, 5, 10, 20, 30, 50)', name=op.f('ck_expertise_audience_miles')),
    sa.CheckConstraint('audience_only BETWEEN 0 AND 1048575', name=op.f('ck_expertise_audience_only')),
    sa.ForeignKeyConstraint(['audience_group_id'], ['school_group.id'], name=op.f('fk_expertise_audience_group_id_school_group')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_expertise_person_id_person')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_expertise_school_urn_school')),
    sa.ForeignKeyConstraint(['suggested_by_id'], ['person.id'], name=op.f('fk_expertise_suggested_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expertise')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_expertise_idempotency_key'))
    )
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.create_index('ix_expertise_person', ['person_id', 'school_urn'], unique=False)
        batch_op.create_index('ix_expertise_school', ['school_urn', 'accepted_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_expertise_suggested_by_id'), ['suggested_by_id'], unique=False)

    op.create_table('expertise_label',
    sa.Column('expertise_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.String(length=40), nullable=False),
    sa.CheckConstraint("kind IN ('topic', 'phase', 'role', 'language')", name=op.f('ck_expertise_label_kind')),
    sa.CheckConstraint('length(value) > 0', name=op.f('ck_expertise_label_has_value')),
    sa.ForeignKeyConstraint(['expertise_id'], ['expertise.id'], name=op.f('fk_expertise_label_expertise_id_expertise'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('expertise_id', 'kind', 'value', name=op.f('pk_expertise_label'))
    )
    with op.batch_alter_table('expertise_label', schema=None) as batch_op:
        batch_op.create_index('ix_expertise_label_value', ['kind', 'value', 'expertise_id'], unique=False)
    op.create_table('track_record',
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('given', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('minutes_given', sa.Integer(), nullable=False),
    sa.Column('minutes_received', sa.Integer(), nullable=False),
    sa.Column('partners', sa.Integer(), nullable=False),
    sa.Column('partners_again', sa.Integer(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('answer_minutes', sa.Integer(), nullable=True),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(answer_minutes IS NULL) = (answers = 0)', name=op.f('ck_track_record_median_of_answers')),
    sa.CheckConstraint('minutes_given >= 0 AND minutes_received >= 0 AND given >= 0 AND received >= 0 AND answers >= 0 AND partners_again >= 0 AND partners_again <= partners', name=op.f('ck_track_record_counts')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_track_record_school_urn_school')),
    sa.PrimaryKeyConstraint('school_urn', name=op.f('pk_track_record'))
    )
    op.create_table('profile_part',
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('audience', sa.String(length=20), nullable=False),
    sa.Column('audience_group_id', sa.Integer(), nullable=True),
    sa.Column('audience_miles', sa.Integer(), nullable=True),
    sa.Column('audience_only', sa.Integer(), server_default='0', nullable=False),
    sa.Column('audience_alike', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.CheckConstraint("(audience_group_id IS NOT NULL) = (audience = 'group')", name=op.f('ck_profile_part_audience_group')),
    sa.CheckConstraint("(audience_miles IS NOT NULL) = (audience IN ('near', 'confidential'))", name=op.f('ck_profile_part_audience_near')),
    sa.CheckConstraint("audience <> 'confidential'", name=op.f('ck_profile_part_not_confidential')),
    sa.CheckConstraint("audience IN ('school', 'confidential', 'trust', 'group', 'near', 'local_authority', 'region', 'national')", name=op.f('ck_profile_part_audience')),
    sa.CheckConstraint("kind IN ('outstanding', 'evidence', 'welcome', 'contact')", name=op.f('ck_profile_part_kind')),
    sa.CheckConstraint('audience_miles IN (3, 5, 10, 20, 30, 50)', name=op.f('ck_profile_part_audience_miles')),
    sa.CheckConstraint('audience_only BETWEEN 0 AND 1048575', name=op.f('ck_profile_part_audience_only')),
    sa.ForeignKeyConstraint(['audience_group_id'], ['school_group.id'], name=op.f('fk_profile_part_audience_group_id_school_group')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_profile_part_school_urn_school')),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_profile_part_written_by_id_person')),
    sa.PrimaryKeyConstraint('school_urn', 'kind', name=op.f('pk_profile_part'))
    )
    with op.batch_alter_table('profile_part', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_profile_part_written_by_id'), ['written_by_id'], unique=False)


def downgrade():
    with op.batch_alter_table('profile_part', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_profile_part_written_by_id'))

    op.drop_table('profile_part')
    op.drop_table('track_record')
    with op.batch_alter_table('expertise_label', schema=None) as batch_op:
        batch_op.drop_index('ix_expertise_label_value')

    op.drop_table('expertise_label')
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_expertise_suggested_by_id'))
        batch_op.drop_index('ix_expertise_school')
        batch_op.drop_index('ix_expertise_person')

    op.drop_table('expertise')
    with op.batch_alter_table('within_trust_rule', schema=None) as batch_op:
        batch_op.drop_index('ix_within_trust_rule_trust')
        batch_op.drop_index(batch_op.f('ix_within_trust_rule_person_id'))

    op.drop_table('within_trust_rule')
