"""Reviews of exchanges

Revision ID: 0040
Revises: 0039
Create Date: 2026-11-27 22:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=False),
    sa.Column('author_urn', sa.Integer(), nullable=False),
    sa.Column('about_urn', sa.Integer(), nullable=False),
    sa.Column('author_gave', sa.Boolean(), nullable=False),
    sa.Column('again', sa.String(length=10), nullable=False),
    sa.Column('effect', sa.String(length=1000), nullable=False),
    sa.Column('praise', sa.String(length=1000), nullable=False),
    sa.Column('is_private', sa.Boolean(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reply', sa.String(length=1000), nullable=False),
    sa.Column('replied_by_id', sa.Integer(), nullable=True),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_because', sa.String(length=1000), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("again IN ('yes', 'changed', 'no')", name=op.f('ck_review_again')),
    sa.CheckConstraint('author_urn <> about_urn', name=op.f('ck_review_two_schools')),
    sa.CheckConstraint("(reply = '') = (replied_at IS NULL)", name=op.f('ck_review_reply_has_time')),
    sa.ForeignKeyConstraint(['about_urn'], ['school.urn'], name=op.f('fk_review_about_urn_school')),
    sa.ForeignKeyConstraint(['author_urn'], ['school.urn'], name=op.f('fk_review_author_urn_school')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_review_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['replied_by_id'], ['person.id'], name=op.f('fk_review_replied_by_id_person')),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_review_written_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('exchange_id', 'author_urn', name=op.f('uq_review_exchange_id_author_urn'))
    )
    op.create_index('ix_review_about', 'review', ['about_urn', 'id'])
    op.create_index('ix_review_replied_by_id', 'review', ['replied_by_id'])
    op.create_index('ix_review_written_by_id', 'review', ['written_by_id'])
    op.create_index(
        'ix_review_due', 'review', ['due_at'],
        sqlite_where=sa.text('shown_at IS NULL'), postgresql_where=sa.text('shown_at IS NULL'),
    )
    op.create_table('review_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("decision IN ('hide', 'keep', 'restore')", name=op.f('ck_review_step_decision')),
    sa.CheckConstraint('length(reason) > 0', name=op.f('ck_review_step_has_reason')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_review_step_person_id_person')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_step_review_id_review')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_step'))
    )
    op.create_index('ix_review_step_person_id', 'review_step', ['person_id'])
    op.create_index('ix_review_step_review', 'review_step', ['review_id', 'id'])
    op.create_table('review_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=False),
    sa.Column('reporter_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('length(text) > 0', name=op.f('ck_review_report_has_text')),
    sa.ForeignKeyConstraint(['reporter_id'], ['person.id'], name=op.f('fk_review_report_reporter_id_person')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_report_review_id_review')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_review_report_school_urn_school')),
    sa.ForeignKeyConstraint(['step_id'], ['review_step.id'], name=op.f('fk_review_report_step_id_review_step')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_report'))
    )
    op.create_index('ix_review_report_reporter_id', 'review_report', ['reporter_id'])
    op.create_index('ix_review_report_review', 'review_report', ['review_id', 'id'])
    op.create_index('ix_review_report_step_id', 'review_report', ['step_id'])
    op.create_index(
        'uq_review_report_open', 'review_report', ['review_id', 'school_urn'], unique=True,
        sqlite_where=sa.text('step_id IS NULL'), postgresql_where=sa.text('step_id IS NULL'),
    )
    with op.batch_alter_table('track_record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opinions', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(
            sa.Column('opinions_again', sa.Integer(), server_default='0', nullable=False)
        )
        batch_op.create_check_constraint(
            op.f('ck_track_record_opinions'),
            'opinions_again >= 0 AND opinions_again <= opinions',
        )


def downgrade():
    with op.batch_alter_table('track_record', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_track_record_opinions'), type_='check')
        batch_op.drop_column('opinions_again')
        batch_op.drop_column('opinions')
    op.drop_table('review_report')
    op.drop_table('review_step')
    op.drop_table('review')
