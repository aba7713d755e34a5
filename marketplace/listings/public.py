"""Finding offers on the public web by what anybody may read of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from marketplace.listings.models import Listing, ListingTopic
from marketplace.listings.suggesting import suggest_topics
from marketplace.listings.topics import current_topics
from marketplace.schools.models import School

MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class PublicCriteria:
    """What a visitor looks for; empty fields ask for nothing. ``topic`` is a slug."""

    words: str = ""
    topic: str = ""

    def condition(self) -> sa.ColumnElement[bool]:
        """Return the condition on a listing whose school is joined.

        Every word is in the title, in the name of a topic, or in the name or town of the school; or
        the words together mean one of its topics. The text of an offer is for schools, so nobody
        learns from the answers what is in it.
        """
        conditions = [_is_about([self.topic])] if self.topic else []
        if words := self.words.split()[:MOST_WORDS]:
            has_all = sa.and_(*map(_has_word, words))
            conditions.append(sa.or_(has_all, _is_about(suggest_topics(self.words))))
        return sa.and_(sa.true(), *conditions)


def _has_word(word: str) -> sa.ColumnElement[bool]:
    def has(column: Any) -> sa.ColumnElement[bool]:
        return column.icontains(word, autoescape=True)

    topics = current_topics().by_slug.items()
    named = [slug for slug, topic in topics if word.casefold() in topic.name.casefold()]
    return sa.or_(has(Listing.title), has(School.name), has(School.town), _is_about(named))


def _is_about(slugs: list[str]) -> sa.ColumnElement[bool]:
    if not slugs:
        return sa.false()
    return sa.exists().where(ListingTopic.listing_id == Listing.id, ListingTopic.topic.in_(slugs))
