"""The form of an offer or a request."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectMultipleField, ValidationError

from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.forms import AudienceFields, audience_data
from marketplace.credits.fields import CreditsField
from marketplace.listings.models import Kind, Listing, Mode
from marketplace.listings.service import MOST_TOPICS, Draft
from marketplace.listings.topics import PHASES, topics_by_group
from marketplace.settings import Policy
from marketplace.web.fields import RadioField, line, options, text
from marketplace.web.forms import VersionedForm

KIND_LABELS = {Kind.OFFER: "Offer", Kind.REQUEST: "Request"}
MODE_LABELS = {
    Mode.ON_SITE: "At the school that receives it",
    Mode.AT_OURS: "At the school that gives it",
    Mode.ONLINE: "Online",
}


class ListingForm(AudienceFields, VersionedForm):
    """The content of a listing."""

    kind = RadioField(
        "What is it?",
        choices=options(
            [
                (Kind.OFFER.value, "An offer: we can help others"),
                (Kind.REQUEST.value, "A request: we are looking for help"),
            ]
        ),
    )
    title = line(
        "Title",
        most=100,
        description="A few words that say what it is, like “KS1 phonics coaching”.",
    )
    description = text(
        "Description",
        most=4000,
        description="What happens, for whom, and what the other school should bring or prepare.",
        render_kw={"rows": 10},
    )
    topics = SelectMultipleField(
        "Topics", description=f"One to {MOST_TOPICS}, so that the right colleagues find it."
    )
    phases = SelectMultipleField("Phases it is for", choices=options(PHASES.items()))
    mode = RadioField(
        "Where does it happen?", choices=options((m.value, MODE_LABELS[m]) for m in Mode)
    )
    minutes = CreditsField(
        "Credits",
        description="1 credit is 1 hour of a colleague’s time, like 1.5 or 3. The two schools"
        " agree the exact hours later.",
    )
    public = BooleanField(
        "Also show this offer on the public web",
        description="Then anybody, search engines included, can read its title, topics and phases"
        " with your school’s name and town. Nobody can write to you from there. Requests are"
        " never shown.",
    )

    def __init__(self, policy: Policy, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own, confidential=True)
        self.topics.choices = topic_options()
        self.minutes.policy = policy

    def validate_topics(self, field: SelectMultipleField) -> None:
        """Refuse no topic, or more than the most."""
        if not field.data:
            raise ValidationError("Choose at least one topic.")
        if len(field.data) > MOST_TOPICS:
            raise ValidationError(
                f"Choose at most {MOST_TOPICS} topics; you chose {len(field.data)}."
            )

    def validate_phases(self, field: SelectMultipleField) -> None:
        """Refuse a listing without a phase."""
        if not field.data:
            raise ValidationError("Choose at least one phase.")

    def draft(self) -> Draft:
        """Return what was filled in, after validation."""
        assert self.minutes.minutes is not None
        return Draft(
            kind=self.kind.data,
            title=self.title.data or "",
            description=self.description.data or "",
            topics=tuple(self.topics.data or ()),
            phases=tuple(self.phases.data or ()),
            mode=self.mode.data,
            minutes=self.minutes.minutes,
            audience=self.chosen_audience(),
            public=bool(self.public.data),
        )


def topic_options() -> list[Any]:
    """Return every topic, in its group."""
    return [
        choice
        for group, topics in topics_by_group().items()
        for choice in options(((topic.slug, topic.name) for topic in topics), group=group)
    ]


def values_of(listing: Listing) -> dict[str, Any]:
    """Return a listing as the form's data, to change it."""
    return {
        "kind": listing.kind,
        "title": listing.title,
        "description": listing.description,
        "topics": [topic.topic for topic in listing.topics],
        "phases": [phase.phase for phase in listing.phases],
        "mode": listing.mode,
        "minutes": listing.minutes,
        **audience_data(listing.seen_by),
        "public": listing.public,
        "version": listing.version,
    }
