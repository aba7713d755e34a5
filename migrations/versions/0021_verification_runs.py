"""Verifying and closing in the browser

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

ON_SQLITE = (
    "CREATE TRIGGER verification_run_no_update BEFORE UPDATE ON verification_run"
    " WHEN OLD.finished_at IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'a verification that has finished is never changed'); END",
    "CREATE TRIGGER verification_run_no_delete BEFORE DELETE ON verification_run"
    " BEGIN SELECT RAISE(ABORT, 'a verification that has finished is never changed'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION verification_run_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'a verification that has finished is never changed'; END $$",
    "CREATE TRIGGER verification_run_no_update BEFORE UPDATE ON verification_run FOR EACH ROW"
    " WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION verification_run_guard()",
    "CREATE TRIGGER verification_run_no_delete BEFORE DELETE ON verification_run FOR EACH ROW"
    " EXECUTE FUNCTION verification_run_guard()",
    "CREATE TRIGGER verification_run_no_truncate BEFORE TRUNCATE ON verification_run"
    " EXECUTE FUNCTION verification_run_guard()",
)


def upgrade():
    op.create_table(
        'verification_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=True),
        sa.Column('asked_at', INSTANT, nullable=False),
        sa.Column('thorough', sa.Boolean(), nullable=False),
        sa.Column('open_slot', sa.Integer(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('begun_at', INSTANT, nullable=True),
        sa.Column('steps_done', sa.Integer(), nullable=False),
        sa.Column('steps', sa.Integer(), nullable=False),
        sa.Column('progress_at', INSTANT, nullable=True),
        sa.Column('finished_at', INSTANT, nullable=True),
        sa.Column('result', sa.String(length=10), nullable=True),
        sa.Column('fault_count', sa.Integer(), nullable=True),
        sa.Column('faults', sa.JSON(), nullable=False),
        sa.Column('counts', sa.JSON(), nullable=False),
        sa.Column('remarks', sa.JSON(), nullable=False),
        sa.Column('problem', sa.String(length=500), nullable=False),
        sa.Column('head', sa.BigInteger(), nullable=True),
        sa.Column('seal_number', sa.BigInteger(), nullable=True),
        sa.Column('seal_hash', sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "result IN ('sound', 'faults', 'broken_off')", name=op.f('ck_verification_run_result')
        ),
        sa.CheckConstraint('open_slot = 1', name=op.f('ck_verification_run_open_slot')),
        sa.CheckConstraint(
            '(finished_at IS NULL) = (open_slot IS NOT NULL)'
            ' AND (finished_at IS NULL) = (result IS NULL)',
            name=op.f('ck_verification_run_finished'),
        ),
        sa.CheckConstraint(
            "result = 'broken_off' OR (result IS NULL) = (fault_count IS NULL)",
            name=op.f('ck_verification_run_counted'),
        ),
        sa.ForeignKeyConstraint(
            ['asked_by_id'], ['person.id'], name=op.f('fk_verification_run_asked_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_verification_run')),
        sa.UniqueConstraint('open_slot', name=op.f('uq_verification_run_open_slot')),
    )
    op.create_table(
        'period_closing',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', INSTANT, nullable=False),
        sa.Column('closed_by_id', sa.Integer(), nullable=True),
        sa.Column('closed_at', INSTANT, nullable=True),
        sa.Column('withdrawn_at', INSTANT, nullable=True),
        sa.Column('checks', sa.JSON(), nullable=False),
        sa.CheckConstraint(
            'closed_by_id <> proposed_by_id', name=op.f('ck_period_closing_two_people')
        ),
        sa.CheckConstraint(
            '(closed_at IS NULL) = (closed_by_id IS NULL)',
            name=op.f('ck_period_closing_closed_by_somebody'),
        ),
        sa.CheckConstraint(
            'closed_at IS NULL OR withdrawn_at IS NULL', name=op.f('ck_period_closing_one_end')
        ),
        sa.ForeignKeyConstraint(
            ['proposed_by_id'], ['person.id'], name=op.f('fk_period_closing_proposed_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['closed_by_id'], ['person.id'], name=op.f('fk_period_closing_closed_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_period_closing')),
    )
    op.create_index(
        'uq_period_closing_open',
        'period_closing',
        ['ends_on'],
        unique=True,
        sqlite_where=sa.text('withdrawn_at IS NULL'),
        postgresql_where=sa.text('withdrawn_at IS NULL'),
    )
    op.create_table(
        'network_month',
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('exchanges', sa.Integer(), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('month', name=op.f('pk_network_month')),
    )
    op.create_table(
        'network_figures',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('cursor', sa.String(length=100), nullable=True),
        sa.Column('updated_at', INSTANT, nullable=False),
        sa.Column('schools', sa.Integer(), nullable=False),
        sa.Column('active_schools', sa.Integer(), nullable=False),
        sa.Column('joined_lately', sa.Integer(), nullable=False),
        sa.Column('circulating', sa.BigInteger(), nullable=False),
        sa.Column('failing_addresses', sa.Integer(), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_network_figures_one_row')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_network_figures')),
    )
    op.create_table(
        'unusual_entry',
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('rule', sa.String(length=20), nullable=False),
        sa.Column('recorded_at', INSTANT, nullable=False),
        sa.Column('giver', sa.String(length=200), nullable=False),
        sa.Column('taker', sa.String(length=200), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.Column('actor', sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint('number', 'rule', name=op.f('pk_unusual_entry')),
    )
    op.create_index('ix_unusual_entry_rule', 'unusual_entry', ['rule', 'number'])
    dialect = op.get_bind().dialect.name
    for statement in ON_SQLITE if dialect == 'sqlite' else ON_POSTGRESQL:
        op.execute(statement)


def downgrade():
    for table in ('unusual_entry', 'network_figures', 'network_month', 'period_closing'):
        op.drop_table(table)
    op.drop_table('verification_run')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION verification_run_guard()')
