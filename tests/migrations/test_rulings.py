"""The migration that makes rulings by two people adjustments loses none, on both databases."""

import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from marketplace.adjustments.models import Adjustment
from marketplace.database import db
from marketplace.exchanges.disputes.models import Dispute, Outcome
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.conftest import running
from tests.marketplace.exchanges.factories import answered_dispute


def test_a_ruling_that_waits_goes_on_as_an_adjustment(database_url: str) -> None:
    with running(database_url) as app, app.app_context():
        upgrade()
        disputes = [answered_dispute(), answered_dispute()]
        numbers = [dispute.id for dispute in disputes]
        done, waiting = (
            proposed(None, "ruling", dispute.opened_by_urn, dispute_id=dispute.id)
            for dispute in disputes
        )
        approved(done)
        people = (done.proposed_by_id, done.decided_by_id, waiting.proposed_by_id)
        db.session.commit()
        downgrade(revision="0022")
        with db.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT ruled_by_id, approved_by_id, ruled_minutes FROM dispute ORDER BY 1")
            ).all()
        assert {tuple(row) for row in rows} == {
            (people[0], people[1], 60),
            (people[2], None, 60),
        }
        upgrade()
        db.session.remove()
        ruled, open_one = (db.session.get_one(Dispute, number) for number in numbers)
        assert (ruled.outcome, ruled.ruled_by_id) == (Outcome.RULED, people[0])
        assert (open_one.is_proposed, open_one.ruling) == (True, None)
        before = db.session.get_one(Adjustment, ruled.adjustment_id)
        assert (before.state, before.decided_by_id) == ("done", people[1])
        adjustment = db.session.get_one(Adjustment, open_one.adjustment_id)
        assert (adjustment.state, adjustment.proposed_by_id) == ("proposed", people[2])
        approved(adjustment, despite_changes=True)
        assert open_one.outcome == Outcome.RULED
        db.session.rollback()
