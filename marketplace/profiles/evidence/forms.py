"""The form of a piece of evidence."""

from __future__ import annotations

from typing import Any

from wtforms import SelectMultipleField, ValidationError

from marketplace.listings.forms import topic_options
from marketplace.profiles.evidence.models import Evidence, EvidenceKind
from marketplace.profiles.evidence.service import (
    LONGEST_GIVER,
    LONGEST_LINK,
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_TOPICS,
    Piece,
    is_safe_link,
)
from marketplace.web.fields import MonthField, RadioField, line, options
from marketplace.web.forms import VersionedForm

KIND_LABELS = {
    EvidenceKind.AWARD: "Accreditation or award",
    EvidenceKind.HUB: "Hub role: English hub, maths hub, teaching school hub, research school …",
    EvidenceKind.INSPECTION: "Strength in an inspection report (Ofsted)",
    EvidenceKind.IMPACT: "Result or impact",
    EvidenceKind.OTHER: "Other",
}


class EvidenceForm(VersionedForm):
    """A piece of evidence."""

    kind = RadioField(
        "What kind of evidence is it?",
        choices=options((kind.value, label) for kind, label in KIND_LABELS.items()),
    )
    title = line("What it is", most=LONGEST_TITLE, description="Like “Reading school, gold”.")
    given_by = line(
        "Who gave it",
        most=LONGEST_GIVER,
        required=False,
        description="Like “Ofsted” or “Arts Council England”. Empty for your own figures.",
    )
    given_in = MonthField("Month", description="When it was given, or when it was so.")
    valid_until = MonthField(
        "Valid until",
        required=False,
        description="The last month; after it the page says “Expired”. Empty if it does not end.",
    )
    link = line(
        "Link",
        most=LONGEST_LINK,
        required=False,
        description="Where others can read it: a whole address, beginning with https://.",
        render_kw={"inputmode": "url"},
    )
    note = line(
        "In a few words",
        most=LONGEST_NOTE,
        required=False,
        description="What it says about your work, or what changed for pupils.",
    )
    topics = SelectMultipleField(
        "Topics it speaks for",
        description=f"Up to {MOST_TOPICS}. It then stands on your listings of these topics, too.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics.choices = topic_options(kwargs.get("topics", ()))

    def validate_link(self, field: Any) -> None:
        """Refuse what is no whole address of a page."""
        if field.data and not is_safe_link(field.data):
            raise ValidationError(
                "Link: write the whole address of a page, beginning with https://."
            )

    def validate_topics(self, field: SelectMultipleField) -> None:
        """Refuse too many topics."""
        if len(field.data or ()) > MOST_TOPICS:
            raise ValidationError(f"Choose {MOST_TOPICS} topics at most.")

    def piece(self) -> Piece:
        """Return what was filled in, after validation."""
        assert self.given_in.month is not None
        return Piece(
            EvidenceKind(self.kind.data),
            self.title.data or "",
            self.given_by.data or "",
            self.given_in.month,
            self.valid_until.month,
            self.link.data or "",
            self.note.data or "",
            tuple(self.topics.data or ()),
        )


def values_of(evidence: Evidence) -> dict[str, Any]:
    """Return a piece of evidence as the form's data, to change it."""
    return {
        "kind": evidence.kind,
        "title": evidence.title,
        "given_by": evidence.given_by,
        "given_in": evidence.given_in,
        "valid_until": evidence.valid_until,
        "link": evidence.link,
        "note": evidence.note,
        "topics": list(evidence.topics),
        "version": evidence.version,
    }
