"""Help between two schools of a trust may cost nothing: an exchange without a hold or a payment

Revision ID: 0041
Revises: 0040
Create Date: 2026-11-27 21:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

AGREED = "state NOT IN ('agreed', 'delivered') OR hold_id IS NOT NULL"
CONFIRMED = "(state = 'confirmed') = (transaction_id IS NOT NULL)"
FREE = 'free_trust_id IS NOT NULL'
CHECKS = {
    'ck_exchange_agreed_has_hold': (AGREED, f'{AGREED} OR {FREE}'),
    'ck_exchange_confirmed_has_credits': (
        f"state = 'disputed' OR {CONFIRMED}", f"state = 'disputed' OR {FREE} OR {CONFIRMED}"
    ),
}
NEW_CHECK = 'ck_exchange_free_has_no_credits'
NO_CREDITS = 'free_trust_id IS NULL OR (hold_id IS NULL AND transaction_id IS NULL)'


def upgrade():
    op.execute(
        'ALTER TABLE exchange ADD COLUMN free_trust_id INTEGER'
        ' CONSTRAINT fk_exchange_free_trust_id_trust REFERENCES trust (id)'
    )
    _change_checks(CHECKS, added=True)


def downgrade():
    # The version before knows no help that was agreed for nothing: what is under way or done ends.
    op.execute(
        "UPDATE exchange SET state = 'cancelled', awaiting_urn = NULL, version = version + 1"
        f" WHERE {FREE} AND state IN ('agreed', 'delivered', 'confirmed')"
    )
    _change_checks({name: (new, old) for name, (old, new) in CHECKS.items()}, added=False)
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('ALTER TABLE exchange DROP COLUMN free_trust_id')


def _change_checks(checks, *, added):
    """Change what the checks of the table ``exchange`` say, and add or drop the new one.

    SQLite cannot, so there the table is built anew out of its own definition, which is the only
    one that is whole. Others refer to it, so foreign keys are off while migrations run (see
    ``env.py``). Nor can it drop a column that refers to another table: that is left out then.
    """
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        for check, (_old, new) in checks.items():
            op.execute(f'ALTER TABLE exchange DROP CONSTRAINT {check}')
            op.execute(f'ALTER TABLE exchange ADD CONSTRAINT {check} CHECK ({new})')
        if added:
            op.execute(f'ALTER TABLE exchange ADD CONSTRAINT {NEW_CHECK} CHECK ({NO_CREDITS})')
        else:
            op.execute(f'ALTER TABLE exchange DROP CONSTRAINT {NEW_CHECK}')
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
    columns = [column['name'] for column in sa.inspect(bind).get_columns('exchange')]
    for check, (old, new) in checks.items():
        definition = _replaced(
            definition, f'{check} CHECK ({old})', f'{check} CHECK ({new})'
        )
    anchor = 'CONSTRAINT ck_exchange_state CHECK'
    extra = f'CONSTRAINT {NEW_CHECK} CHECK ({NO_CREDITS}), '
    if added:
        definition = _replaced(definition, anchor, extra + anchor)
    else:
        definition = _replaced(definition, extra, '')
        definition = _replaced(
            definition,
            ', free_trust_id INTEGER'
            ' CONSTRAINT fk_exchange_free_trust_id_trust REFERENCES trust (id)',
            '',
        )
        columns.remove('free_trust_id')
    names = ', '.join(columns)
    body = definition[definition.index('('):]
    # Not as ``sa.text``, which takes the colon of a default for a parameter.
    bind.exec_driver_sql(f'CREATE TABLE exchange_anew {body}')
    bind.exec_driver_sql(f'INSERT INTO exchange_anew ({names}) SELECT {names} FROM exchange')
    bind.exec_driver_sql('DROP TABLE exchange')
    bind.exec_driver_sql('ALTER TABLE exchange_anew RENAME TO exchange')
    for index in indexes:
        bind.exec_driver_sql(index)


def _replaced(definition, old, new):
    """The definition with ``new`` in place of ``old``, which has to be there."""
    assert old in definition, f'{old} is not in {definition}'
    return definition.replace(old, new)
