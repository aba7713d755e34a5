"""A ruling by two people is an adjustment, and a ruling can be looked at again

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-27 04:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPENED = "opened_from IN ('agreed', 'delivered', 'confirmed')"
OPENED_TOO = "opened_from IN ('agreed', 'delivered', 'confirmed', 'cancelled')"
TWO_PEOPLE = 'approved_by_id IS NULL OR approved_by_id <> ruled_by_id'
FORGET = """
UPDATE dispute
SET ruling = NULL, ruled_minutes = NULL, ruled_at = NULL, ruled_by_id = NULL, fund_minutes = 0,
  reasons = ''
WHERE ended_at IS NULL AND ruling IS NOT NULL
"""
REASON = 'Proposed on the page of the dispute, because it goes beyond a credit limit.'
EVIDENCE = 'What both schools wrote in the dispute.'

DISPUTE = sa.table(
    'dispute',
    *(
        sa.column(name)
        for name in (
            'id', 'exchange_id', 'ruling', 'ruled_minutes', 'fund_minutes',
            'reasons', 'ruled_by_id', 'approved_by_id', 'transaction_id', 'fund_transaction_id',
            'adjustment_id', 'opened_from',
        )
    ),
    sa.column('ruled_at', INSTANT),
    sa.column('ended_at', INSTANT),
)
EXCHANGE = sa.table(
    'exchange', sa.column('id'), sa.column('provider_urn'), sa.column('receiver_urn')
)
ADJUSTMENT = sa.table(
    'adjustment',
    *(
        sa.column(name)
        for name in (
            'id', 'kind', 'state', 'subject', 'school_urn', 'other_urn', 'reason', 'evidence',
            'evidence_source', 'proposed_by_id', 'decided_by_id', 'idempotency_key',
        )
    ),
    sa.column('proposed_at', INSTANT),
    sa.column('decided_at', INSTANT),
    sa.column('details', sa.JSON),
    sa.column('figures', sa.JSON),
)
EVENT = sa.table(
    'adjustment_event',
    *(
        sa.column(name)
        for name in ('adjustment_id', 'step', 'person_id', 'reason', 'evidence', 'evidence_source')
    ),
    sa.column('at', INSTANT),
    sa.column('figures', sa.JSON),
    sa.column('transactions', sa.JSON),
)


def upgrade():
    op.add_column('dispute', sa.Column('adjustment_id', sa.Integer(), nullable=True))
    op.execute(
        'ALTER TABLE dispute ADD COLUMN again_by VARCHAR(8)'
        " CONSTRAINT ck_dispute_again_by CHECK (again_by IN ('provider', 'receiver'))"
    )
    for dispute in op.get_bind().execute(
        sa.select(DISPUTE, EXCHANGE.c.provider_urn, EXCHANGE.c.receiver_urn)
        .join(EXCHANGE, EXCHANGE.c.id == DISPUTE.c.exchange_id)
        .where(
            DISPUTE.c.ruling.is_not(None),
            sa.or_(DISPUTE.c.ended_at.is_(None), DISPUTE.c.approved_by_id.is_not(None)),
        )
        .order_by(DISPUTE.c.id)
    ).all():
        _write_adjustment(dispute)
    op.execute(FORGET)
    if op.get_bind().dialect.name == 'sqlite':
        _build_anew(
            [
                ('approved_by_id INTEGER, ', ''),
                (f'CONSTRAINT ck_dispute_two_people CHECK ({TWO_PEOPLE}), ', ''),
                (
                    ', CONSTRAINT fk_dispute_approved_by_id_person'
                    ' FOREIGN KEY(approved_by_id) REFERENCES person (id)',
                    '',
                ),
                (f'CHECK ({OPENED})', f'CHECK ({OPENED_TOO})'),
            ]
        )
        return
    op.drop_constraint(op.f('ck_dispute_two_people'), 'dispute')
    op.drop_column('dispute', 'approved_by_id')
    _change_opened(OPENED_TOO)


def downgrade():
    # The trail of adjustments stays: nothing may delete it.
    bind = op.get_bind()
    bind.execute(
        sa.update(DISPUTE).where(DISPUTE.c.opened_from == 'cancelled').values(opened_from='agreed')
    )
    if bind.dialect.name == 'sqlite':
        _build_anew(
            [
                (f'CHECK ({OPENED_TOO})', f'CHECK ({OPENED})'),
                ('ruled_at DATETIME, ', 'ruled_at DATETIME, approved_by_id INTEGER, '),
                (
                    'CONSTRAINT pk_dispute',
                    f'CONSTRAINT ck_dispute_two_people CHECK ({TWO_PEOPLE}), '
                    'CONSTRAINT fk_dispute_approved_by_id_person'
                    ' FOREIGN KEY(approved_by_id) REFERENCES person (id), '
                    'CONSTRAINT pk_dispute',
                ),
            ]
        )
    else:
        op.add_column('dispute', sa.Column('approved_by_id', sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f('fk_dispute_approved_by_id_person'),
            'dispute',
            'person',
            ['approved_by_id'],
            ['id'],
        )
        op.create_check_constraint(op.f('ck_dispute_two_people'), 'dispute', TWO_PEOPLE)
        _change_opened(OPENED)
    _put_back()
    if bind.dialect.name == 'sqlite':
        op.execute('ALTER TABLE dispute DROP COLUMN again_by')
    else:
        op.drop_column('dispute', 'again_by')
    op.drop_column('dispute', 'adjustment_id')


def _write_adjustment(dispute):
    """Let a ruling that waits, or one that two people decided, be an adjustment with its trail."""
    bind, is_open = op.get_bind(), dispute.ended_at is None
    subject = f'ruling:{dispute.id}'
    before = bind.execute(
        sa.select(ADJUSTMENT.c.id, ADJUSTMENT.c.state)
        .where(ADJUSTMENT.c.subject == subject)
        .order_by(ADJUSTMENT.c.id.desc())
    ).all()
    if before and before[0].state == 'done':
        _link(dispute.id, before[0].id)
        return
    source = f'Dispute {dispute.id}'
    figures = [['Paid by the receiver', '–', f'{dispute.ruled_minutes} minutes']]
    adjustment_id = bind.scalar(
        sa.insert(ADJUSTMENT)
        .values(
            kind='ruling',
            state='proposed' if is_open else 'done',
            subject=subject,
            school_urn=dispute.receiver_urn,
            other_urn=dispute.provider_urn,
            details={
                'dispute_id': dispute.id,
                'ruling': dispute.ruling,
                'minutes': dispute.ruled_minutes,
                'fund_minutes': dispute.fund_minutes,
                'reasons': dispute.reasons,
            },
            figures=figures,
            reason=REASON,
            evidence=EVIDENCE,
            evidence_source=source,
            proposed_by_id=dispute.ruled_by_id,
            proposed_at=dispute.ruled_at,
            decided_by_id=None if is_open else dispute.approved_by_id,
            decided_at=None if is_open else dispute.ended_at,
            idempotency_key=f'ruling-of-dispute:{dispute.id}:{len(before)}',
        )
        .returning(ADJUSTMENT.c.id)
    )
    common = {'adjustment_id': adjustment_id, 'figures': figures}
    proposed = {
        'step': 'proposed',
        'person_id': dispute.ruled_by_id,
        'at': dispute.ruled_at,
        'reason': REASON,
        'evidence': EVIDENCE,
        'evidence_source': source,
        'transactions': [],
    }
    bind.execute(sa.insert(EVENT).values(**common, **proposed))
    if not is_open:
        recorded = (dispute.transaction_id, dispute.fund_transaction_id)
        approved = {
            'step': 'approved',
            'person_id': dispute.approved_by_id,
            'at': dispute.ended_at,
            'reason': '',
            'evidence': '',
            'evidence_source': '',
            'transactions': [number for number in recorded if number is not None],
        }
        bind.execute(sa.insert(EVENT).values(**common, **approved))
    _link(dispute.id, adjustment_id)


def _link(dispute_id, adjustment_id):
    op.get_bind().execute(
        sa.update(DISPUTE)
        .where(DISPUTE.c.id == dispute_id)
        .values(adjustment_id=adjustment_id)
    )


def _put_back():
    """Write what adjustments say of rulings back into the disputes; those that wait end."""
    bind = op.get_bind()
    for adjustment in bind.execute(
        sa.select(ADJUSTMENT)
        .join(DISPUTE, DISPUTE.c.adjustment_id == ADJUSTMENT.c.id)
        .order_by(ADJUSTMENT.c.id)
    ).all():
        details = adjustment.details
        values = {'approved_by_id': adjustment.decided_by_id}
        if adjustment.state == 'proposed':
            values = {
                'ruling': details['ruling'],
                'ruled_minutes': details['minutes'],
                'fund_minutes': details['fund_minutes'],
                'reasons': details['reasons'],
                'ruled_by_id': adjustment.proposed_by_id,
                'ruled_at': adjustment.proposed_at,
            }
            _withdraw(adjustment)
        bind.execute(
            sa.update(DISPUTE).where(DISPUTE.c.id == details['dispute_id']).values(**values)
        )


def _withdraw(adjustment):
    """End an adjustment: the version before decides the ruling on the page of the dispute."""
    bind, who, at = op.get_bind(), adjustment.proposed_by_id, adjustment.proposed_at
    bind.execute(
        sa.update(ADJUSTMENT)
        .where(ADJUSTMENT.c.id == adjustment.id)
        .values(state='withdrawn', decided_by_id=who, decided_at=at)
    )
    bind.execute(
        sa.insert(EVENT).values(
            adjustment_id=adjustment.id,
            step='withdrawn',
            person_id=who,
            at=at,
            reason='It goes on on the page of the dispute.',
            evidence='',
            evidence_source='',
            figures=[],
            transactions=[],
        )
    )


def _change_opened(condition):
    op.execute('ALTER TABLE dispute DROP CONSTRAINT ck_dispute_opened')
    op.execute(f'ALTER TABLE dispute ADD CONSTRAINT ck_dispute_opened CHECK ({condition})')


def _build_anew(changes):
    """Build the table ``dispute`` anew out of its own definition: SQLite cannot change checks."""
    bind = op.get_bind()
    definition = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'dispute'")
    )
    indexes = bind.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'dispute'"
            ' AND sql IS NOT NULL'
        )
    ).all()
    before = {column['name'] for column in sa.inspect(bind).get_columns('dispute')}
    body = ' '.join(definition[definition.index('(') :].split())
    for old, new in changes:
        assert old in body, f'{old} is not in {body}'
        body = body.replace(old, new)
    bind.exec_driver_sql(f'CREATE TABLE dispute_anew {body}')
    after = [column['name'] for column in sa.inspect(bind).get_columns('dispute_anew')]
    columns = ', '.join(name for name in after if name in before)
    bind.exec_driver_sql(f'INSERT INTO dispute_anew ({columns}) SELECT {columns} FROM dispute')
    bind.exec_driver_sql('DROP TABLE dispute')
    bind.exec_driver_sql('ALTER TABLE dispute_anew RENAME TO dispute')
    for index in indexes:
        bind.exec_driver_sql(index)
