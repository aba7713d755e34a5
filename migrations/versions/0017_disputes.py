"""An exchange can be disputed, and remembers what was sent back

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text('ended_at IS NULL')

STATE = (
    "state IN ('proposed', 'agreed', 'delivered', 'confirmed', %s'declined', 'cancelled',"
    " 'lapsed')"
)
HAS_CREDITS = "(state = 'confirmed') = (transaction_id IS NOT NULL)"
DISPUTED_HAS_CREDITS = "state <> 'disputed' OR hold_id IS NOT NULL OR transaction_id IS NOT NULL"

# What an agreed exchange that was sent back had stated last.
FILL = """
UPDATE exchange SET sent_back_minutes = (
  SELECT stated.minutes FROM exchange_event AS stated
  WHERE stated.exchange_id = exchange.id AND stated.step = 'deliver'
  ORDER BY stated.id DESC LIMIT 1
)
WHERE state = 'agreed' AND EXISTS (
  SELECT 1 FROM exchange_event AS sent
  WHERE sent.exchange_id = exchange.id AND sent.step = 'send_back'
)
"""


def upgrade():
    op.execute(
        'ALTER TABLE exchange ADD COLUMN sent_back_minutes INTEGER'
        ' CONSTRAINT ck_exchange_sent_back_within'
        ' CHECK (sent_back_minutes > 0 AND sent_back_minutes <= minutes)'
    )
    _change_checks(
        {
            'ck_exchange_state': (STATE % '', STATE % "'disputed', "),
            'ck_exchange_confirmed_has_credits': (
                HAS_CREDITS, f"state = 'disputed' OR {HAS_CREDITS}"
            ),
        },
        added=True,
    )
    op.execute(FILL)
    op.create_table(
        'dispute',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('exchange_id', sa.Integer(), nullable=False),
        sa.Column('opened_by_urn', sa.Integer(), nullable=False),
        sa.Column('opened_by_id', sa.Integer(), nullable=False),
        sa.Column('by_network', sa.Boolean(), nullable=False),
        sa.Column('opened_from', sa.String(length=10), nullable=False),
        sa.Column('opened_version', sa.Integer(), nullable=False),
        sa.Column('opened_at', INSTANT, nullable=False),
        sa.Column('correction_id', sa.Integer(), nullable=True),
        sa.Column('claimed_minutes', sa.Integer(), nullable=False),
        sa.Column('hold_ended_at', INSTANT, nullable=True),
        sa.Column('answer_due_at', INSTANT, nullable=False),
        sa.Column('reminded_at', INSTANT, nullable=True),
        sa.Column('answered_at', INSTANT, nullable=True),
        sa.Column('answered_minutes', sa.Integer(), nullable=True),
        sa.Column('unanswered_at', INSTANT, nullable=True),
        sa.Column('ruling_due_at', INSTANT, nullable=False),
        sa.Column('overdue_at', INSTANT, nullable=True),
        sa.Column('offer_urn', sa.Integer(), nullable=True),
        sa.Column('offer_minutes', sa.Integer(), nullable=True),
        sa.Column('ruling', sa.String(length=10), nullable=True),
        sa.Column('ruled_minutes', sa.Integer(), nullable=True),
        sa.Column('fund_minutes', sa.Integer(), nullable=False),
        sa.Column('reasons', sa.Text(), nullable=False),
        sa.Column('ruled_by_id', sa.Integer(), nullable=True),
        sa.Column('ruled_at', INSTANT, nullable=True),
        sa.Column('approved_by_id', sa.Integer(), nullable=True),
        sa.Column('ended_at', INSTANT, nullable=True),
        sa.Column('outcome', sa.String(length=10), nullable=True),
        sa.Column('transaction_id', sa.BigInteger(), nullable=True),
        sa.Column('fund_transaction_id', sa.BigInteger(), nullable=True),
        _check('opened', "opened_from IN ('agreed', 'delivered', 'confirmed')"),
        _check(
            'minutes_not_negative',
            'claimed_minutes >= 0 AND answered_minutes >= 0 AND offer_minutes >= 0'
            ' AND ruled_minutes >= 0 AND fund_minutes >= 0',
        ),
        _check('answer_has_minutes', '(answered_at IS NULL) = (answered_minutes IS NULL)'),
        _check('offer_has_minutes', '(offer_urn IS NULL) = (offer_minutes IS NULL)'),
        _check('outcome', "outcome IN ('withdrawn', 'settled', 'ruled')"),
        _check('ended_has_outcome', '(ended_at IS NULL) = (outcome IS NULL)'),
        _check('ruling', "ruling IN ('pay', 'split', 'void', 'reverse')"),
        _check(
            'ruling_is_whole',
            '(ruling IS NULL) = (ruled_minutes IS NULL) AND (ruling IS NULL) = (ruled_at IS NULL)'
            ' AND (ruling IS NULL) = (ruled_by_id IS NULL)',
        ),
        _check('ruled_has_ruling', "coalesce(outcome, '') <> 'ruled' OR ruling IS NOT NULL"),
        _check(
            'split_has_fund', "(ruling IS NOT NULL AND ruling = 'split') = (fund_minutes > 0)"
        ),
        _check('two_people', 'approved_by_id IS NULL OR approved_by_id <> ruled_by_id'),
        *(
            sa.ForeignKeyConstraint(
                [column], [f'{table}.{key}'], name=op.f(f'fk_dispute_{column}_{table}')
            )
            for column, table, key in (
                ('exchange_id', 'exchange', 'id'),
                ('opened_by_urn', 'school', 'urn'),
                ('opened_by_id', 'person', 'id'),
                ('offer_urn', 'school', 'urn'),
                ('ruled_by_id', 'person', 'id'),
                ('approved_by_id', 'person', 'id'),
            )
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    )
    op.create_index('ix_dispute_exchange', 'dispute', ['exchange_id', 'id'])
    op.create_index('ix_dispute_ended', 'dispute', ['ended_at', 'id'])
    op.create_index(
        'uq_dispute_open',
        'dispute',
        ['exchange_id'],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade():
    # The version before does not know the state: as long as a dispute is open, it was agreed,
    # delivered or confirmed.
    op.execute(
        "UPDATE exchange SET state = (SELECT opened_from FROM dispute"
        ' WHERE dispute.exchange_id = exchange.id AND dispute.ended_at IS NULL)'
        " WHERE state = 'disputed'"
    )
    op.drop_table('dispute')
    _change_checks(
        {
            'ck_exchange_state': (STATE % "'disputed', ", STATE % ''),
            'ck_exchange_confirmed_has_credits': (
                f"state = 'disputed' OR {HAS_CREDITS}", HAS_CREDITS
            ),
        },
        added=False,
    )
    op.execute('ALTER TABLE exchange DROP COLUMN sent_back_minutes')


def _change_checks(checks, *, added):
    """Change what the checks of the table ``exchange`` say, and add or drop the new one.

    SQLite cannot, so there the table is built anew out of its own definition, which is the only
    one that is whole. Others refer to it, so foreign keys are off while migrations run (see
    ``env.py``).
    """
    bind = op.get_bind()
    name = 'ck_exchange_disputed_has_credits'
    if bind.dialect.name != 'sqlite':
        for check, (_old, new) in checks.items():
            op.execute(f'ALTER TABLE exchange DROP CONSTRAINT {check}')
            op.execute(f'ALTER TABLE exchange ADD CONSTRAINT {check} CHECK ({new})')
        if added:
            op.execute(f'ALTER TABLE exchange ADD CONSTRAINT {name} CHECK ({DISPUTED_HAS_CREDITS})')
        else:
            op.execute(f'ALTER TABLE exchange DROP CONSTRAINT {name}')
        return
    definition = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'exchange'")
    )
    indexes = bind.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'exchange'"
            ' AND sql IS NOT NULL'
        )
    ).all()
    columns = ', '.join(
        column['name'] for column in sa.inspect(bind).get_columns('exchange')
    )
    for check, (old, new) in checks.items():
        before, after = f'{check} CHECK ({old})', f'{check} CHECK ({new})'
        assert before in definition, f'{before} is not in {definition}'
        definition = definition.replace(before, after)
    extra = f'CONSTRAINT {name} CHECK ({DISPUTED_HAS_CREDITS}), '
    anchor = 'CONSTRAINT ck_exchange_state CHECK'
    definition = (
        definition.replace(anchor, extra + anchor) if added else definition.replace(extra, '')
    )
    assert definition.startswith(('CREATE TABLE "exchange"', 'CREATE TABLE exchange'))
    body = definition[definition.index('('):]
    # Not as ``sa.text``, which takes the colon of a default for a parameter.
    bind.exec_driver_sql(f'CREATE TABLE exchange_anew {body}')
    bind.exec_driver_sql(f'INSERT INTO exchange_anew ({columns}) SELECT {columns} FROM exchange')
    bind.exec_driver_sql('DROP TABLE exchange')
    bind.exec_driver_sql('ALTER TABLE exchange_anew RENAME TO exchange')
    for index in indexes:
        bind.exec_driver_sql(index)


def _check(name, condition):
    return sa.CheckConstraint(condition, name=op.f(f'ck_dispute_{name}'))
