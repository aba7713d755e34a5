"""The forms about topics."""

from __future__ import annotations

from wtforms import SelectField

from marketplace.listings.topics import LONGEST_NAME, Topics
from marketplace.web.fields import line, options, text
from marketplace.web.forms import Form, VersionedForm


class NewTopicForm(Form):
    """A topic of a group, or a group."""

    name = line("Name", most=LONGEST_NAME, description="As schools should read it.")
    group = SelectField("In the group")

    def __init__(self, known: Topics, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.group.choices = options([*known.groups.items(), ("", "None: it is a new group")])


class TopicForm(VersionedForm):
    """The name of a topic, its group, and more words that mean it; a group has only a name."""

    name = line("Name", most=LONGEST_NAME)
    group = SelectField("In the group")
    more_words = text(
        "Add words for it",
        most=4000,
        required=False,
        description="Synonyms, abbreviations and programmes, one on each line. Searches for them"
        " lead to this topic within a minute or two. A word that another topic has is moved here.",
    )

    def __init__(self, known: Topics, *, is_group: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.group.choices = options(known.groups.items())
        if is_group:
            del self.group, self.more_words


class RetireForm(Form):
    """What a retired topic leads to."""

    successor = SelectField(
        "Searches for it also find", description="A topic that is offered in its place, if any."
    )

    def __init__(self, known: Topics, slug: str) -> None:
        super().__init__()
        others = [(one.slug, one.name) for one in known.offered.values() if one.slug != slug]
        self.successor.choices = options([("", "No other topic"), *others])
        if slug not in known.by_slug:
            del self.successor
