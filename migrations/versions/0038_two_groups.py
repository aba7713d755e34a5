"""An audience may be the schools of two groups at once

Revision ID: 0038
Revises: 0037
Create Date: 2026-11-27 18:40:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

TABLES = ('listing', 'expertise', 'profile_part', 'photograph')


def upgrade():
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column('audience_second_group_id', sa.Integer(), nullable=True)
            )
            batch_op.create_foreign_key(
                op.f(f'fk_{table}_audience_second_group_id_school_group'),
                'school_group',
                ['audience_second_group_id'],
                ['id'],
            )
            batch_op.create_check_constraint(
                op.f(f'ck_{table}_audience_two_groups'),
                'audience_second_group_id IS NULL'
                ' OR audience_second_group_id <> coalesce(audience_group_id, audience_second_group_id)',
            )


def downgrade():
    # Of two groups the first stays.
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f'ck_{table}_audience_two_groups'), type_='check')
            batch_op.drop_constraint(
                op.f(f'fk_{table}_audience_second_group_id_school_group'), type_='foreignkey'
            )
            batch_op.drop_column('audience_second_group_id')
