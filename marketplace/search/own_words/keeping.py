"""Every process knows the operator's words: it reads them again every few seconds.

A search does not ask for them here: it knows the words that its index was written with.
"""

from __future__ import annotations

from flask import Flask, current_app, has_app_context
from sqlalchemy.orm import Session

from marketplace.search.own_words.queries import words_in_force
from marketplace.search.remembering import Remembered
from marketplace.search.words.topics import topics_of
from marketplace.search.words.vocabulary import Addition, Vocabulary, vocabulary, vocabulary_with

KEY = "skillbank.search.own_words"


def init_app(app: Flask) -> None:
    """Let the application ask for the words as they are now."""
    app.extensions[KEY] = Remembered(words_in_force, Addition, vocabulary_with)


def current_vocabulary() -> Vocabulary:
    """Return the words of the product with what the operator said of them."""
    return _remembered().current() if has_app_context() else vocabulary()


def topics_meant(text: str) -> list[str]:
    """Return the topics that a text is about, the likeliest first, by the words as they are now."""
    return topics_of(text, current_vocabulary())


def forget_words_after_commit(session: Session) -> None:
    """Let this process know at once what it is about to commit, or that it was rolled back."""
    _remembered().forget_after_commit(session)


def _remembered() -> Remembered[Addition, Vocabulary]:
    remembered: Remembered[Addition, Vocabulary] = current_app.extensions[KEY]
    return remembered
