"""Topics by typing their names, for a form with a field of all topics."""

from __future__ import annotations

from typing import Any

from wtforms import SelectMultipleField

from marketplace.listings.suggesting import topics_named
from marketplace.web.fields import line


class TypedTopics:
    """A field for the names of topics: a mixin, before the form itself, which has ``topics``.

    Its template prints both with ``topic_picker`` of ``components/topics.html``.
    """

    topics: SelectMultipleField
    more_topics = line(
        "Topics",
        most=200,
        required=False,
        description="Begin to type, and choose. Several with commas between.",
        render_kw={"list": "topic-names", "autocomplete": "off"},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; topics that were typed are chosen first."""
        slugs, unknown = topics_named(self.more_topics.data or "")
        self.choose_topics(slugs)
        # The form that this is mixed into is the next class.
        valid: bool = super().validate(extra_validators)  # type: ignore[misc]
        if unknown:
            named = "”, “".join(name[:40] for name in unknown[:3])
            self.more_topics.errors = [
                *self.more_topics.errors,
                f"We know no topic called “{named}”. Choose one out of the list.",
            ]
            return False
        if not self.more_topics.errors:
            self.more_topics.data = ""
        return valid

    def choose_topics(self, slugs: list[str]) -> int:
        """Tick these topics; return how many were not ticked before."""
        chosen = list(self.topics.data or ())
        new = [slug for slug in dict.fromkeys(slugs) if slug not in chosen]
        self.topics.data = [*chosen, *new]
        return len(new)
