"""Recovery codes: ten, each works once, however it is typed; nobody reads them in the table."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import recovery_codes
from marketplace.accounts.second_factors.recovery_codes import ALPHABET, LETTERS, normalise
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.accounts.second_factors.factories import with_recovery_codes
from tests.marketplace.factories import saved


def test_there_are_ten_and_each_works_once(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        codes = with_recovery_codes(jo)
        assert len(set(codes)) == 10
        assert recovery_codes.left(session, jo) == 10
        assert [recovery_codes.use(session, jo, code) for code in codes[:2]] == [True, True]
        assert not recovery_codes.use(session, jo, codes[0])
        assert recovery_codes.left(session, jo) == 8


def test_new_codes_end_the_old_ones(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        old, new = with_recovery_codes(jo)[0], with_recovery_codes(jo)[0]
        assert not recovery_codes.use(session, jo, old)
        assert recovery_codes.use(session, jo, new)
        assert recovery_codes.left(session, jo) == 9


def test_a_code_is_its_persons_only(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        other = PersonFactory()
        code = with_recovery_codes(jo)[0]
        with_recovery_codes(other)
        assert not recovery_codes.use(session, other, code)
        assert not recovery_codes.use(session, PersonFactory(), code)
        assert recovery_codes.use(session, jo, code)


def test_the_table_does_not_show_a_code(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        codes = with_recovery_codes(jo)
        rows = repr(session.execute(sa.text("SELECT * FROM recovery_code")).all())
    assert not [code for code in codes if code in rows or code.replace("-", "") in rows]


@pytest.mark.parametrize(
    "typed", ["0a1b2c3d4e5f", "0A1B-2C3D-4E5F", " oaLb 2c3d 4e5f ", "OAIB2C3D4E5F"]
)
def test_a_code_may_be_typed_as_it_was_written_down(typed: str) -> None:
    assert normalise(typed) == "0a1b2c3d4e5f"


@given(st.text(alphabet=ALPHABET, min_size=LETTERS, max_size=LETTERS))
def test_what_is_shown_can_be_typed(code: str) -> None:
    assert normalise(recovery_codes.grouped(code)) == code
    assert normalise(recovery_codes.grouped(code).upper()) == code


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    code = normalise(typed)
    assert code is None or (len(code) == LETTERS and set(code) <= set(ALPHABET))
