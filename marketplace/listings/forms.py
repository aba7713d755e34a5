"""The form of an offer or a request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, ValidationError

from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.forms import AudienceFields, audience_data
from marketplace.credits.fields import CreditsField
from marketplace.listings.detail_fields import DetailFields, values_of_details
from marketplace.listings.details import Details
from marketplace.listings.models import Kind, Listing, Mode
from marketplace.listings.service import MOST_TOPICS, Draft
from marketplace.listings.suggesting import suggest_topics, topics_named
from marketplace.listings.templates import gaps_in
from marketplace.listings.topics import PHASES, current_topics
from marketplace.listings.typed_topics import TypedTopics
from marketplace.settings import Policy
from marketplace.web.fields import RadioField, line, options, text
from marketplace.web.forms import VersionedForm

KIND_LABELS = {Kind.OFFER: "Offer", Kind.REQUEST: "Request"}
MODE_LABELS = {
    Mode.ON_SITE: "At the school that receives it",
    Mode.AT_OURS: "At the school that gives it",
    Mode.ONLINE: "Online",
}


class ListingForm(TypedTopics, AudienceFields, DetailFields, VersionedForm):
    """The content of a listing, with its details."""

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
        render_kw={"rows": 5},
    )
    topics = SelectMultipleField(
        "Topics", description=f"One to {MOST_TOPICS}, so that the right colleagues find it."
    )
    more_topics = line(
        "Add a topic by its name",
        most=200,
        required=False,
        description="Begin to type, and choose. Several with commas between.",
        render_kw={"list": "topic-names", "autocomplete": "off"},
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
        " with your school’s name and town. Nobody can write to you from there.",
    )

    draft = HiddenField()

    def __init__(self, policy: Policy, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own, confidential=True)
        self.budget.policy = policy
        self.topics.choices = topic_options((kwargs.get("data") or {}).get("topics", ()))
        self.minutes.policy = policy

    @property
    def draft_id(self) -> int | None:
        """The draft that the form was opened with."""
        return number_in(self.draft.data or "")

    def suggest(self) -> int:
        """Tick the topics that the title is about; return how many were not ticked before."""
        slugs, _unknown = topics_named(self.more_topics.data or "")
        self.more_topics.data = ""
        return self.choose_topics([*slugs, *suggest_topics(self.title.data or "")])

    def validate_title(self, field: StringField) -> None:
        """Refuse a gap of a template that nobody has filled in."""
        if gaps := gaps_in(field.data or ""):
            raise ValidationError(
                f"Replace what stands in brackets: {', '.join(gaps)}. It came with the template."
            )

    def validate_description(self, field: StringField) -> None:
        """Refuse a gap of a template that nobody has filled in."""
        self.validate_title(field)

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

    def content(self) -> Draft:
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
            details=self.details(),
        )


def number_in(text: str) -> int | None:
    """Return the number of a thing that an address or a hidden field has; None if it has none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def topic_options(had: Collection[str] = ()) -> list[Any]:
    """Return every topic that is offered, in its group, with the retired ones among ``had``."""
    by_group: dict[str, list[tuple[str, str]]] = {}
    for slug, topic in current_topics().by_slug.items():
        if not topic.retired or slug in had:
            by_group.setdefault(topic.group, []).append((slug, topic.name))
    return [choice for group, topics in by_group.items() for choice in options(topics, group=group)]


def values_of(listing: Listing, details: Details) -> dict[str, Any]:
    """Return a listing with its details as the form's data, to change it."""
    return values_of_details(details) | {
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


def form_as_typed(
    policy: Policy, own: OwnCircles, typed: Mapping[str, list[str]], draft_id: int
) -> ListingForm:
    """Return the form with what a draft has, without a word about what is wrong in it."""
    form = ListingForm(policy, own, formdata=MultiDict(typed))
    form.draft.data = str(draft_id)
    for field in form:
        field.errors, field.process_errors = [], []
    return form
