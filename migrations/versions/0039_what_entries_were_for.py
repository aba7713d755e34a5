"""Exchanges keep their topic, and what entries were for and came to is kept with their accounts

Revision ID: 0039
Revises: 0038
Create Date: 2026-11-27 17:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

# What every entry was for until now; from here on the worker keeps it.
FILL = """
INSERT INTO entry_cause (account_id, version, partner, exchange_id, topic, is_given)
SELECT entry.account_id, entry.version, other_account.code, exchange.id, exchange.topic,
  coalesce(
    CASE record.kind WHEN 'carried-back' THEN {true} WHEN 'carried-on' THEN {false}
    ELSE (entry.amount > 0) = (reversed.id IS NULL) END,
    {false}
  )
FROM ledger_entry AS entry
JOIN ledger_account AS account ON account.id = entry.account_id
JOIN ledger_transaction AS record ON record.id = entry.transaction_id
LEFT JOIN ledger_transaction AS reversed ON reversed.id = record.reverses_id
LEFT JOIN exchange ON exchange.id = CASE
  WHEN substr(coalesce(reversed.reference, record.reference), 1, 9) = 'exchange:'
    AND length(substr(coalesce(reversed.reference, record.reference), 10)) BETWEEN 1 AND 9
    AND trim(substr(coalesce(reversed.reference, record.reference), 10), '0123456789') = ''
  THEN CAST(substr(coalesce(reversed.reference, record.reference), 10) AS INTEGER) END
LEFT JOIN ledger_entry AS other_entry ON other_entry.transaction_id = entry.transaction_id
  AND other_entry.line <> entry.line AND entry.entry_count = 2
LEFT JOIN ledger_account AS other_account ON other_account.id = other_entry.account_id
WHERE account.code LIKE 'school:%'
"""


TOPICS = """
UPDATE exchange SET topic = (
  SELECT min(listing_topic.topic) FROM enquiry
  JOIN listing_topic ON listing_topic.listing_id = enquiry.listing_id
  WHERE enquiry.id = exchange.enquiry_id
)
"""

SUMS = """
UPDATE journal_account SET (kind, minutes) = (
  SELECT journal_row.kind, journal_row.minutes FROM journal_row
  WHERE journal_row.number = journal_account.number
)
"""


def upgrade():
    op.add_column('exchange', sa.Column('topic', sa.String(length=40), nullable=True))
    op.execute(TOPICS)
    op.create_table(
        'entry_cause',
        sa.Column('account_id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('version', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('partner', sa.String(length=200), nullable=True),
        sa.Column('exchange_id', sa.Integer(), nullable=True),
        sa.Column('topic', sa.String(length=40), nullable=True),
        sa.Column('is_given', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('account_id', 'version', name=op.f('pk_entry_cause')),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == 'postgresql':
        words = {'true': 'true', 'false': 'false'}
    else:
        words = {'true': '1', 'false': '0'}
    op.execute(FILL.format(**words))
    op.add_column(
        'journal_account',
        sa.Column('kind', sa.String(length=60), server_default='', nullable=False),
    )
    op.add_column('journal_account', sa.Column('minutes', sa.BigInteger(), nullable=True))
    op.execute(SUMS)


def downgrade():
    op.drop_column('journal_account', 'minutes')
    op.drop_column('journal_account', 'kind')
    op.drop_table('entry_cause')
    op.drop_column('exchange', 'topic')
