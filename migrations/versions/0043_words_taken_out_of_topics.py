"""The operator takes words out of topics

Revision ID: 0043
Revises: 0042
Create Date: 2026-11-28 00:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('own_word', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('taken_out', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_check_constraint(
            batch_op.f('ck_own_word_taken_out_of_topic'), "NOT taken_out OR topic <> ''"
        )


def downgrade():
    # The version before would read such a row as a word that means the topic.
    op.execute(sa.text('DELETE FROM own_word WHERE taken_out'))
    with op.batch_alter_table('own_word', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_own_word_taken_out_of_topic'), type_='check')
        batch_op.drop_column('taken_out')
