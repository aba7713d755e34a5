"""A list of colleagues as people paste it: a name, an address and roles in each line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from marketplace.accounts.roles import ROLE_MEANINGS, Role
from marketplace.accounts.service import normalise_email
from marketplace.errors import Refusal
from marketplace.web.texts import visible

MOST_LINES = 200
LONGEST_NAME = 100
_BY_WORD = {role.value: role for role in ROLE_MEANINGS}


@dataclass(frozen=True, slots=True)
class ListedColleague:
    """One line of the list; ``problem`` says why it cannot be used."""

    number: int
    name: str
    email: str
    roles: frozenset[Role]
    problem: str = ""

    @property
    def roles_label(self) -> str:
        """The roles in words."""
        return ", ".join(role.label for role in ROLE_MEANINGS if role in self.roles)


def read_colleagues(text: str) -> list[ListedColleague]:
    """Return the lines of ``text``, each read or with what is wrong with it.

    A line is a name, an address and roles, with commas, semicolons or tabs between, as spreadsheets
    copy and save them; roles have spaces, commas or “and” between, and “member” is meant where none
    stands. A first line of headings, and empty lines, are left out.

    Raises:
        Refusal: if there is no line, or there are more than ``MOST_LINES``.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    delimiter = next((mark for mark in "\t;" if mark in lines), ",")
    rows = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(csv.reader(io.StringIO(lines), delimiter=delimiter), 1)
        if any(cell.strip() for cell in row)
    ]
    if rows and not any("@" in cell for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise Refusal("Paste at least one line with a name and an address.", field="colleagues")
    if len(rows) > MOST_LINES:
        raise Refusal(
            f"This list has {len(rows)} lines. Send at most {MOST_LINES} at a time.",
            field="colleagues",
        )
    colleagues: list[ListedColleague] = []
    addresses: set[str] = set()
    for number, cells in rows:
        colleague = _read(number, cells)
        if not colleague.problem and colleague.email in addresses:
            colleague = _wrong(number, cells, "This address is in the list twice.")
        addresses.add(colleague.email)
        colleagues.append(colleague)
    return colleagues


def _read(number: int, cells: list[str]) -> ListedColleague:
    if len(cells) < 2:
        return _wrong(number, cells, "Write a name, an address and roles, with commas between.")
    name, email, *more = cells
    if not visible(name) or len(name) > LONGEST_NAME:
        return _wrong(number, cells, f"Write a name of at most {LONGEST_NAME} characters.")
    try:
        address = normalise_email(email)
    except Refusal as refusal:
        return _wrong(number, cells, refusal.message)
    words = " ".join(more).replace(",", " ").replace(";", " ").replace("/", " ").lower().split()
    unknown = [word for word in words if word not in _BY_WORD and word not in ("and", "&")]
    if unknown:
        return _wrong(
            number, cells, f"“{unknown[0][:40]}” is not a role: use {', '.join(_BY_WORD)}."
        )
    roles = frozenset(_BY_WORD[word] for word in words if word in _BY_WORD)
    return ListedColleague(number, name, address, roles or frozenset({Role.MEMBER}))


def _wrong(number: int, cells: list[str], problem: str) -> ListedColleague:
    name, email = (*cells, "", "")[:2]
    return ListedColleague(number, name[:100], email[:254], frozenset(), problem)
