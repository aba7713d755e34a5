"""Match the rows of the register with trusts, and keep the trusts up to date.

The register's code is what makes a trust: two trusts may share a name, and one may change its
name. Where a file has no codes, the name must do, as far as only one trust can be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.models import School, Trust
from marketplace.schools.register import SchoolRow

_TRUST = cast(sa.Table, Trust.__table__)
_SCHOOL = cast(sa.Table, School.__table__)


@dataclass(slots=True, eq=False)
class _KnownTrust:
    """A trust as the import knows it; ``id`` is 0 until it is in the database."""

    id: int
    name: str
    code: str | None
    stored_name: str = ""
    newly_coded: bool = False
    """Whether its code came in this import for the first time."""
    coded_urns: set[int] = field(default_factory=set)
    """The schools that came with its code in this import, if that is a new one."""


class TrustRegister:
    """The trusts in the database, and those that an import adds.

    A trust that was known by its name only is adopted by the first code that comes with this
    name. If a second code comes with the name, two trusts were taken for one: the schools that
    came with neither code then go to a trust of that name without a code, since they may be in
    either.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._trusts: list[_KnownTrust] = []
        self._by_code: dict[str, _KnownTrust] = {}
        self._by_name: dict[str, list[_KnownTrust]] = {}
        self._unwritten_codes: list[_KnownTrust] = []
        self._split: list[_KnownTrust] = []
        self._changed: set[int] = set()
        rows = session.execute(
            sa.select(_TRUST.c.id, _TRUST.c.name, _TRUST.c.code).order_by(_TRUST.c.id)
        )
        for trust_id, name, code in rows:
            self._learn(_KnownTrust(trust_id, name, code, stored_name=name))

    def trust_ids(
        self, rows: Iterable[SchoolRow], current: Mapping[int, int | None]
    ) -> dict[int, int | None]:
        """Return the id of the trust of each school of ``rows`` by URN, None if it has none.

        A school whose trust is unread is not in the result. A trust that is not known yet is
        added. ``current`` is the trust of each school that is in the database.
        """
        trusts: dict[int, _KnownTrust | None] = {}
        for row in rows:
            if "trust_name" in row.unread:
                continue
            trust = self._trust_of(row, current.get(row.urn))
            if trust is not None and trust.newly_coded and row.trust_code is not None:
                trust.coded_urns.add(row.urn)
            trusts[row.urn] = trust
        self._write_codes()
        self._insert([trust for trust in dict.fromkeys(trusts.values()) if trust and not trust.id])
        return {urn: trust.id if trust else None for urn, trust in trusts.items()}

    def finish(self) -> int:
        """Write what is left to write; return the number of trusts added or changed."""
        for trust in self._split:
            self._part_from(trust)
        renamed = [trust for trust in self._trusts if trust.name != trust.stored_name]
        self._update("name", renamed)
        return len(self._changed)

    def _trust_of(self, row: SchoolRow, current: int | None) -> _KnownTrust | None:
        if row.trust_name is None:
            return None
        if row.trust_code is None:
            return self._trust_without_code(row.trust_name, current)
        trust = self._by_code.get(row.trust_code) or self._trust_with_code(
            row.trust_name, row.trust_code
        )
        # The register shouts some names in one extract and not in the next: that is not a new name.
        if trust.name.casefold() != row.trust_name.casefold():
            self._by_name[trust.name.casefold()].remove(trust)
            trust.name = row.trust_name
            self._by_name.setdefault(trust.name.casefold(), []).append(trust)
        return trust

    def _trust_without_code(self, name: str, current: int | None) -> _KnownTrust:
        """The trust of a row without a code: the school's own, the only one, or one without."""
        namesakes = self._by_name.get(name.casefold(), [])
        for trust in namesakes:
            if trust.id and trust.id == current:
                return trust
        return namesakes[0] if len(namesakes) == 1 else self._without_code(name)

    def _without_code(self, name: str) -> _KnownTrust:
        for trust in self._by_name.get(name.casefold(), []):
            if trust.code is None:
                return trust
        return self._learn(_KnownTrust(0, name, None))

    def _trust_with_code(self, name: str, code: str) -> _KnownTrust:
        """The trust of a code that is not known yet."""
        namesakes = self._by_name.get(name.casefold(), [])
        if len(namesakes) == 1 and namesakes[0].code is None:
            trust = namesakes[0]
            trust.code, trust.newly_coded = code, True
            self._by_code[code] = trust
            if trust.id:
                self._unwritten_codes.append(trust)
            return trust
        self._split += [
            trust for trust in namesakes if trust.newly_coded and trust not in self._split
        ]
        return self._learn(_KnownTrust(0, name, code, newly_coded=True))

    def _part_from(self, trust: _KnownTrust) -> None:
        """Move the schools that did not come with the code of ``trust`` to one without a code."""
        schools = self._session.scalars(
            sa.select(_SCHOOL.c.urn).where(_SCHOOL.c.trust_id == trust.id)
        )
        doubtful = [urn for urn in schools if urn not in trust.coded_urns]
        if not doubtful:
            return
        other = self._without_code(trust.name)
        if not other.id:
            self._insert([other])
        self._session.execute(
            sa.update(_SCHOOL).where(_SCHOOL.c.urn.in_(doubtful)).values(trust_id=other.id)
        )
        self._changed.add(trust.id)

    def _learn(self, trust: _KnownTrust) -> _KnownTrust:
        if trust.id:
            self._trusts.append(trust)
        if trust.code is not None:
            self._by_code[trust.code] = trust
        self._by_name.setdefault(trust.name.casefold(), []).append(trust)
        return trust

    def _write_codes(self) -> None:
        self._update("code", self._unwritten_codes)
        self._unwritten_codes.clear()

    def _update(self, column: str, trusts: list[_KnownTrust]) -> None:
        if trusts:
            self._session.execute(
                sa.update(_TRUST).where(_TRUST.c.id == sa.bindparam("the_id")),
                [{"the_id": trust.id, column: getattr(trust, column)} for trust in trusts],
            )
            self._changed |= {trust.id for trust in trusts}

    def _insert(self, trusts: list[_KnownTrust]) -> None:
        if not trusts:
            return
        ids = self._session.scalars(
            sa.insert(_TRUST).returning(_TRUST.c.id, sort_by_parameter_order=True),
            [{"name": trust.name, "code": trust.code} for trust in trusts],
        ).all()
        for trust, trust_id in zip(trusts, ids, strict=True):
            trust.id, trust.stored_name = trust_id, trust.name
        self._trusts += trusts
        self._changed.update(ids)
