"""Who may see a listing, as values of fields of the index, and the query that asks for them.

``seen_by`` has how far a listing is shown. Where it is narrowed to some kinds of school, that value
begins with ``SOME``, and ``only`` has the traits: those of each dimension that is narrowed, and for
each other dimension that any will do. Distances are measured when the index is asked: the numbers
of the listings that are near enough are part of the query. So what it finds is exact, and the
database need not be asked who may see what it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import MILES, SQUARE_METRES, Audience, Reach
from marketplace.schools.traits import DIMENSIONS, Trait
from marketplace.search.index.asking import any_of, box, together

NETWORK, ALL, NEAR, SOME = "network", "all", "near", "some:"


@dataclass(frozen=True, slots=True)
class Owner:
    """What of the school behind a listing decides who may see it."""

    urn: int
    trust_id: int | None
    authority: str
    region: str | None
    is_in_group: bool
    """Whether it is in the group that the listing is for, if it is for one."""


def seen_by(audience: Audience, owner: Owner) -> list[str]:
    """Return the values of the field ``seen_by`` of a listing."""
    values = [f"school:{owner.urn}"]
    if audience.reach in (Reach.SCHOOL, Reach.CONFIDENTIAL):
        return values
    values.append(NETWORK)
    reach = _reach(audience, owner)
    if reach is not None:
        values.append(f"{SOME}{reach}" if audience.only else reach)
    return values


def only(audience: Audience) -> list[str]:
    """Return the values of the field ``only`` of a listing; none if it is not narrowed."""
    if not audience.only:
        return []
    values = []
    for dimension in DIMENSIONS:
        traits = audience.only & dimension
        values += [_value(trait) for trait in traits] if traits else [_any_trait(dimension)]
    return values


def visible(actor: Actor, group_ids: Iterable[int], searcher: tantivy.Searcher) -> Query:
    """Return the query for the listings of ``searcher`` that ``actor`` may see."""
    if actor.urn is None:
        return any_of("seen_by", [NETWORK])
    circles = _circles(actor, group_ids)
    parts = [
        any_of("seen_by", [f"school:{actor.urn}", *circles]),
        _narrowed([f"{SOME}{circle}" for circle in circles], actor.traits),
    ]
    if near := _near_enough(actor, searcher):
        parts.append(any_of("id", near))
    return together([(Occur.Should, part) for part in parts])


def _reach(audience: Audience, owner: Owner) -> str | None:
    """How far a listing is shown, as its readers name it in ``_circles``; None if to nobody."""
    match audience.reach:
        case Reach.NATIONAL:
            return ALL
        case Reach.REGION:
            return f"region:{owner.region}" if owner.region is not None else None
        case Reach.LOCAL_AUTHORITY:
            return f"authority:{owner.authority}"
        case Reach.TRUST:
            return f"trust:{owner.trust_id}" if owner.trust_id is not None else None
        case Reach.GROUP:
            return f"group:{audience.group_id}" if owner.is_in_group else None
        case Reach.NEAR:
            return NEAR
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


def _near_enough(actor: Actor, searcher: tantivy.Searcher) -> list[int]:
    """The numbers of the listings for schools near theirs that the school acted for is one of."""
    if actor.position is None:
        return []
    shown = together(
        [
            (Occur.Should, any_of("seen_by", [NEAR])),
            (Occur.Should, _narrowed([f"{SOME}{NEAR}"], actor.traits)),
        ]
    )
    answer: Any = searcher.search(shown, limit=1)
    if not answer.count:
        return []
    squares = [
        together(
            [
                (Occur.Must, any_of("miles", [miles])),
                *box(actor.position, int(SQUARE_METRES[miles] ** 0.5) + 1),
            ]
        )
        for miles in MILES
    ]
    in_square = together([(Occur.Should, square) for square in squares])
    query = together([(Occur.Must, shown), (Occur.Must, in_square)])
    hits = searcher.search(query, limit=answer.count, count=False).hits
    addresses = [address for _score, address in hits]
    numbers: list[list[Any]] = [
        searcher.fast_field_values(name, addresses)
        for name in ("id", "miles", "easting", "northing")
    ]
    our_east, our_north = actor.position
    return [
        number
        for number, miles, east, north in zip(*numbers, strict=True)
        if (east - our_east) ** 2 + (north - our_north) ** 2 <= SQUARE_METRES[miles]
    ]


def _narrowed(reaches: list[str], traits: Trait) -> Query:
    """What is shown so far and narrowed to kinds of school of which ours is one."""
    parts = [(Occur.Must, any_of("seen_by", reaches))]
    for dimension in DIMENSIONS:
        values = [_any_trait(dimension), *(_value(trait) for trait in traits & dimension)]
        parts.append((Occur.Must, any_of("only", values)))
    return together(parts)


def _value(trait: Trait) -> str:
    return str(int(trait))


def _any_trait(dimension: Trait) -> str:
    return f"any:{int(dimension)}"
