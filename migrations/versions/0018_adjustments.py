"""Adjustments by two people

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'proposed'")

SQLITE = [
    "CREATE TRIGGER adjustment_event_no_update BEFORE UPDATE ON adjustment_event"
    " BEGIN SELECT RAISE(ABORT, 'the trail of adjustments is append-only'); END",
    "CREATE TRIGGER adjustment_event_no_delete BEFORE DELETE ON adjustment_event"
    " WHEN OLD.at >= strftime('%Y-%m-%d %H:%M:%S', 'now', '-36500 days')"
    " BEGIN SELECT RAISE(ABORT, 'the trail of adjustments is append-only'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION adjustment_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'the trail of adjustments is append-only'; END $$",
    "CREATE TRIGGER adjustment_event_no_update BEFORE UPDATE ON adjustment_event FOR EACH ROW"
    " EXECUTE FUNCTION adjustment_event_append_only()",
    "CREATE TRIGGER adjustment_event_no_delete BEFORE DELETE ON adjustment_event FOR EACH ROW"
    " WHEN (OLD.at >= now() - interval '36500 days')"
    " EXECUTE FUNCTION adjustment_event_append_only()",
    "CREATE TRIGGER adjustment_event_no_truncate BEFORE TRUNCATE ON adjustment_event"
    " EXECUTE FUNCTION adjustment_event_append_only()",
]


def upgrade():
    op.create_table(
        'adjustment',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('subject', sa.String(length=60), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('other_urn', sa.Integer(), nullable=True),
        sa.Column('details', sa.JSON(), nullable=False),
        sa.Column('figures', sa.JSON(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('evidence', sa.String(length=1000), nullable=False),
        sa.Column('evidence_source', sa.String(length=200), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', INSTANT, nullable=False),
        sa.Column('confirm_by', INSTANT, nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', INSTANT, nullable=True),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'done', 'refused', 'withdrawn', 'lapsed')",
            name=op.f('ck_adjustment_state'),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)",
            name=op.f('ck_adjustment_decided_has_instant'),
        ),
        sa.CheckConstraint(
            "(decided_by_id IS NULL) = (state IN ('proposed', 'lapsed'))",
            name=op.f('ck_adjustment_decided_has_person'),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id = proposed_by_id) = (state = 'withdrawn')",
            name=op.f('ck_adjustment_two_people'),
        ),
        sa.CheckConstraint(
            "state <> 'lapsed' OR confirm_by IS NOT NULL", name=op.f('ck_adjustment_lapses')
        ),
        _foreign_key('adjustment', 'school_urn', 'school.urn'),
        _foreign_key('adjustment', 'other_urn', 'school.urn'),
        _foreign_key('adjustment', 'proposed_by_id', 'person.id'),
        _foreign_key('adjustment', 'decided_by_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_adjustment')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_adjustment_idempotency_key')),
        sqlite_autoincrement=True,
    )
    op.create_index(
        'uq_adjustment_open',
        'adjustment',
        ['subject'],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index('ix_adjustment_school', 'adjustment', ['school_urn', 'id'])
    op.create_index('ix_adjustment_other', 'adjustment', ['other_urn', 'id'])
    op.create_table(
        'adjustment_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('adjustment_id', sa.Integer(), nullable=False),
        sa.Column('step', sa.String(length=10), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('at', INSTANT, nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('evidence', sa.String(length=1000), nullable=False),
        sa.Column('evidence_source', sa.String(length=200), nullable=False),
        sa.Column('figures', sa.JSON(), nullable=False),
        sa.Column('transactions', sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "step IN ('proposed', 'approved', 'refused', 'withdrawn', 'lapsed')",
            name=op.f('ck_adjustment_event_step'),
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) = (step = 'lapsed')", name=op.f('ck_adjustment_event_has_person')
        ),
        _foreign_key('adjustment_event', 'adjustment_id', 'adjustment.id'),
        _foreign_key('adjustment_event', 'person_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_adjustment_event')),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_adjustment_event_adjustment', 'adjustment_event', ['adjustment_id', 'id'])
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        for statement in SQLITE:
            bind.exec_driver_sql(statement)
    else:
        for statement in POSTGRESQL:
            bind.exec_driver_sql(statement.replace('%', '%%'))


def downgrade():
    op.drop_table('adjustment_event')
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        bind.exec_driver_sql('DROP FUNCTION adjustment_event_append_only()')
    op.drop_table('adjustment')


def _foreign_key(table, column, target):
    return sa.ForeignKeyConstraint(
        [column], [target], name=op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    )
