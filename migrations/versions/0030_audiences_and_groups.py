"""Audiences by group, distance and kind of school, groups of schools, and confidential requests

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-27 12:45:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


OLD_REACHES = "audience IN ('school', 'trust', 'local_authority', 'region', 'national')"
REACHES = (
    "audience IN ('school', 'confidential', 'trust', 'group', 'near', 'local_authority',"
    " 'region', 'national')"
)
OLD_PUBLIC = "NOT public OR (kind = 'offer' AND audience = 'national' AND status = 'open')"
PUBLIC = (
    "NOT public OR (kind = 'offer' AND audience = 'national' AND audience_only = 0"
    " AND status = 'open')"
)


def upgrade():
    op.create_table(
        'school_group',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('purpose', sa.String(length=500), nullable=False),
        sa.Column('lead_urn', sa.Integer(), nullable=False),
        sa.Column('founded_by_id', sa.Integer(), nullable=False),
        sa.Column('founded_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint('length(name) > 0', name=op.f('ck_school_group_has_name')),
        sa.CheckConstraint('length(purpose) > 0', name=op.f('ck_school_group_has_purpose')),
        sa.ForeignKeyConstraint(
            ['founded_by_id'], ['person.id'], name=op.f('fk_school_group_founded_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['lead_urn'], ['school.urn'], name=op.f('fk_school_group_lead_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_school_group')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_school_group_idempotency_key')),
    )
    op.create_index(op.f('ix_school_group_founded_by_id'), 'school_group', ['founded_by_id'])
    op.create_index(op.f('ix_school_group_lead_urn'), 'school_group', ['lead_urn'])
    op.create_table(
        'group_member',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('group_id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('invited_by_id', sa.Integer(), nullable=False),
        sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_by_id', sa.Integer(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('invited', 'member', 'declined', 'left')",
            name=op.f('ck_group_member_state'),
        ),
        sa.CheckConstraint(
            'answered_by_id IS NULL OR answered_at IS NOT NULL',
            name=op.f('ck_group_member_answered_by_somebody'),
        ),
        sa.CheckConstraint(
            "state = 'invited' OR answered_at IS NOT NULL",
            name=op.f('ck_group_member_not_in_unasked'),
        ),
        sa.ForeignKeyConstraint(
            ['answered_by_id'], ['person.id'], name=op.f('fk_group_member_answered_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['group_id'], ['school_group.id'], name=op.f('fk_group_member_group_id_school_group')
        ),
        sa.ForeignKeyConstraint(
            ['invited_by_id'], ['person.id'], name=op.f('fk_group_member_invited_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_group_member_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_group_member')),
        sa.UniqueConstraint(
            'group_id', 'school_urn', name=op.f('uq_group_member_group_id_school_urn')
        ),
    )
    op.create_index(op.f('ix_group_member_answered_by_id'), 'group_member', ['answered_by_id'])
    op.create_index(op.f('ix_group_member_invited_by_id'), 'group_member', ['invited_by_id'])
    op.create_index(
        'ix_group_member_school', 'group_member', ['school_urn', 'state', 'group_id']
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience_group_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('audience_miles', sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column('audience_only', sa.Integer(), server_default='0', nullable=False)
        )
        batch_op.add_column(
            sa.Column('audience_alike', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_foreign_key(
            op.f('fk_listing_audience_group_id_school_group'),
            'school_group',
            ['audience_group_id'],
            ['id'],
        )
        batch_op.drop_constraint(op.f('ck_listing_audience'), type_='check')
        batch_op.create_check_constraint(op.f('ck_listing_audience'), REACHES)
        batch_op.create_check_constraint(
            op.f('ck_listing_audience_group'),
            "(audience_group_id IS NOT NULL) = (audience = 'group')",
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_audience_near'),
            "(audience_miles IS NOT NULL) = (audience IN ('near', 'confidential'))",
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_audience_miles'), 'audience_miles IN (3, 5, 10, 20, 30, 50)'
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_audience_only'), 'audience_only BETWEEN 0 AND 1048575'
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_confidential_requests'),
            "audience <> 'confidential' OR kind = 'request'",
        )
        batch_op.drop_constraint(op.f('ck_listing_public_offers'), type_='check')
        batch_op.create_check_constraint(op.f('ck_listing_public_offers'), PUBLIC)
    op.create_table(
        'confidential_ask',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=15), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answered_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('enquiry_id', sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'willing', 'declined', 'introduced', 'passed_over')",
            name=op.f('ck_confidential_ask_state'),
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_at IS NULL)", name=op.f('ck_confidential_ask_answered')
        ),
        sa.CheckConstraint(
            "(state IN ('introduced', 'passed_over')) = (decided_at IS NOT NULL)",
            name=op.f('ck_confidential_ask_decided'),
        ),
        sa.CheckConstraint(
            "(state = 'introduced') = (enquiry_id IS NOT NULL)",
            name=op.f('ck_confidential_ask_introduced_in_enquiry'),
        ),
        sa.ForeignKeyConstraint(
            ['answered_by_id'],
            ['person.id'],
            name=op.f('fk_confidential_ask_answered_by_id_person'),
        ),
        sa.ForeignKeyConstraint(
            ['decided_by_id'],
            ['person.id'],
            name=op.f('fk_confidential_ask_decided_by_id_person'),
        ),
        sa.ForeignKeyConstraint(
            ['enquiry_id'], ['enquiry.id'], name=op.f('fk_confidential_ask_enquiry_id_enquiry')
        ),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_confidential_ask_listing_id_listing')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_confidential_ask_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_confidential_ask')),
        sa.UniqueConstraint('enquiry_id', name=op.f('uq_confidential_ask_enquiry_id')),
        sa.UniqueConstraint(
            'listing_id', 'school_urn', name=op.f('uq_confidential_ask_listing_id_school_urn')
        ),
    )
    op.create_index(
        op.f('ix_confidential_ask_answered_by_id'), 'confidential_ask', ['answered_by_id']
    )
    op.create_index(
        op.f('ix_confidential_ask_decided_by_id'), 'confidential_ask', ['decided_by_id']
    )
    op.create_index(
        'ix_confidential_ask_school', 'confidential_ask', ['school_urn', 'state', 'asked_at']
    )


def downgrade():
    op.drop_table('confidential_ask')
    # What had an audience that the version before does not know is for the school's own staff.
    op.execute(
        "UPDATE listing SET audience = 'school', audience_group_id = NULL, audience_miles = NULL"
        " WHERE audience IN ('confidential', 'group', 'near') OR audience_only <> 0"
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_listing_public_offers'), type_='check')
        batch_op.create_check_constraint(op.f('ck_listing_public_offers'), OLD_PUBLIC)
        for name in (
            'confidential_requests', 'audience_only', 'audience_miles', 'audience_near',
            'audience_group', 'audience',
        ):
            batch_op.drop_constraint(op.f(f'ck_listing_{name}'), type_='check')
        batch_op.create_check_constraint(op.f('ck_listing_audience'), OLD_REACHES)
        batch_op.drop_constraint(
            op.f('fk_listing_audience_group_id_school_group'), type_='foreignkey'
        )
        batch_op.drop_column('audience_alike')
        batch_op.drop_column('audience_only')
        batch_op.drop_column('audience_miles')
        batch_op.drop_column('audience_group_id')
    op.drop_table('group_member')
    op.drop_table('school_group')
