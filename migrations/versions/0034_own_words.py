"""The operator adds words to the vocabulary of the search

Revision ID: 0034
Revises: 0033
Create Date: 2026-11-27 13:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
IN_FORCE = sa.text('taken_away_at IS NULL')


def upgrade():
    op.create_table(
        'own_word',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('phrase', sa.String(length=60), nullable=False),
        sa.Column('same_as', sa.String(length=60), nullable=False),
        sa.Column('topic', sa.String(length=40), nullable=False),
        sa.Column('added_by_id', sa.Integer(), nullable=False),
        sa.Column('added_at', INSTANT, nullable=False),
        sa.Column('taken_away_by_id', sa.Integer(), nullable=True),
        sa.Column('taken_away_at', INSTANT, nullable=True),
        sa.Column('idempotency_key', sa.String(length=80), nullable=False),
        sa.CheckConstraint("phrase <> ''", name=op.f('ck_own_word_phrase')),
        sa.CheckConstraint("(same_as = '') <> (topic = '')", name=op.f('ck_own_word_one_meaning')),
        sa.CheckConstraint('same_as <> phrase', name=op.f('ck_own_word_another_phrase')),
        sa.CheckConstraint(
            '(taken_away_at IS NULL) = (taken_away_by_id IS NULL)', name=op.f('ck_own_word_end')
        ),
        sa.ForeignKeyConstraint(
            ['added_by_id'], ['person.id'], name=op.f('fk_own_word_added_by_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['taken_away_by_id'], ['person.id'], name=op.f('fk_own_word_taken_away_by_id_person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_own_word')),
        sa.UniqueConstraint('idempotency_key', name=op.f('uq_own_word_idempotency_key')),
    )
    op.create_index('ix_own_word_added_by_id', 'own_word', ['added_by_id'])
    op.create_index('ix_own_word_taken_away_by_id', 'own_word', ['taken_away_by_id'])
    op.create_index(
        'uq_own_word_current',
        'own_word',
        ['phrase', 'same_as', 'topic'],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade():
    op.drop_table('own_word')
