"""Sessions on the server, and the security log

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26 18:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

SQLITE = [
    "CREATE TRIGGER security_event_no_update BEFORE UPDATE ON security_event"
    " BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END",
    "CREATE TRIGGER security_event_no_delete BEFORE DELETE ON security_event"
    " WHEN OLD.occurred_at >= strftime('%Y-%m-%d %H:%M:%S', 'now', '-365 days')"
    " BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION security_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'the security log is append-only'; END $$",
    "CREATE TRIGGER security_event_no_update BEFORE UPDATE ON security_event FOR EACH ROW"
    " EXECUTE FUNCTION security_event_append_only()",
    "CREATE TRIGGER security_event_no_delete BEFORE DELETE ON security_event FOR EACH ROW"
    " WHEN (OLD.occurred_at >= now() - interval '365 days')"
    " EXECUTE FUNCTION security_event_append_only()",
    "CREATE TRIGGER security_event_no_truncate BEFORE TRUNCATE ON security_event"
    " EXECUTE FUNCTION security_event_append_only()",
]


def upgrade():
    op.create_table(
        'sign_in',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('method', sa.String(length=20), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('address', sa.String(length=45), nullable=True),
        sa.Column('device', sa.String(length=100), nullable=False),
        sa.Column('second_factor_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('end_reason', sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            '(ended_at IS NULL) = (end_reason IS NULL)', name=op.f('ck_sign_in_end_has_reason')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_sign_in_person_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_token_hash')),
    )
    op.create_index('ix_sign_in_person_id_last_used_at', 'sign_in', ['person_id', 'last_used_at'])
    op.create_index(op.f('ix_sign_in_ended_at'), 'sign_in', ['ended_at'])
    op.create_table(
        'security_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('actor_id', sa.Integer(), nullable=True),
        sa.Column('school_urn', sa.Integer(), nullable=True),
        sa.Column('address', sa.String(length=45), nullable=True),
        sa.Column('device', sa.String(length=100), nullable=True),
        sa.Column('request_id', sa.String(length=40), nullable=True),
        sa.Column('details', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['actor_id'], ['person.id'], name=op.f('fk_security_event_actor_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_security_event_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['school_urn'], ['school.urn'], name=op.f('fk_security_event_school_urn_school')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_security_event')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_security_event_occurred_at'), 'security_event', ['occurred_at'])
    op.create_index('ix_security_event_person_id_id', 'security_event', ['person_id', 'id'])
    op.create_index('ix_security_event_school_urn_id', 'security_event', ['school_urn', 'id'])
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == 'sqlite' else POSTGRESQL:
        bind.exec_driver_sql(statement.replace('%', '%%') if bind.dialect.name != 'sqlite' else statement)


def downgrade():
    op.drop_table('security_event')
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        bind.exec_driver_sql('DROP FUNCTION security_event_append_only()')
    op.drop_table('sign_in')
