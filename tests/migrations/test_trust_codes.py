"""The migration that gives trusts their codes keeps every school's trust, on both databases."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from marketplace.database import db
from marketplace.schools.importing import import_register
from tests.marketplace.conftest import running
from tests.marketplace.schools.register_files import register_zip, row, school_csv

SCHOOL_TRUSTS = sa.text(
    "SELECT school.urn, trust.name FROM school LEFT JOIN trust ON trust.id = school.trust_id"
    " ORDER BY school.urn"
)


def in_trust(name: str) -> dict[str, str]:
    return {"Trusts (name)": name}


def school_trusts() -> Sequence[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(pair) for pair in connection.execute(SCHOOL_TRUSTS)]


@pytest.fixture
def rows() -> list[dict[str, str]]:
    return [
        row(100001, **in_trust("INSPIRE LEARNING TRUST")),
        row(100002, **in_trust("INSPIRE LEARNING TRUST")),
        row(100003, **in_trust("Star Academies")),
        row(100004),
    ]


def test_an_old_database_keeps_its_trusts(
    database_url: str, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    with running(database_url) as app, app.app_context():
        upgrade()
        import_register(db.session(), register_zip(tmp_path / "old.zip", school_csv(*rows)))
        db.session.commit()
        before = school_trusts()
        downgrade(revision="0002")
        assert "code" not in {c["name"] for c in sa.inspect(db.engine).get_columns("trust")}
        assert school_trusts() == before
        upgrade()
        assert school_trusts() == before
        with db.engine.connect() as connection:
            assert connection.scalars(sa.text("SELECT code FROM trust")).all() == [None, None]


def test_going_back_makes_trusts_of_one_name_one(
    database_url: str, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    codes = [{"Trusts (code)": code} for code in ("2101", "16990", "7", "")]
    coded = [cells | code for cells, code in zip(rows, codes, strict=True)]
    with running(database_url) as app, app.app_context():
        upgrade()
        import_register(db.session(), register_zip(tmp_path / "r.zip", school_csv(*coded)))
        db.session.commit()
        before = school_trusts()
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM trust")) == 3
        downgrade(revision="0002")
        assert school_trusts() == before
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM trust")) == 2
