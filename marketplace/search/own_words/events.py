"""What happens to the operator's words, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class OwnWordAdded(Event):
    """The search knows another phrase."""

    type = "search.word_added"
    own_word_id: int


@dataclass(frozen=True, kw_only=True)
class OwnWordTakenAway(Event):
    """The search no longer knows a phrase that the operator had added."""

    type = "search.word_taken_away"
    own_word_id: int


@dataclass(frozen=True, kw_only=True)
class WordTakenOut(Event):
    """A word that comes with the product does not mean a topic any more."""

    type = "search.word_taken_out"
    own_word_id: int


@dataclass(frozen=True, kw_only=True)
class WordPutBack(Event):
    """A word that comes with the product means a topic again."""

    type = "search.word_put_back"
    own_word_id: int
