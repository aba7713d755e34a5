"""The journal has an index, and steps of exchanges the roles of their people

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

FIXED = ['id', 'exchange_id', 'step', 'version', 'person_id', 'school_urn', 'at', 'minutes', 'on_date']


def upgrade():
    op.add_column('exchange_event', sa.Column('roles', sa.String(length=200), nullable=True))
    _guard([*FIXED, 'roles'])
    op.create_table(
        'journal_row',
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('effective', sa.Date(), nullable=False),
        sa.Column('kind', sa.String(length=60), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=True),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('out_of_hours', sa.Boolean(), nullable=False),
        sa.Column('same_person', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_journal_row')),
    )
    for name, columns in (
        ('day', ['effective', 'number']),
        ('kind', ['kind', 'number']),
        ('kind_day', ['kind', 'effective', 'number']),
        ('minutes', ['minutes', 'number']),
        ('person', ['person_id', 'number']),
    ):
        op.create_index(f'ix_journal_row_{name}', 'journal_row', columns)
    op.create_index(
        'ix_journal_row_same_person',
        'journal_row',
        ['number'],
        sqlite_where=sa.text('same_person = 1'),
        postgresql_where=sa.text('same_person'),
    )
    for name, columns in (('', ['number']), ('_day', ['effective', 'number'])):
        op.create_index(
            f'ix_journal_row_out_of_hours{name}',
            'journal_row',
            columns,
            sqlite_where=sa.text('out_of_hours = 1'),
            postgresql_where=sa.text('out_of_hours'),
        )
    op.create_table(
        'journal_account',
        sa.Column('code', sa.String(length=200), nullable=False),
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('effective', sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint('code', 'number', name=op.f('pk_journal_account')),
        sqlite_with_rowid=False,
    )
    op.create_index(
        'ix_journal_account_day', 'journal_account', ['code', 'effective', 'number']
    )
    op.create_table(
        'journal_index',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('cursor', sa.String(length=100), nullable=True),
        sa.Column('rows', sa.BigInteger(), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_journal_index_one_row')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_index')),
    )


def downgrade():
    for table in ('journal_index', 'journal_account', 'journal_row'):
        op.drop_table(table)
    _guard(FIXED)
    op.drop_column('exchange_event', 'roles')


def _guard(columns):
    """Let nothing change these columns of the history of exchanges."""
    new, old = (', '.join(f'{row}.{column}' for column in columns) for row in ('NEW', 'OLD'))
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER exchange_event_no_update')
        op.execute(
            'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event'
            f" WHEN NEW.text <> '' OR ({new}) IS NOT ({old})"
            " BEGIN SELECT RAISE(ABORT, 'the history of exchanges is never changed'); END"
        )
        return
    op.execute('DROP TRIGGER exchange_event_no_update ON exchange_event')
    op.execute(
        'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event FOR EACH ROW'
        f" WHEN (NEW.text <> '' OR ({new}) IS DISTINCT FROM ({old}))"
        ' EXECUTE FUNCTION exchange_event_guard()'
    )
