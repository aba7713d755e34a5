"""The forms of the directory of expertise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wtforms import SelectField, SelectMultipleField, ValidationError

from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.forms import AudienceFields, audience_data
from marketplace.listings.forms import topic_options
from marketplace.listings.topics import PHASES
from marketplace.listings.typed_topics import TypedTopics
from marketplace.members.service import Colleague
from marketplace.profiles.experts.asking import ASKED_BY_WORDS
from marketplace.profiles.experts.models import AskedBy, Expertise, LabelKind
from marketplace.profiles.experts.service import MOST_TOPICS, Said
from marketplace.profiles.experts.vocabulary import EXPERT_ROLES
from marketplace.web.fields import RadioField, line, options
from marketplace.web.forms import VersionedForm


class _SaidForm(TypedTopics, VersionedForm):
    """What somebody is good at."""

    topics = SelectMultipleField(
        "All topics",
        description=f"One to {MOST_TOPICS}. Add another entry for what is for other phases.",
    )
    phases = SelectMultipleField("For which phases", choices=options(PHASES.items()))
    roles = SelectMultipleField("Roles and accreditations", choices=options(EXPERT_ROLES.items()))
    languages = line(
        "Languages besides English",
        most=200,
        required=False,
        description="With commas between, like “Polish, Urdu”.",
    )
    words = line(
        "In a few words",
        most=300,
        required=False,
        description="What colleagues can ask about, like “I led our move to a new scheme”.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics.choices = topic_options((kwargs.get("data") or {}).get("topics", ()))

    def validate_topics(self, field: SelectMultipleField) -> None:
        """Refuse no topic, or more than the most."""
        if not 0 < len(field.data or ()) <= MOST_TOPICS:
            raise ValidationError(f"Choose one to {MOST_TOPICS} topics.")

    def validate_phases(self, field: SelectMultipleField) -> None:
        """Refuse an expertise for no phase."""
        if not field.data:
            raise ValidationError("Choose at least one phase.")

    def said(self) -> Said:
        """Return what was filled in, after validation."""
        return Said(
            topics=tuple(self.topics.data or ()),
            phases=tuple(self.phases.data or ()),
            roles=tuple(self.roles.data or ()),
            languages=tuple((self.languages.data or "").split(",")),
            words=self.words.data or "",
        )


class SuggestionForm(_SaidForm):
    """What an administrator thinks that a colleague is good at."""

    person = SelectField("Colleague", coerce=str)

    def __init__(self, colleagues: Iterable[Colleague], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(colleague.person_id), colleague.name) for colleague in colleagues]
        self.person.choices = options([("", "Choose"), *people])

    def validate_person(self, field: SelectField) -> None:
        """Refuse a suggestion to nobody."""
        if not field.data:
            raise ValidationError("Choose a colleague.")


class ExpertiseForm(AudienceFields, _SaidForm):
    """What a person is good at, who sees it, and who may ask."""

    asked_by = RadioField("Who may ask me about this?")
    contact = line(
        "How colleagues reach me",
        most=200,
        required=False,
        description="An address, an extension, or when you are in the staff room. Only those who"
        " may ask you see it. Empty: they ask at your school’s office.",
    )

    def __init__(self, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own)
        self.asked_by.choices = options(
            (asked_by.value, words)
            for asked_by, words in ASKED_BY_WORDS.items()
            if asked_by is not AskedBy.TRUST or own.belonging.trust_id is not None
        )

    def said(self) -> Said:
        """Return what was filled in, after validation."""
        return replace(
            super().said(),
            asked_by=AskedBy(self.asked_by.data),
            contact=self.contact.data or "",
            audience=self.chosen_audience(),
        )


def values_of(expertise: Expertise) -> dict[str, Any]:
    """Return an expertise as the form's data, to change it."""
    return {
        "topics": list(expertise.values(LabelKind.TOPIC)),
        "phases": list(expertise.values(LabelKind.PHASE)),
        "roles": list(expertise.values(LabelKind.ROLE)),
        "languages": ", ".join(expertise.values(LabelKind.LANGUAGE)),
        "words": expertise.words,
        "asked_by": expertise.asked_by,
        "contact": expertise.contact,
        **audience_data(expertise.seen_by),
        "version": expertise.version,
    }
