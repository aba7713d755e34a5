"""Listings say more: format, time, who gives it, until when, and how far a request is met

Revision ID: 0031
Revises: 0030
Create Date: 2026-11-27 13:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FORMATS = (
    "'coaching', 'observation', 'training', 'moderation', 'planning', 'resource', 'visit',"
    " 'governance', 'leadership', 'technical'"
)


def upgrade():
    op.create_table(
        'listing_details',
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('format', sa.String(length=20), nullable=True),
        sa.Column('duration_minutes', sa.Integer(), nullable=True),
        sa.Column('capacity', sa.Integer(), nullable=True),
        sa.Column('delivered_by', sa.String(length=200), server_default='', nullable=False),
        sa.Column('weekdays', sa.Integer(), server_default='0', nullable=False),
        sa.Column('expires_on', sa.Date(), nullable=True),
        sa.Column('for_whom', sa.String(length=200), server_default='', nullable=False),
        sa.Column('tried', sa.String(length=1000), server_default='', nullable=False),
        sa.Column('needed_by', sa.Date(), nullable=True),
        sa.Column('budget_minutes', sa.Integer(), nullable=True),
        sa.Column('met', sa.String(length=6), server_default='not', nullable=False),
        sa.Column('met_by', sa.String(length=200), server_default='', nullable=False),
        sa.Column('met_on', sa.Date(), nullable=True),
        sa.CheckConstraint(f'format IN ({FORMATS})', name=op.f('ck_listing_details_format')),
        sa.CheckConstraint(
            'duration_minutes BETWEEN 1 AND 10080', name=op.f('ck_listing_details_duration')
        ),
        sa.CheckConstraint('capacity BETWEEN 1 AND 1000', name=op.f('ck_listing_details_capacity')),
        sa.CheckConstraint('weekdays BETWEEN 0 AND 31', name=op.f('ck_listing_details_weekdays')),
        sa.CheckConstraint('budget_minutes > 0', name=op.f('ck_listing_details_budget')),
        sa.CheckConstraint("met IN ('not', 'part', 'fully')", name=op.f('ck_listing_details_met')),
        sa.CheckConstraint(
            "(met = 'not') = (met_on IS NULL)", name=op.f('ck_listing_details_met_has_day')
        ),
        sa.CheckConstraint(
            "met <> 'not' OR met_by = ''", name=op.f('ck_listing_details_met_by_somebody')
        ),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_listing_details_listing_id_listing')
        ),
        sa.PrimaryKeyConstraint('listing_id', name=op.f('pk_listing_details')),
    )
    op.create_index('ix_listing_details_expires', 'listing_details', ['expires_on', 'listing_id'])
    op.create_table(
        'listing_half_term',
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('half_term', sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ['listing_id'],
            ['listing_details.listing_id'],
            name=op.f('fk_listing_half_term_listing_id_listing_details'),
        ),
        sa.PrimaryKeyConstraint('listing_id', 'half_term', name=op.f('pk_listing_half_term')),
    )
    op.create_index(
        'ix_listing_half_term_half_term', 'listing_half_term', ['half_term', 'listing_id']
    )
    op.create_table(
        'listing_person',
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['listing_id'],
            ['listing_details.listing_id'],
            name=op.f('fk_listing_person_listing_id_listing_details'),
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_listing_person_person_id_person')
        ),
        sa.PrimaryKeyConstraint('listing_id', 'person_id', name=op.f('pk_listing_person')),
    )
    op.create_index(op.f('ix_listing_person_person_id'), 'listing_person', ['person_id'])

    op.create_table(
        'listing_draft',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('author_id', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(length=100), nullable=False),
        sa.Column('typed', sa.JSON(), nullable=False),
        sa.Column('created_at', INSTANT, nullable=False),
        sa.Column('updated_at', INSTANT, nullable=False),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ['author_id'], ['person.id'], name=op.f('fk_listing_draft_author_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_listing_draft_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_draft')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_listing_draft_idempotency_key')),
    )
    op.create_index(op.f('ix_listing_draft_author_id'), 'listing_draft', ['author_id'])
    op.create_index('ix_listing_draft_school', 'listing_draft', ['school_urn', 'updated_at', 'id'])

    op.create_table(
        'tariff',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('note', sa.String(length=1000), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('changed_by_id', sa.Integer(), nullable=False),
        sa.Column('changed_at', INSTANT, nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_tariff_one_row')),
        sa.ForeignKeyConstraint(
            ['changed_by_id'], ['person.id'], name=op.f('fk_tariff_changed_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_tariff')),
    )
    op.create_table(
        'tariff_rate',
        sa.Column('unit', sa.String(length=10), nullable=False),
        sa.Column('grade', sa.String(length=10), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('hour', 'half_day', 'day')", name=op.f('ck_tariff_rate_unit')
        ),
        sa.CheckConstraint(
            "grade IN ('colleague', 'specialist', 'expert')", name=op.f('ck_tariff_rate_grade')
        ),
        sa.CheckConstraint('minutes > 0', name=op.f('ck_tariff_rate_minutes_positive')),
        sa.PrimaryKeyConstraint('unit', 'grade', name=op.f('pk_tariff_rate')),
    )
    op.create_table(
        'usual_hours',
        sa.Column('topic', sa.String(length=40), nullable=False),
        sa.Column('source', sa.String(length=10), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('low', sa.Integer(), nullable=False),
        sa.Column('median', sa.Integer(), nullable=False),
        sa.Column('high', sa.Integer(), nullable=False),
        sa.Column('kept_at', INSTANT, nullable=False),
        sa.CheckConstraint("source IN ('agreed', 'listed')", name=op.f('ck_usual_hours_source')),
        sa.CheckConstraint(
            '0 < low AND low <= median AND median <= high', name=op.f('ck_usual_hours_in_order')
        ),
        sa.CheckConstraint('number > 0', name=op.f('ck_usual_hours_number_positive')),
        sa.PrimaryKeyConstraint('topic', name=op.f('pk_usual_hours')),
    )

    op.create_table(
        'calendar_entry',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=True),
        sa.Column('authority_code', sa.String(length=3), nullable=True),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('starts_on', sa.Date(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('imported', sa.Boolean(), nullable=False),
        sa.Column('changed_by_id', sa.Integer(), nullable=False),
        sa.Column('changed_at', INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('term', 'holiday', 'inset')", name=op.f('ck_calendar_entry_kind')
        ),
        sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_calendar_entry_in_order')),
        sa.CheckConstraint(
            '(school_urn IS NULL) <> (authority_code IS NULL)',
            name=op.f('ck_calendar_entry_school_or_authority'),
        ),
        sa.ForeignKeyConstraint(
            ['authority_code'],
            ['local_authority.code'],
            name=op.f('fk_calendar_entry_authority_code_local_authority'),
        ),
        sa.ForeignKeyConstraint(
            ['changed_by_id'], ['person.id'], name=op.f('fk_calendar_entry_changed_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_calendar_entry_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_entry')),
    )
    op.create_index(op.f('ix_calendar_entry_changed_by_id'), 'calendar_entry', ['changed_by_id'])
    for owner, column in (('school', 'school_urn'), ('authority', 'authority_code')):
        op.create_index(
            f'uq_calendar_entry_{owner}',
            'calendar_entry',
            [column, 'starts_on', 'ends_on', 'kind'],
            unique=True,
        )
    op.create_table(
        'term_answer',
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('half_term', sa.String(length=6), nullable=False),
        sa.Column('answer', sa.String(length=5), nullable=False),
        sa.Column('ask_again_on', sa.Date(), nullable=True),
        sa.Column('answered_by_id', sa.Integer(), nullable=False),
        sa.Column('answered_at', INSTANT, nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'maybe', 'no')", name=op.f('ck_term_answer_answer')),
        sa.CheckConstraint(
            "(answer = 'no') = (ask_again_on IS NOT NULL)", name=op.f('ck_term_answer_asked_again')
        ),
        sa.ForeignKeyConstraint(
            ['answered_by_id'], ['person.id'], name=op.f('fk_term_answer_answered_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_term_answer_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('school_urn', 'half_term', name=op.f('pk_term_answer')),
    )
    op.create_index(op.f('ix_term_answer_answered_by_id'), 'term_answer', ['answered_by_id'])
    op.create_index('ix_term_answer_latest', 'term_answer', ['school_urn', 'answered_at'])

    op.create_table(
        'moderation_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('decision', sa.String(length=10), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('at', INSTANT, nullable=False),
        sa.CheckConstraint(
            "decision IN ('hide', 'keep', 'restore')", name=op.f('ck_moderation_step_decision')
        ),
        sa.CheckConstraint('length(reason) > 0', name=op.f('ck_moderation_step_has_reason')),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_moderation_step_listing_id_listing')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_moderation_step_person_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_step')),
    )
    op.create_index('ix_moderation_step_listing', 'moderation_step', ['listing_id', 'id'])
    op.create_index(op.f('ix_moderation_step_person_id'), 'moderation_step', ['person_id'])
    op.create_table(
        'listing_report',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('reporter_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=10), nullable=False),
        sa.Column('text', sa.String(length=1000), nullable=False),
        sa.Column('created_at', INSTANT, nullable=False),
        sa.Column('step_id', sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('personal', 'offensive', 'wrong', 'nothing', 'selling', 'other')",
            name=op.f('ck_listing_report_reason'),
        ),
        sa.ForeignKeyConstraint(
            ['listing_id'], ['listing.id'], name=op.f('fk_listing_report_listing_id_listing')
        ),
        sa.ForeignKeyConstraint(
            ['reporter_id'], ['person.id'], name=op.f('fk_listing_report_reporter_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_listing_report_school_urn_school')
        ),
        sa.ForeignKeyConstraint(
            ['step_id'], ['moderation_step.id'], name=op.f('fk_listing_report_step_id_moderation_step')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_report')),
    )
    op.create_index('ix_listing_report_listing', 'listing_report', ['listing_id', 'id'])
    op.create_index(op.f('ix_listing_report_reporter_id'), 'listing_report', ['reporter_id'])
    op.create_index(op.f('ix_listing_report_step_id'), 'listing_report', ['step_id'])
    op.create_index(
        'uq_listing_report_open',
        'listing_report',
        ['listing_id', 'school_urn'],
        unique=True,
        sqlite_where=sa.text('step_id IS NULL'),
        postgresql_where=sa.text('step_id IS NULL'),
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_listing_status'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_listing_status'), "status IN ('open', 'withdrawn', 'hidden')"
        )


def downgrade():
    # The version before knows no hidden listings: to it they are withdrawn.
    op.execute("UPDATE listing SET status = 'withdrawn' WHERE status = 'hidden'")
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_listing_status'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_listing_status'), "status IN ('open', 'withdrawn')"
        )
    op.drop_table('listing_report')
    op.drop_table('moderation_step')
    op.drop_table('term_answer')
    op.drop_table('calendar_entry')
    op.drop_table('usual_hours')
    op.drop_table('tariff_rate')
    op.drop_table('tariff')
    op.drop_table('listing_draft')
    op.drop_table('listing_person')
    op.drop_table('listing_half_term')
    op.drop_table('listing_details')
