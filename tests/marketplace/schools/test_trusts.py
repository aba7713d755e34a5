"""A trust is known by its code, not by its name, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.importing import ImportResult, import_register
from marketplace.schools.models import School, Trust
from tests.marketplace.schools.register_files import register_zip, row, school_csv

INSPIRE = "INSPIRE LEARNING TRUST"

Bring = Callable[..., ImportResult]
Member = tuple[int, str, str]
"""A school: its URN, and the code and the name of its trust."""


@pytest.fixture
def bring(session: Session, tmp_path: Path) -> Bring:
    """Import schools with their trusts, with or without the column of codes, and commit."""

    def bring_in(*members: Member, codes: bool = True) -> ImportResult:
        rows = [
            row(urn, **{"Trusts (code)": code, "Trusts (name)": name})
            for urn, code, name in members
        ]
        text = school_csv(*rows, without=() if codes else ("Trusts (code)",))
        result = import_register(session, register_zip(tmp_path / "register.zip", text))
        session.commit()
        assert result.problems == ()
        return result

    return bring_in


def members(session: Session) -> list[tuple[int, str | None, str | None]]:
    statement = (
        sa.select(School.urn, Trust.code, Trust.name)
        .outerjoin(Trust, School.trust_id == Trust.id)
        .order_by(School.urn)
    )
    return [tuple(member) for member in session.execute(statement)]


def trusts(session: Session) -> list[tuple[str | None, str]]:
    return [
        tuple(trust) for trust in session.execute(sa.select(Trust.code, Trust.name).order_by("id"))
    ]


def trust_id(session: Session, urn: int) -> int | None:
    return session.get_one(School, urn).trust_id


def test_two_trusts_of_one_name_are_two(session: Session, bring: Bring) -> None:
    schools = [(900031, "2101", INSPIRE), (900032, "16990", INSPIRE), (900033, "2101", INSPIRE)]
    bring(*schools)
    assert members(session) == schools
    assert len(trusts(session)) == 2
    assert bring(*schools).did_nothing


def test_a_trust_without_a_code_is_adopted_by_name(session: Session, bring: Bring) -> None:
    bring((1_00001, "", "Star Academies"), (100002, "", "Star Academies"), codes=False)
    before = trust_id(session, 100001)
    result = bring((100001, "7", "STAR ACADEMIES"), (100002, "7", "STAR ACADEMIES"))
    assert (result.changed, result.unchanged, result.groups) == (0, 2, 1)
    assert not result.did_nothing
    assert trusts(session) == [("7", "Star Academies")]
    assert trust_id(session, 100001) == before
    assert bring((100001, "7", "STAR ACADEMIES")).did_nothing


def test_a_trust_that_was_two_is_split(session: Session, bring: Bring) -> None:
    names = [(urn, "", INSPIRE) for urn in (100001, 100002, 100003)]
    bring(*names, codes=False)
    assert len(trusts(session)) == 1
    coded = [(100001, "2101", INSPIRE), (100002, "16990", INSPIRE)]
    bring(*coded)
    # The files do not say in which of the two the third is.
    assert members(session) == [*coded, (100003, None, INSPIRE)]
    assert bring(*coded).did_nothing


def test_a_split_may_be_seen_batches_later(session: Session, bring: Bring) -> None:
    bring((100001, "", INSPIRE), (100002, "", INSPIRE), (100003, "", INSPIRE), codes=False)
    others = [(urn, "", "") for urn in range(110_000, 111_500)]
    coded = [(100001, "2101", INSPIRE), *others, (100002, "16990", INSPIRE)]
    bring(*coded)
    in_trusts = [member for member in members(session) if member[2]]
    assert in_trusts == [coded[0], coded[-1], (100003, None, INSPIRE)]
    assert bring(*coded).did_nothing


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_a_school_that_comes_without_a_code_is_in_neither_of_two(
    session: Session, bring: Bring, order: tuple[int, ...]
) -> None:
    schools = [(100001, "2101", INSPIRE), (100002, "", INSPIRE), (100003, "16990", INSPIRE)]
    in_order = [schools[place] for place in order]
    bring(*in_order)
    assert members(session) == [schools[0], (100002, None, INSPIRE), schools[2]]
    assert bring(*in_order).did_nothing


def test_a_third_code_takes_no_school_that_may_be_in_another_trust(
    session: Session, bring: Bring
) -> None:
    bring((100001, "1", INSPIRE), (100002, "2", INSPIRE), (100003, "", INSPIRE))
    bring((100004, "3", INSPIRE))
    assert members(session)[2:] == [(100003, None, INSPIRE), (100004, "3", INSPIRE)]


def test_a_file_without_codes_leaves_schools_in_their_trust(session: Session, bring: Bring) -> None:
    schools = [(100001, "2101", INSPIRE), (100002, "16990", INSPIRE)]
    bring(*schools, (100003, "7", "Star"))
    result = bring(*schools, (100004, "", "Star"), (100005, "", INSPIRE), codes=False)
    assert (result.changed, result.unchanged) == (0, 2)
    assert members(session) == [
        *schools,
        (100003, "7", "Star"),
        (100004, "7", "Star"),
        (100005, None, INSPIRE),
    ]


def test_a_trust_may_change_its_name_and_stays_the_same(session: Session, bring: Bring) -> None:
    bring((100001, "7", "Old Name"), (100002, "7", "Old Name"))
    before = trust_id(session, 100001)
    result = bring((100001, "7", "New Name"))
    assert (result.unchanged, result.did_nothing) == (1, False)
    assert members(session) == [(100001, "7", "New Name"), (100002, "7", "New Name")]
    assert trust_id(session, 100001) == before
    assert bring((100001, "7", "New Name")).did_nothing


def test_trusts_may_exchange_their_names(session: Session, bring: Bring) -> None:
    bring((100001, "1", "East"), (100002, "2", "West"))
    swapped = [(100001, "1", "West"), (100002, "2", "East")]
    bring(*swapped)
    assert members(session) == swapped
    assert bring(*swapped).did_nothing


def test_a_name_that_was_another_trusts_does_not_take_its_schools(
    session: Session, bring: Bring
) -> None:
    bring((100001, "1", "East"))
    bring((100002, "2", "East"))
    assert members(session) == [(100001, "1", "East"), (100002, "2", "East")]


def test_a_school_may_leave_its_trust_and_join_another(session: Session, bring: Bring) -> None:
    bring((100001, "1", "East"), (100002, "1", "East"))
    bring((100001, "", ""), (100002, "2", "East"))
    assert members(session) == [(100001, None, None), (100002, "2", "East")]


def test_a_name_without_a_code_is_there_once(session: Session) -> None:
    session.add_all([Trust(name=INSPIRE), Trust(name=INSPIRE)])
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


def test_a_code_is_there_once(session: Session) -> None:
    session.add_all([Trust(name="East", code="1"), Trust(name="West", code="1")])
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
