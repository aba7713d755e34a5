"""Who may see a listing, as values of fields of the index, and the query that asks for them.

``seen_by`` has how far a listing is shown, and after a bar the number of the traits that it is
narrowed to. There are few such numbers: ``only`` has them as well, so that a reader learns which
there are, and asks for those that its school fits. Distances are measured when the index is asked:
by squares, and by the numbers of what is in their corners. So what it finds is exact, and the
database need not be asked who may see what it counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import MILES, SQUARE_METRES, Audience, Reach
from marketplace.schools.traits import NO_TRAITS, Trait, fits
from marketplace.search.index.asking import box, silent, together
from marketplace.search.index.fields import schema

NETWORK, ALL, NEAR = "network", "all", "near"


@dataclass(frozen=True, slots=True)
class Owner:
    """What of the school behind a listing decides who may see it."""

    urn: int
    trust_id: int | None
    authority: str
    region: str | None
    group_ids: frozenset[int] = frozenset()
    """Those of the groups that the listing is for that the school is in itself."""


def seen_by(audience: Audience, owner: Owner) -> list[str]:
    """Return the values of the field ``seen_by`` of a listing."""
    values = [f"school:{owner.urn}"]
    if audience.reach in (Reach.SCHOOL, Reach.CONFIDENTIAL):
        return values
    values.append(NETWORK)
    values += [_narrowed(reach, audience.only) for reach in _reaches(audience, owner)]
    return values


def visible(actor: Actor, group_ids: Iterable[int], searcher: tantivy.Searcher) -> Query:
    """Return the query for the listings of ``searcher`` that ``actor`` may see."""
    if actor.urn is None:
        return _seen_by([NETWORK])
    fitting = [NO_TRAITS, *_traits_that_fit(actor.traits, searcher)]
    seen_by = [f"school:{actor.urn}"]
    seen_by += [
        _narrowed(circle, only) for circle in _circles(actor, group_ids) for only in fitting
    ]
    near = _near(actor.position, fitting, searcher) if actor.position is not None else None
    if near is None:
        return _seen_by(seen_by)
    return together([(Occur.Should, _seen_by(seen_by)), (Occur.Should, near)])


def _narrowed(reach: str, only: Trait) -> str:
    return f"{reach}|{int(only)}" if only else reach


def _traits_that_fit(ours: Trait, searcher: tantivy.Searcher) -> list[Trait]:
    """What listings are narrowed to that a school of our traits fits."""
    narrowings = searcher.terms_with_prefix("only", "")
    return [only for number, _count in narrowings if fits(ours, only := Trait(int(number)))]


def _reaches(audience: Audience, owner: Owner) -> list[str]:
    """To whom a listing is shown, as its readers name it in ``_circles``."""
    if audience.reach == Reach.GROUP:
        return [f"group:{number}" for number in sorted(audience.group_ids & owner.group_ids)]
    reach = _reach(audience, owner)
    return [reach] if reach is not None else []


def _reach(audience: Audience, owner: Owner) -> str | None:
    """How far a listing is shown that is for no group; None if to nobody."""
    match audience.reach:
        case Reach.NATIONAL:
            return ALL
        case Reach.REGION:
            return f"region:{owner.region}" if owner.region is not None else None
        case Reach.LOCAL_AUTHORITY:
            return f"authority:{owner.authority}"
        case Reach.TRUST:
            return f"trust:{owner.trust_id}" if owner.trust_id is not None else None
        case Reach.NEAR:
            return f"{NEAR}:{audience.miles}"
        case _:
            return None


def _circles(actor: Actor, group_ids: Iterable[int]) -> list[str]:
    """What the school acted for is in, but for distances."""
    circles = [ALL, *(f"group:{number}" for number in group_ids)]
    if actor.region is not None:
        circles.append(f"region:{actor.region}")
    if actor.local_authority_code is not None:
        circles.append(f"authority:{actor.local_authority_code}")
    if actor.trust_id is not None:
        circles.append(f"trust:{actor.trust_id}")
    return circles


def _near(
    position: tuple[int, int], fitting: list[Trait], searcher: tantivy.Searcher
) -> Query | None:
    """What is for schools near theirs and of a kind that fits; None if nothing is.

    The engine knows squares: what is in the corners of one, outside of the circle, is left out by
    its number.
    """
    squares, corners = [], []
    known = dict(searcher.terms_with_prefix("seen_by", f"{NEAR}:"))
    for miles in MILES:
        values = [_narrowed(f"{NEAR}:{miles}", only) for only in fitting]
        if not known.keys() & values:
            continue
        square = [(Occur.Must, _seen_by(values)), *box(position, math.isqrt(SQUARE_METRES[miles]))]
        answer: Any = searcher.search(together(square), limit=1)
        if answer.count:
            within = together(box(position, math.isqrt(SQUARE_METRES[miles] // 2)))
            squares.append(together(square))
            corners.append(together([*square, (Occur.MustNot, within)]))
    if not squares:
        return None
    outside = [number for one in corners for number in _outside(searcher, one, position)]
    parts = [(Occur.Must, together([(Occur.Should, square) for square in squares]))]
    if outside:
        parts.append((Occur.MustNot, Query.term_set_query(schema(), "id", outside)))
    return together(parts)


def _outside(searcher: tantivy.Searcher, corners: Query, position: tuple[int, int]) -> list[int]:
    """The numbers of what is near the edge of a circle and not in it."""
    answer: Any = searcher.search(corners, limit=1)
    if not answer.count:
        return []
    hits = searcher.search(corners, limit=answer.count, count=False).hits
    addresses = [address for _score, address in hits]
    numbers: list[list[Any]] = [
        searcher.fast_field_values(name, addresses)
        for name in ("id", "miles", "easting", "northing")
    ]
    our_east, our_north = position
    return [
        number
        for number, miles, east, north in zip(*numbers, strict=True)
        if (east - our_east) ** 2 + (north - our_north) ** 2 > SQUARE_METRES[miles]
    ]


def _seen_by(values: list[str]) -> Query:
    return silent(Query.term_set_query(schema(), "seen_by", values))
