"""Lists of colleagues as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.roles import Role
from marketplace.errors import Refusal
from marketplace.members.colleague_list import MOST_LINES, read_colleagues

JO = ("Jo Bloggs", "jo@example.org", frozenset({Role.MEMBER}))


@pytest.mark.parametrize(
    "text",
    [
        "Jo Bloggs,jo@example.org,member",
        "Jo Bloggs, JO@example.org",
        "Jo Bloggs;jo@example.org;Member",
        "Jo Bloggs\tjo@example.org\tmember",
        "\ufeffname,email,roles\r\n\r\nJo Bloggs,jo@example.org,member\r\n",
        '"Jo Bloggs","jo@example.org","member"',
    ],
)
def test_a_line_is_read_however_it_was_saved(text: str) -> None:
    [colleague] = read_colleagues(text)
    assert (colleague.name, colleague.email, colleague.roles) == JO
    assert colleague.problem == ""


@pytest.mark.parametrize(
    "roles",
    [
        "finance coordinator",
        '"finance, coordinator"',
        "finance and coordinator",
        "finance/coordinator",
        "finance,coordinator",
    ],
)
def test_several_roles_are_read(roles: str) -> None:
    [colleague] = read_colleagues(f"Jo,jo@example.org,{roles}")
    assert colleague.roles == {Role.FINANCE, Role.COORDINATOR}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("jo@example.org", "Write a name, an address and roles"),
        ("Jo,nonsense@,member", "is not an e-mail address"),
        (",jo@example.org,member", "Write a name"),
        (f"{'x' * 101},jo@example.org", "at most 100 characters"),
        ("Jo,jo@example.org,head", "“head” is not a role: use member, coordinator"),
        ("Jo,jo@example.org,operator", "“operator” is not a role"),
        ("Jo,jo@example.org,trust_administrator", "is not a role"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_beside_it(line: str, problem: str) -> None:
    good, bad = read_colleagues(f"Al,al@example.org\n{line}")
    assert good.problem == ""
    assert (bad.number, bad.roles) == (2, frozenset())
    assert problem in bad.problem


def test_an_address_that_is_there_twice_is_named() -> None:
    _, second = read_colleagues("Jo,jo@example.org\nJoe,JO@example.org")
    assert second.problem == "This address is in the list twice."


@pytest.mark.parametrize("text", ["", " \n\n", "name,email"])
def test_an_empty_list_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="Paste at least one line"):
        read_colleagues(text)


def test_a_list_that_is_too_long_is_refused() -> None:
    lines = "\n".join(f"Jo,jo{number}@example.org" for number in range(MOST_LINES + 1))
    with pytest.raises(Refusal, match=f"{MOST_LINES + 1} lines"):
        read_colleagues(lines)
    assert len(read_colleagues(lines.rsplit("\n", 1)[0])) == MOST_LINES


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        colleagues = read_colleagues(text)
    except Refusal:
        return
    assert all(colleague.problem or colleague.roles for colleague in colleagues)
