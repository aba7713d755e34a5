"""Listings on the public web, support access, and indexes for limits on writing

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-26 18:08:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


FIXED = ['id', 'exchange_id', 'step', 'version', 'person_id', 'school_urn', 'at', 'minutes', 'on_date']
NEW = ', '.join(f'NEW.{column}' for column in FIXED)
OLD = ', '.join(f'OLD.{column}' for column in FIXED)
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the history of exchanges is never changed'); END"
SQLITE = [
    'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event'
    f" WHEN NEW.text <> '' OR ({NEW}) IS NOT ({OLD}) {REFUSE}",
    f'CREATE TRIGGER exchange_event_no_delete BEFORE DELETE ON exchange_event {REFUSE}',
]
POSTGRESQL = [
    'CREATE FUNCTION exchange_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
    " RAISE EXCEPTION 'the history of exchanges is never changed'; END $$",
    'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event FOR EACH ROW'
    f" WHEN (NEW.text <> '' OR ({NEW}) IS DISTINCT FROM ({OLD}))"
    ' EXECUTE FUNCTION exchange_event_guard()',
    'CREATE TRIGGER exchange_event_no_delete BEFORE DELETE ON exchange_event FOR EACH ROW'
    ' EXECUTE FUNCTION exchange_event_guard()',
    'CREATE TRIGGER exchange_event_no_truncate BEFORE TRUNCATE ON exchange_event'
    ' EXECUTE FUNCTION exchange_event_guard()',
]


def upgrade():
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('public', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_check_constraint(
            op.f('ck_listing_public_offers'),
            "NOT public OR (kind = 'offer' AND audience = 'national' AND status = 'open')",
        )
    op.create_index(
        'ix_listing_public',
        'listing',
        ['id'],
        sqlite_where=sa.text('public = 1'),
        postgresql_where=sa.text('public'),
    )
    op.create_table(
        'support_access',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('operator_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by_id', sa.Integer(), nullable=True),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            '(ended_at IS NULL) = (ended_by_id IS NULL)',
            name=op.f('ck_support_access_ended_by_somebody'),
        ),
        sa.CheckConstraint('ends_at > began_at', name=op.f('ck_support_access_ends_later')),
        sa.CheckConstraint('length(reason) > 0', name=op.f('ck_support_access_has_reason')),
        sa.ForeignKeyConstraint(
            ['ended_by_id'], ['person.id'], name=op.f('fk_support_access_ended_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['operator_id'], ['person.id'], name=op.f('fk_support_access_operator_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_support_access_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_support_access')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_support_access_idempotency_key')),
    )
    op.create_index(op.f('ix_support_access_operator_id'), 'support_access', ['operator_id'])
    op.create_index('ix_support_access_school', 'support_access', ['school_urn', 'id'])
    op.create_index('ix_message_author', 'message', ['author_id', 'created_at'])
    op.create_index('ix_message_school', 'message', ['school_urn', 'created_at'])
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == 'sqlite' else POSTGRESQL:
        bind.exec_driver_sql(statement)


def downgrade():
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        bind.exec_driver_sql('DROP TRIGGER exchange_event_no_update')
        bind.exec_driver_sql('DROP TRIGGER exchange_event_no_delete')
    else:
        bind.exec_driver_sql('DROP FUNCTION exchange_event_guard() CASCADE')
    op.drop_index('ix_message_school', 'message')
    op.drop_index('ix_message_author', 'message')
    op.drop_table('support_access')
    op.drop_index('ix_listing_public', 'listing')
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_listing_public_offers'), type_='check')
        batch_op.drop_column('public')
