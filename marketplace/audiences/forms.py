"""The part of a form that says who may see something."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, SelectField, SelectMultipleField

from marketplace.audiences.audience import MILES, OWN_STAFF_ONLY, Audience, Reach
from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.words import REACH_LABELS
from marketplace.schools.traits import (
    DIMENSION_LABELS,
    EVERY_TRAIT,
    LABELS,
    NO_TRAITS,
    Trait,
    traits_alike,
)
from marketplace.web.fields import RadioField, options

SHOW = "show_audience"
"""The name of the button that only shows who would see it."""

AUDIENCE_HINT = (
    "Only people who are signed in see it. “Every school” means the schools of the network. The"
    " network’s operator and auditors can read everything that is for other schools. What is only"
    " for your own staff the operator reads only with a support access, which your administrators"
    " see, and what is confidential not even so."
)


def _number(typed: str | int | None) -> int | None:
    """A number of a group or of miles; None for anything else, which the service refuses."""
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


class AudienceFields:
    """The fields of an audience, for any form: a mixin, before the form itself.

    Its template prints them with ``audience_fields`` of ``components/audience.html``. With the
    button “Show who sees it” the form is only shown again: it is not valid then.
    """

    audience = RadioField(
        "Who may see it?",
        choices=options((reach.value, REACH_LABELS[reach]) for reach in Reach),
        description=AUDIENCE_HINT,
    )
    audience_group = SelectField("Which group?", coerce=_number, validate_choice=False)
    audience_second_group = SelectField("And another group?", coerce=_number, validate_choice=False)
    audience_miles = SelectField(
        "Within how many miles?",
        coerce=_number,
        validate_choice=False,
        choices=options((str(miles), f"{miles} miles") for miles in MILES),
    )
    audience_alike = BooleanField(
        "Only schools like ours",
        description="Schools of our phase, size and kind, as the register has them.",
    )
    audience_only = SelectMultipleField(
        "Only these kinds of school",
        description="Where you choose nothing, every kind will do.",
        choices=[
            choice
            for dimension, name in DIMENSION_LABELS.items()
            for choice in options(
                ((str(int(trait)), LABELS[trait]) for trait in dimension), group=name
            )
        ],
    )

    own: OwnCircles

    def offer_audiences(self, own: OwnCircles, *, confidential: bool = False) -> None:
        """Set what the school may choose; ``confidential`` for what may be asked without a name."""
        self.own = own
        self.audience_group.choices = options((str(n), name) for n, name in own.groups)
        self.audience_second_group.choices = options(
            [("", "No other group"), *((str(n), name) for n, name in own.groups)]
            if len(own.groups) > 1
            else ()
        )
        self.audience.choices = options(
            (reach.value, REACH_LABELS[reach])
            for reach in Reach
            if (reach != Reach.GROUP or own.groups)
            and (reach != Reach.CONFIDENTIAL or confidential)
        )

    @property
    def is_audience_narrowed(self) -> bool:
        """Whether kinds of school are chosen."""
        return bool(self.audience_alike.data or self.audience_only.data)

    @property
    def only_shows_audience(self) -> bool:
        """Whether the button was pressed that only shows who would see it."""
        return SHOW in request.form

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Say whether this is a post that may be acted on."""
        if self.only_shows_audience:
            return False
        # The form that this is mixed into is the next class.
        valid: bool = super().validate_on_submit(extra_validators)  # type: ignore[misc]
        return valid

    def chosen_audience(self) -> Audience:
        """Return what is chosen; parts that do not go with the reach do not count."""
        chosen = self.audience.data
        reach = Reach(chosen) if chosen in list(Reach) else Reach.NATIONAL
        if reach in OWN_STAFF_ONLY and reach != Reach.CONFIDENTIAL:
            return Audience(reach)
        only, alike = _traits(self.audience_only.data), bool(self.audience_alike.data)
        if alike:
            like_ours = traits_alike(self.own.belonging.traits)
            only = without_alike(only) | like_ours
        has_distance = reach in (Reach.NEAR, Reach.CONFIDENTIAL)
        return Audience(
            reach,
            self.audience_group.data if reach == Reach.GROUP else None,
            self.audience_miles.data if has_distance else None,
            only,
            alike,
            self.audience_second_group.data if reach == Reach.GROUP else None,
        )


def audience_data(audience: Audience) -> dict[str, Any]:
    """Return an audience as the data of these fields."""
    only = without_alike(audience.only) if audience.alike else audience.only
    return {
        "audience": audience.reach.value,
        "audience_group": audience.group_id,
        "audience_second_group": audience.second_group_id,
        "audience_miles": audience.miles or 10,
        "audience_alike": audience.alike,
        "audience_only": [str(int(trait)) for trait in only],
    }


def without_alike(only: Trait) -> Trait:
    """Return the traits of the dimensions in which schools like ours need not be alike."""
    return only & ~traits_alike(EVERY_TRAIT)


def _traits(values: list[str] | None) -> Trait:
    traits = NO_TRAITS
    for trait in Trait:
        if str(int(trait)) in (values or ()):
            traits |= trait
    return traits
