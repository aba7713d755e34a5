"""The form that adds a word to the search."""

from __future__ import annotations

from wtforms import SelectField

from marketplace.listings.forms import topic_options
from marketplace.search.own_words.models import LONGEST_PHRASE
from marketplace.web.fields import line, options
from marketplace.web.forms import Form


class OwnWordForm(Form):
    """A phrase, and what it means."""

    phrase = line(
        "Word or phrase",
        most=LONGEST_PHRASE,
        description="As people type it: a programme, an abbreviation, another spelling.",
    )
    same_as = line(
        "Is the same as",
        most=LONGEST_PHRASE,
        required=False,
        description="Another word, like “phonics”. Searches for either then find both.",
    )
    topic = SelectField("Or means the topic")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.topic.choices = [*options([("", "No topic")]), *topic_options()]
