"""Notifications, and what each person wants to be told

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-26 18:04:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    _mail()
    _notifications()


def downgrade():
    _notifications_down()
    _mail_down()


def _mail():
    op.create_table('failing_address',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint('address = lower(address)', name=op.f('ck_failing_address_address_lower_case')),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_failing_address'))
    )
    with op.batch_alter_table('failing_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failing_address_failed_at'), ['failed_at'], unique=False)

    op.create_table('email',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('template', sa.String(length=80), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('school_urn', sa.Integer(), nullable=True),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('html', sa.Text(), nullable=True),
    sa.Column('key', sa.String(length=200), nullable=True),
    sa.Column('message_id', sa.String(length=320), nullable=False),
    sa.Column('unsubscribe_url', sa.String(length=1000), nullable=True),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('even_if_failing', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('send_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(length=300), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('refused', 'bounced', 'withheld', 'given_up')) = (failed_at IS NOT NULL)", name=op.f('ck_email_failed_has_instant')),
    sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f('ck_email_sent_has_instant')),
    sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'bounced', 'withheld', 'kept', 'given_up')", name=op.f('ck_email_state')),
    sa.CheckConstraint('queued_at IS NOT NULL OR send_after IS NOT NULL', name=op.f('ck_email_queued_or_due')),
    sa.CheckConstraint('to_address = lower(to_address)', name=op.f('ck_email_to_lower_case')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_email_person_id_person')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_email_school_urn_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_email')),
    sa.UniqueConstraint('key', name=op.f('uq_email_key')),
    sa.UniqueConstraint('message_id', name=op.f('uq_email_message_id'))
    )
    with op.batch_alter_table('email', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_email_created_at'), ['created_at'], unique=False)
        batch_op.create_index('ix_email_due', ['send_after', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting' AND queued_at IS NULL"), postgresql_where=sa.text("state = 'waiting' AND queued_at IS NULL"))
        batch_op.create_index('ix_email_person_id_id', ['person_id', 'id'], unique=False)
        batch_op.create_index('ix_email_school_urn_id', ['school_urn', 'id'], unique=False)
        batch_op.create_index('ix_email_to_address_id', ['to_address', 'id'], unique=False)
        batch_op.create_index('ix_email_not_sent', ['id'], unique=False, sqlite_where=sa.text("state <> 'sent'"), postgresql_where=sa.text("state <> 'sent'"))
        batch_op.create_index('ix_email_with_text', ['id'], unique=False, sqlite_where=sa.text('text IS NOT NULL'), postgresql_where=sa.text('text IS NOT NULL'))


def _mail_down():
    with op.batch_alter_table('email', schema=None) as batch_op:
        batch_op.drop_index('ix_email_with_text', sqlite_where=sa.text('text IS NOT NULL'), postgresql_where=sa.text('text IS NOT NULL'))
        batch_op.drop_index('ix_email_not_sent', sqlite_where=sa.text("state <> 'sent'"), postgresql_where=sa.text("state <> 'sent'"))
        batch_op.drop_index('ix_email_to_address_id')
        batch_op.drop_index('ix_email_school_urn_id')
        batch_op.drop_index('ix_email_person_id_id')
        batch_op.drop_index('ix_email_due', sqlite_where=sa.text("state = 'waiting' AND queued_at IS NULL"), postgresql_where=sa.text("state = 'waiting' AND queued_at IS NULL"))
        batch_op.drop_index(batch_op.f('ix_email_created_at'))

    op.drop_table('email')
    with op.batch_alter_table('failing_address', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_failing_address_failed_at'))

    op.drop_table('failing_address')


def _notifications():
    op.create_table('reminder',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_reminder'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_made_at'), ['made_at'], unique=False)

    op.create_table('notification_digest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('notifications', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notification_digest_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_digest')),
    sa.UniqueConstraint('person_id', 'day', name=op.f('uq_notification_digest_person_id_day'))
    )
    op.create_table('notification_preference',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('frequency', sa.String(length=10), nullable=False),
    sa.CheckConstraint("frequency IN ('at_once', 'daily', 'weekly', 'off')", name=op.f('ck_notification_preference_frequency')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notification_preference_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', 'kind', name=op.f('pk_notification_preference'))
    )
    op.create_table('quiet_hours',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('begins', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.CheckConstraint('begins <> ends', name=op.f('ck_quiet_hours_have_a_length')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_quiet_hours_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_quiet_hours'))
    )
    op.create_table('notification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('school_urn', sa.Integer(), nullable=True),
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('about_id', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('digest', sa.String(length=10), nullable=True),
    sa.Column('digested_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("digest IN ('daily', 'weekly')", name=op.f('ck_notification_digest')),
    sa.CheckConstraint('digested_at IS NULL OR digest IS NOT NULL', name=op.f('ck_notification_digested_in_a_digest')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notification_person_id_person')),
    sa.ForeignKeyConstraint(['school_urn'], ['school.urn'], name=op.f('fk_notification_school_urn_school')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification')),
    sa.UniqueConstraint('event_id', 'person_id', 'kind', name=op.f('uq_notification_event_id_person_id_kind'))
    )
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.create_index('ix_notification_person_id_id', ['person_id', 'id'], unique=False)
        batch_op.create_index('ix_notification_undigested', ['person_id'], unique=False, sqlite_where=sa.text('digest IS NOT NULL AND digested_at IS NULL'), postgresql_where=sa.text('digest IS NOT NULL AND digested_at IS NULL'))
        batch_op.create_index('ix_notification_unread', ['person_id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.create_index('ix_notification_unread_about', ['about', 'about_id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))


def _notifications_down():
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.drop_index('ix_notification_unread_about', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index('ix_notification_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index('ix_notification_undigested', sqlite_where=sa.text('digest IS NOT NULL AND digested_at IS NULL'), postgresql_where=sa.text('digest IS NOT NULL AND digested_at IS NULL'))
        batch_op.drop_index('ix_notification_person_id_id')

    op.drop_table('notification')
    op.drop_table('quiet_hours')
    op.drop_table('notification_preference')
    op.drop_table('notification_digest')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_made_at'))

    op.drop_table('reminder')
