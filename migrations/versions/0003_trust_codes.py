"""Trusts by the register's code: two of them may share a name

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26 11:45:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

WITHOUT_CODE = sa.text('code IS NULL')


def upgrade():
    _let_go_of_trusts()
    with op.batch_alter_table('trust', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code', sa.String(length=10), nullable=True))
        batch_op.drop_constraint('uq_trust_name', type_='unique')
        batch_op.create_unique_constraint('uq_trust_code', ['code'])
    op.create_index(
        'uq_trust_name_without_code',
        'trust',
        ['name'],
        unique=True,
        postgresql_where=WITHOUT_CODE,
        sqlite_where=WITHOUT_CODE,
    )
    _take_up_trusts()


def downgrade():
    # Trusts of one name become one trust again, as they were before.
    op.execute(
        'UPDATE school SET trust_id = (SELECT min(namesake.id) FROM trust'
        ' JOIN trust AS namesake ON namesake.name = trust.name WHERE trust.id = school.trust_id)'
        ' WHERE trust_id IS NOT NULL'
    )
    op.execute('DELETE FROM trust WHERE id NOT IN (SELECT min(id) FROM trust GROUP BY name)')
    _let_go_of_trusts()
    op.drop_index('uq_trust_name_without_code', table_name='trust')
    with op.batch_alter_table('trust', schema=None) as batch_op:
        batch_op.drop_constraint('uq_trust_code', type_='unique')
        batch_op.drop_column('code')
        batch_op.create_unique_constraint('uq_trust_name', ['name'])
    _take_up_trusts()


# SQLite changes a constraint by building the table anew, and does not let go of the old one while
# a school refers to it.


def _let_go_of_trusts():
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            'CREATE TEMPORARY TABLE school_trust AS'
            ' SELECT urn, trust_id FROM school WHERE trust_id IS NOT NULL'
        )
        op.execute('CREATE UNIQUE INDEX temp.ix_school_trust ON school_trust (urn)')
        op.execute('UPDATE school SET trust_id = NULL WHERE trust_id IS NOT NULL')


def _take_up_trusts():
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            'UPDATE school SET trust_id = (SELECT trust_id FROM school_trust'
            ' WHERE school_trust.urn = school.urn)'
            ' WHERE urn IN (SELECT urn FROM school_trust)'
        )
        op.execute('DROP TABLE temp.school_trust')
