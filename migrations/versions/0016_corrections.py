"""Exchanges can be corrected, lapse, and say whether one person acted for both schools

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


INSTANT = sa.DateTime(timezone=True)

STATE = "state IN ('proposed', 'agreed', 'delivered', 'confirmed', 'declined', 'cancelled'%s)"
# What is added to the table ``exchange``, with what was true of its rows before.
CHECKS = {
    'ck_exchange_paid_has_standing': '(transaction_id IS NULL) = (standing_minutes IS NULL)',
    'ck_exchange_standing_has_credits': (
        '(standing_transaction_id IS NOT NULL) = (coalesce(standing_minutes, 0) > 0)'
    ),
}
FILL = """
UPDATE exchange
SET standing_transaction_id = transaction_id, standing_minutes = delivered_minutes
WHERE transaction_id IS NOT NULL
"""
MARK_SAME_PERSON = """
UPDATE exchange SET same_person = %s
WHERE state = 'confirmed' AND EXISTS (
  SELECT 1 FROM exchange_event AS ours
  JOIN exchange_event AS theirs ON theirs.exchange_id = ours.exchange_id
    AND theirs.person_id = ours.person_id
  WHERE ours.exchange_id = exchange.id
    AND ours.school_urn = exchange.provider_urn AND theirs.school_urn = exchange.receiver_urn
)
"""
IS_OPEN = sa.text("state IN ('asked', 'beyond_limit')")
IS_UNUSED = sa.text('used_at IS NULL')


def upgrade():
    op.add_column('exchange', sa.Column('standing_transaction_id', sa.BigInteger(), nullable=True))
    op.add_column('exchange', sa.Column('standing_minutes', sa.Integer(), nullable=True))
    op.add_column(
        'exchange',
        sa.Column('same_person', sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(FILL)
    sqlite = op.get_bind().dialect.name == 'sqlite'
    op.execute(MARK_SAME_PERSON % ('1' if sqlite else 'true'))
    _change_exchange(STATE % '', STATE % ", 'lapsed'", added=True)
    op.create_index(
        'uq_exchange_standing_transaction_id',
        'exchange',
        ['standing_transaction_id'],
        unique=True,
    )
    op.create_index(
        'ix_exchange_same_person',
        'exchange',
        ['id'],
        sqlite_where=sa.text('same_person = 1'),
        postgresql_where=sa.text('same_person'),
    )
    op.create_table(
        'correction',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('exchange_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=12), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('paid_minutes', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('asked_by_urn', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', INSTANT, nullable=False),
        sa.Column('due_at', INSTANT, nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('answered_by_id', sa.Integer(), nullable=True),
        sa.Column('answered_at', INSTANT, nullable=True),
        sa.Column('reversed_transaction_id', sa.BigInteger(), nullable=True),
        sa.Column('reversal_id', sa.BigInteger(), nullable=True),
        sa.Column('transaction_id', sa.BigInteger(), nullable=True),
        _check(
            'correction',
            'state',
            "state IN ('asked', 'beyond_limit', 'agreed', 'declined', 'withdrawn', 'disputed')",
        ),
        _check('correction', 'minutes_not_negative', 'minutes >= 0 AND paid_minutes >= 0'),
        _check('correction', 'another_figure', 'minutes <> paid_minutes'),
        _check('correction', 'has_reason', 'length(reason) > 0'),
        _check('correction', 'answered', "(state = 'asked') = (answered_at IS NULL)"),
        _check(
            'correction',
            'agreed_has_credits',
            "(state = 'agreed') = (coalesce(reversal_id, transaction_id) IS NOT NULL)",
        ),
        _foreign_key('correction', 'exchange_id', 'exchange.id'),
        _foreign_key('correction', 'asked_by_urn', 'school.urn'),
        _foreign_key('correction', 'asked_by_id', 'person.id'),
        _foreign_key('correction', 'answered_by_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    )
    op.create_index('ix_correction_exchange', 'correction', ['exchange_id', 'id'])
    op.create_index('ix_correction_state', 'correction', ['state', 'due_at', 'id'])
    op.create_index(
        'uq_correction_open',
        'correction',
        ['exchange_id'],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_table(
        'settlement_permit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('exchange_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('at', INSTANT, nullable=False),
        sa.Column('used_at', INSTANT, nullable=True),
        _check('settlement_permit', 'has_reason', 'length(reason) > 0'),
        _foreign_key('settlement_permit', 'exchange_id', 'exchange.id'),
        _foreign_key('settlement_permit', 'person_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement_permit')),
    )
    op.create_index(
        'uq_settlement_permit_unused',
        'settlement_permit',
        ['exchange_id'],
        unique=True,
        sqlite_where=IS_UNUSED,
        postgresql_where=IS_UNUSED,
    )
    op.create_table(
        'same_person_rule',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('trust_id', sa.Integer(), nullable=False),
        sa.Column('allowed', sa.Boolean(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('at', INSTANT, nullable=False),
        _foreign_key('same_person_rule', 'trust_id', 'trust.id'),
        _foreign_key('same_person_rule', 'person_id', 'person.id'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_same_person_rule')),
    )
    op.create_index('ix_same_person_rule_trust', 'same_person_rule', ['trust_id', 'id'])


def downgrade():
    for table in ('same_person_rule', 'settlement_permit', 'correction'):
        op.drop_table(table)
    # The version before knows no such state: what is held for it has been released.
    op.execute("UPDATE exchange SET state = 'cancelled' WHERE state = 'lapsed'")
    op.drop_index('ix_exchange_same_person', 'exchange')
    op.drop_index('uq_exchange_standing_transaction_id', 'exchange')
    _change_exchange(STATE % ", 'lapsed'", STATE % '', added=False)
    for column in ('same_person', 'standing_minutes', 'standing_transaction_id'):
        op.execute(f'ALTER TABLE exchange DROP COLUMN {column}')


def _change_exchange(state, new_state, *, added):
    """Change what the table ``exchange`` says of states, and add or drop the new checks.

    SQLite cannot, so there the table is built anew out of its own definition, which is the only
    one that is whole. Others refer to it, so foreign keys are off while migrations run (see
    ``env.py``).
    """
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        op.execute('ALTER TABLE exchange DROP CONSTRAINT ck_exchange_state')
        op.execute(f'ALTER TABLE exchange ADD CONSTRAINT ck_exchange_state CHECK ({new_state})')
        for name, condition in CHECKS.items():
            if added:
                op.execute(f'ALTER TABLE exchange ADD CONSTRAINT {name} CHECK ({condition})')
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
    columns = ', '.join(column['name'] for column in sa.inspect(bind).get_columns('exchange'))
    before = f'ck_exchange_state CHECK ({state})'
    assert before in definition, f'{before} is not in {definition}'
    definition = definition.replace(before, f'ck_exchange_state CHECK ({new_state})')
    extra = ''.join(
        f'CONSTRAINT {name} CHECK ({condition}), ' for name, condition in CHECKS.items()
    )
    anchor = 'CONSTRAINT ck_exchange_state CHECK'
    definition = (
        definition.replace(anchor, extra + anchor) if added else definition.replace(extra, '')
    )
    body = definition[definition.index('('):]
    # Not as ``sa.text``, which takes the colon of a default for a parameter.
    bind.exec_driver_sql(f'CREATE TABLE exchange_anew {body}')
    bind.exec_driver_sql(f'INSERT INTO exchange_anew ({columns}) SELECT {columns} FROM exchange')
    bind.exec_driver_sql('DROP TABLE exchange')
    bind.exec_driver_sql('ALTER TABLE exchange_anew RENAME TO exchange')
    for index in indexes:
        bind.exec_driver_sql(index)


def _check(table, name, condition):
    return sa.CheckConstraint(condition, name=op.f(f'ck_{table}_{name}'))


def _foreign_key(table, column, target):
    return sa.ForeignKeyConstraint(
        [column], [target], name=op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    )
