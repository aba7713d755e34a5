"""Colleagues say by whom they may be asked, and need not leave an address

Revision ID: 0045
Revises: 0044
Create Date: 2026-11-28 01:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('asked_by', sa.String(length=10), server_default='nobody', nullable=False)
        )
    # Until now whoever saw an entry could ask, if anybody could.
    op.execute("UPDATE expertise SET asked_by = 'everyone' WHERE may_be_asked")
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_expertise_can_be_reached'), type_='check')
        batch_op.drop_constraint(op.f('ck_expertise_asked_if_shared'), type_='check')
        batch_op.drop_column('may_be_asked')
        batch_op.create_check_constraint(
            op.f('ck_expertise_asked_by'), "asked_by IN ('everyone', 'trust', 'school', 'nobody')"
        )
        batch_op.create_check_constraint(
            op.f('ck_expertise_asked_if_shared'),
            "accepted_at IS NOT NULL OR asked_by = 'nobody'",
        )


def downgrade():
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('may_be_asked', sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    # The version before shows an address to everybody who sees the entry, and cannot do without
    # one: who did not agree to that may not be asked there.
    op.execute(
        'UPDATE expertise SET may_be_asked = true'
        " WHERE asked_by = 'everyone' AND length(contact) > 0"
    )
    op.execute("UPDATE expertise SET contact = '' WHERE NOT may_be_asked")
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_expertise_asked_if_shared'), type_='check')
        batch_op.drop_constraint(op.f('ck_expertise_asked_by'), type_='check')
        batch_op.drop_column('asked_by')
        batch_op.alter_column(
            'may_be_asked', existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        batch_op.create_check_constraint(
            op.f('ck_expertise_can_be_reached'), 'NOT may_be_asked OR length(contact) > 0'
        )
        batch_op.create_check_constraint(
            op.f('ck_expertise_asked_if_shared'), 'accepted_at IS NOT NULL OR NOT may_be_asked'
        )
