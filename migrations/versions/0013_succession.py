"""Closed schools are carried on by others; operators pause schools and let them leave

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-26 18:06:00.000000

"""
import re

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('waiting', 'proposed')")
PROPOSED = sa.text("state = 'proposed'")

# The latest thing that the people of each school did before figures were kept.
ACTED = (
    'SELECT school_urn, created_at AS at FROM message'
    ' UNION ALL SELECT school_urn, at FROM exchange_event'
    ' UNION ALL SELECT school_urn, created_at FROM listing'
)


def upgrade():
    for name, kind in (
        ('paused_at', INSTANT), ('pause_reason', sa.String(length=500)), ('left_at', INSTANT)
    ):
        op.add_column('school', sa.Column(name, kind, nullable=True))
    # With its constraint in the column, which SQLite can add without building the table anew.
    op.execute(
        'ALTER TABLE school ADD COLUMN continued_by_urn INTEGER'
        ' CONSTRAINT fk_school_continued_by_urn_school REFERENCES school (urn)'
    )
    op.create_index('ix_school_continued_by_urn', 'school', ['continued_by_urn'])
    # What the network does to an exchange, no person does.
    with op.batch_alter_table('exchange_event', schema=None) as batch_op:
        batch_op.alter_column('person_id', existing_type=sa.Integer(), nullable=True)
    op.create_table(
        'successor_candidate',
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('candidate_urn', sa.Integer(), nullable=False),
        _foreign_key('successor_candidate', 'school_urn', 'school.urn'),
        _foreign_key('successor_candidate', 'candidate_urn', 'school.urn'),
        sa.PrimaryKeyConstraint(
            'school_urn', 'candidate_urn', name=op.f('pk_successor_candidate')
        ),
    )
    op.create_index(
        op.f('ix_successor_candidate_candidate_urn'), 'successor_candidate', ['candidate_urn']
    )
    op.create_table(
        'succession',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('from_urn', sa.Integer(), nullable=False),
        sa.Column('to_urn', sa.Integer(), nullable=True),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('obstacle', sa.String(length=10), nullable=True),
        sa.Column('write_off', sa.Boolean(), nullable=False),
        sa.Column('note', sa.String(length=500), nullable=False),
        sa.Column('created_at', INSTANT, nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=True),
        sa.Column('proposed_at', INSTANT, nullable=True),
        sa.Column('approved_by_id', sa.Integer(), nullable=True),
        sa.Column('done_at', INSTANT, nullable=True),
        sa.Column('balance_transaction_id', sa.BigInteger(), nullable=True),
        sa.Column('grant_transaction_id', sa.BigInteger(), nullable=True),
        sa.Column('write_off_transaction_id', sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'proposed', 'done', 'refused')",
            name=op.f('ck_succession_state'),
        ),
        sa.CheckConstraint(
            "obstacle IN ('several', 'nobody', 'circle', 'closed', 'not_open', 'paused', 'left',"
            " 'limit')",
            name=op.f('ck_succession_obstacle'),
        ),
        sa.CheckConstraint('from_urn <> to_urn', name=op.f('ck_succession_two_schools')),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'done') OR to_urn IS NOT NULL",
            name=op.f('ck_succession_decided_has_school'),
        ),
        sa.CheckConstraint(
            'approved_by_id IS NULL OR proposed_by_id IS NULL OR approved_by_id <> proposed_by_id',
            name=op.f('ck_succession_two_people'),
        ),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f('ck_succession_done_has_instant')
        ),
        _foreign_key('succession', 'from_urn', 'school.urn'),
        _foreign_key('succession', 'to_urn', 'school.urn'),
        _foreign_key('succession', 'proposed_by_id', 'person.id'),
        _foreign_key('succession', 'approved_by_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_succession')),
    )
    for name, columns, where in (
        ('uq_succession_open', ['from_urn', 'to_urn'], OPEN),
        ('uq_succession_proposed', ['from_urn'], PROPOSED),
    ):
        op.create_index(
            name, 'succession', columns, unique=True, sqlite_where=where, postgresql_where=where
        )
    op.create_index('ix_succession_from', 'succession', ['from_urn', 'id'])
    op.create_index('ix_succession_to', 'succession', ['to_urn', 'id'])
    op.create_table(
        'network_action',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('school_urn', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('other_urn', sa.Integer(), nullable=True),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('at', INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('joined', 'paused', 'resumed', 'left', 'proposed', 'refused', 'withdrew',"
            " 'continued', 'took_over')",
            name=op.f('ck_network_action_kind'),
        ),
        _foreign_key('network_action', 'school_urn', 'school.urn'),
        _foreign_key('network_action', 'person_id', 'person.id'),
        _foreign_key('network_action', 'other_urn', 'school.urn'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_network_action')),
    )
    op.create_index('ix_network_action_school', 'network_action', ['school_urn', 'id'])
    op.create_table(
        'school_activity',
        sa.Column('school_urn', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('idle_since', INSTANT, nullable=False),
        sa.Column('last_sign_in_at', INSTANT, nullable=True),
        sa.Column('last_activity_at', INSTANT, nullable=True),
        sa.Column('last_exchange_at', INSTANT, nullable=True),
        _foreign_key('school_activity', 'school_urn', 'school.urn'),
        sa.PrimaryKeyConstraint('school_urn', name=op.f('pk_school_activity')),
    )
    op.create_index('ix_school_activity_idle', 'school_activity', ['idle_since', 'school_urn'])
    op.execute(
        'INSERT INTO school_activity (school_urn, idle_since, last_activity_at, last_exchange_at)'
        ' SELECT school.urn, coalesce(max(acted.at), school.joined_at), max(acted.at),'
        '  (SELECT max(event.at) FROM exchange_event AS event WHERE event.school_urn = school.urn)'
        f' FROM school LEFT JOIN ({ACTED}) AS acted ON acted.school_urn = school.urn'
        ' WHERE school.joined_at IS NOT NULL GROUP BY school.urn'
    )


def downgrade():
    for table in ('school_activity', 'network_action', 'succession', 'successor_candidate'):
        op.drop_table(table)
    # What the network did to exchanges has no person, so it cannot stay.
    op.execute('DELETE FROM exchange_event WHERE person_id IS NULL')
    with op.batch_alter_table('exchange_event', schema=None) as batch_op:
        batch_op.alter_column('person_id', existing_type=sa.Integer(), nullable=False)
    op.drop_index('ix_school_continued_by_urn', table_name='school')
    _drop_continued_by()
    for name in ('left_at', 'pause_reason', 'paused_at'):
        op.execute(f'ALTER TABLE school DROP COLUMN {name}')


def _drop_continued_by():
    """Drop the column; SQLite cannot where it refers to a table, so it is built anew there.

    SQLite's own definition of the table is the only one that is whole, with every CHECK. Others
    refer to the table, so foreign keys are off while migrations run (see ``env.py``).
    """
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        op.execute('ALTER TABLE school DROP COLUMN continued_by_urn')
        return
    definition = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'school'")
    )
    indexes = bind.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'school'"
            ' AND sql IS NOT NULL'
        )
    ).all()
    names = [column['name'] for column in sa.inspect(bind).get_columns('school')]
    names.remove('continued_by_urn')
    definition = re.sub(r', continued_by_urn INTEGER CONSTRAINT \w+ REFERENCES school \(urn\)', '',
                        definition)
    definition = re.sub(r'^CREATE TABLE "?school"?', 'CREATE TABLE school_anew', definition)
    # Not as ``sa.text``, which takes the colon of a default for a parameter.
    bind.exec_driver_sql(definition)
    listed = ', '.join(names)
    bind.exec_driver_sql(f'INSERT INTO school_anew ({listed}) SELECT {listed} FROM school')
    bind.exec_driver_sql('DROP TABLE school')
    bind.exec_driver_sql('ALTER TABLE school_anew RENAME TO school')
    for index in indexes:
        bind.exec_driver_sql(index)


def _foreign_key(table, column, target):
    return sa.ForeignKeyConstraint(
        [column], [target], name=op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    )
