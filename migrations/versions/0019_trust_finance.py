"""Roles for a whole trust: administrator, and now finance

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'trust_grant',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('trust_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.String(length=20), nullable=False),
        sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('trust_administrator', 'trust_finance')",
            name=op.f('ck_trust_grant_role_of_a_trust'),
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_trust_grant_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['trust_id'], ['trust.id'], name=op.f('fk_trust_grant_trust_id_trust')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_trust_grant')),
        sa.UniqueConstraint(
            'person_id', 'trust_id', 'role', name=op.f('uq_trust_grant_person_id_trust_id_role')
        ),
    )
    op.create_index(op.f('ix_trust_grant_trust_id'), 'trust_grant', ['trust_id'])
    op.execute(
        "INSERT INTO trust_grant (person_id, trust_id, role, granted_at)"
        " SELECT person_id, trust_id, 'trust_administrator', granted_at"
        " FROM trust_administrator ORDER BY id"
    )
    op.drop_table('trust_administrator')
    # An invitation named a trust's administrator only by its trust.
    op.execute(
        "UPDATE invitation SET roles = trim(roles || ' trust_administrator')"
        " WHERE trust_id IS NOT NULL"
    )


def downgrade():
    # A role that was not known before is given up.
    op.execute(
        "UPDATE invitation SET roles = trim(replace(replace(roles, 'trust_administrator', ''),"
        " 'trust_finance', '')) WHERE trust_id IS NOT NULL"
    )
    op.create_table(
        'trust_administrator',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('trust_id', sa.Integer(), nullable=False),
        sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_trust_administrator_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['trust_id'], ['trust.id'], name=op.f('fk_trust_administrator_trust_id_trust')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_trust_administrator')),
        sa.UniqueConstraint(
            'person_id', 'trust_id', name=op.f('uq_trust_administrator_person_id_trust_id')
        ),
    )
    op.create_index(op.f('ix_trust_administrator_trust_id'), 'trust_administrator', ['trust_id'])
    op.execute(
        "INSERT INTO trust_administrator (person_id, trust_id, granted_at)"
        " SELECT person_id, trust_id, granted_at FROM trust_grant"
        " WHERE role = 'trust_administrator' ORDER BY id"
    )
    op.drop_table('trust_grant')
