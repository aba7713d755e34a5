"""The verbs of saved searches: save, change, delete, end the alerts by a link."""

from __future__ import annotations

import re
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import SUPPORT_ONLY_READS, Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.listings.models import Listing
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.models import LONGEST_NAME, AlertFrequency, SavedSearch
from marketplace.saved_searches.queries import MOST_SAVED
from marketplace.schools.places import Place, find_place
from marketplace.search.index.folder import BROKEN
from marketplace.search.queries import engine_for
from marketplace.search.understanding import understand
from marketplace.web.texts import visible


def save_search(
    session: Session,
    actor: Actor,
    criteria: SavedCriteria,
    name: str,
    frequency: AlertFrequency,
    *,
    exactly: bool = False,
    idempotency_key: str,
) -> SavedSearch:
    """Save a search for the person at the school acted for; one key saves it once.

    Words that the search takes for slips are saved as they are meant, unless ``exactly``. Without a
    name, it is called after what is searched for.

    Raises:
        NotAllowed: without the role.
        Refusal: for a place that nobody knows, or too many saved searches.
    """
    _require(actor)
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session, SavedSearch, key, same_as=lambda search: search.school_urn == actor.urn
    )
    if existing is not None:
        return existing
    if criteria.near:
        place = find_place(session, criteria.near, actor.position)
        if place is None:
            raise Refusal(f"We know no place “{criteria.near[:40]}”, so this cannot be saved.")
        criteria = _near(criteria, place)
    if criteria.words and not exactly:
        criteria = replace(criteria, words=_as_meant(session, actor, criteria.words))
    saved = session.scalar(
        sa.select(sa.func.count()).where(
            SavedSearch.person_id == actor.person_id, SavedSearch.school_urn == actor.urn
        )
    )
    if (saved or 0) >= MOST_SAVED:
        raise Refusal(f"You have saved {MOST_SAVED} searches already. Delete one first.")
    now = clock.now()
    search = SavedSearch(
        person_id=actor.person_id,
        school_urn=actor.school(),
        name=_name(name or criteria.in_words()),
        criteria=criteria.stored(),
        frequency=frequency,
        seen_up_to=session.scalar(sa.select(sa.func.max(Listing.id))) or 0,
        last_run_at=now,
        created_at=now,
        version=1,
        idempotency_key=key,
    )
    session.add(search)
    session.flush()
    return search


def change_search(
    session: Session,
    actor: Actor,
    search: SavedSearch,
    name: str,
    frequency: AlertFrequency,
    *,
    version: int,
) -> SavedSearch:
    """Give a saved search another name, or let it tell at other times.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is another person’s.
        Conflict: if it has been changed since, in another window say.
    """
    _require_own(search, actor)
    session.refresh(search, with_for_update=True)
    if search.version != version:
        raise Conflict("You have changed this search in another window. Send it again if you wish.")
    if search.frequency == AlertFrequency.OFF and frequency != AlertFrequency.OFF:
        # What came while it was off is not news any more.
        search.seen_up_to = session.scalar(sa.select(sa.func.max(Listing.id))) or 0
        search.last_run_at = clock.now()
    search.name = _name(name)
    search.frequency = frequency
    search.version += 1
    session.flush()
    return search


def delete_search(session: Session, actor: Actor, search: SavedSearch) -> None:
    """Delete a saved search with its log.

    Raises:
        NotAllowed: without the role.
        NotFound: if it is another person’s.
    """
    _require_own(search, actor)
    session.delete(search)
    session.flush()


def end_alerts(session: Session, search_id: int) -> None:
    """Let a saved search tell of nothing any more, for the signed link in its e-mails."""
    session.execute(
        sa.update(SavedSearch)
        .where(SavedSearch.id == search_id)
        .values(frequency=AlertFrequency.OFF, version=SavedSearch.version + 1),
        execution_options={"synchronize_session": False},
    )


def _require(actor: Actor) -> None:
    actor.require(Permission.VIEW_LISTINGS)
    if actor.support_id is not None:
        raise NotAllowed(SUPPORT_ONLY_READS)
    actor.school()


def _require_own(search: SavedSearch, actor: Actor) -> None:
    _require(actor)
    if (search.person_id, search.school_urn) != (actor.person_id, actor.urn):
        raise NotFound


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not visible(name) or len(name) > LONGEST_NAME:
        raise Refusal(f"Write a name of at most {LONGEST_NAME} characters.", field="name")
    return name


def _near(criteria: SavedCriteria, place: Place) -> SavedCriteria:
    """The criteria with where the place is; near a region is what is in it."""
    if place.region is None:
        return replace(criteria, position=place.position)
    values = {"region": (place.region,), **criteria.values}
    return replace(criteria, values=values, near="", within_miles=None)


def _as_meant(session: Session, actor: Actor, words: str) -> str:
    """The words, with what the search takes for slips put right; as they are without an index."""
    try:
        understood = understand(engine_for(session, actor), words)
    except BROKEN:
        return words
    for typed, meant in understood.corrected:
        words = re.sub(rf"\b{re.escape(typed)}\b", meant, words, flags=re.IGNORECASE)
    return words
