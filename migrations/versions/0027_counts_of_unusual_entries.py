"""Counts of unusual entries, and what the front page shows, are kept with the other figures

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-27 12:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade():
    for name in ('unusual', 'front_page'):
        op.add_column('network_figures', sa.Column(name, sa.JSON(), server_default='{}', nullable=False))
    connection = op.get_bind()
    figures = sa.table('network_figures', sa.column('unusual', sa.JSON()))
    entry = sa.table('unusual_entry', sa.column('rule', sa.String()))
    counts = connection.execute(sa.select(entry.c.rule, sa.func.count()).group_by(entry.c.rule)).all()
    connection.execute(sa.update(figures).values(unusual=dict(map(tuple, counts))))


def downgrade():
    op.drop_column('network_figures', 'front_page')
    op.drop_column('network_figures', 'unusual')
