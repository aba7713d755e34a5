"""What the database itself refuses about schools."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from marketplace.application import Skillbank
from marketplace.credits.chart import account_code
from marketplace.database import db
from marketplace.schools.models import LocalAuthority, School

FACTS = {
    "urn": 100000,
    "name": "St Anne’s",
    "search_name": "st annes",
    "status": "open",
    "type_name": "Academy",
}


@pytest.fixture
def tables(app: Skillbank):
    with app.app_context():
        db.create_all()
        db.session.add(LocalAuthority(code="355", name="Salford"))
        db.session.commit()
        yield


def school(**facts: object) -> School:
    return School(**{**FACTS, "local_authority_code": "355", **facts})


def test_a_school_is_kept_with_what_is_known(tables: None) -> None:
    db.session.add(school(easting=380000, northing=398000))
    db.session.commit()
    found = db.session.scalars(sa.select(School)).one()
    assert (found.name, found.pupils) == ("St Anne’s", None)
    assert account_code(found.urn) == "school:100000"


@pytest.mark.parametrize(
    "wrong",
    [{"status": "lost"}, {"easting": 1}, {"pupils": -1}, {"fsm_permille": 1001}],
    ids=["status", "half a position", "fewer than no pupils", "more than all on free meals"],
)
def test_the_database_refuses(tables: None, wrong: dict[str, object]) -> None:
    db.session.add(school(**wrong))
    with pytest.raises(IntegrityError):
        db.session.commit()
