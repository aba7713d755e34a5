"""Steps of exchanges have the roles of their people

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-26 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

FIXED = ['id', 'exchange_id', 'step', 'version', 'person_id', 'school_urn', 'at', 'minutes', 'on_date']


def upgrade():
    op.add_column('exchange_event', sa.Column('roles', sa.String(length=200), nullable=True))
    _guard([*FIXED, 'roles'])


def downgrade():
    _guard(FIXED)
    op.drop_column('exchange_event', 'roles')


def _guard(columns):
    """Let nothing change these columns of the history of exchanges."""
    new, old = (', '.join(f'{row}.{column}' for column in columns) for row in ('NEW', 'OLD'))
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER exchange_event_no_update')
        op.execute(
            'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event'
            f" WHEN NEW.text <> '' OR ({new}) IS NOT ({old})"
            " BEGIN SELECT RAISE(ABORT, 'the history of exchanges is never changed'); END"
        )
        return
    op.execute('DROP TRIGGER exchange_event_no_update ON exchange_event')
    op.execute(
        'CREATE TRIGGER exchange_event_no_update BEFORE UPDATE ON exchange_event FOR EACH ROW'
        f" WHEN (NEW.text <> '' OR ({new}) IS DISTINCT FROM ({old}))"
        ' EXECUTE FUNCTION exchange_event_guard()'
    )
