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


def downgrade():
    # Trusts of one name become one trust again, as they were before.
    op.execute(
        'UPDATE school SET trust_id = (SELECT min(namesake.id) FROM trust'
        ' JOIN trust AS namesake ON namesake.name = trust.name WHERE trust.id = school.trust_id)'
        ' WHERE trust_id IS NOT NULL'
    )
    op.execute('DELETE FROM trust WHERE id NOT IN (SELECT min(id) FROM trust GROUP BY name)')
    op.drop_index('uq_trust_name_without_code', table_name='trust')
    with op.batch_alter_table('trust', schema=None) as batch_op:
        batch_op.drop_constraint('uq_trust_code', type_='unique')
        batch_op.drop_column('code')
        batch_op.create_unique_constraint('uq_trust_name', ['name'])
