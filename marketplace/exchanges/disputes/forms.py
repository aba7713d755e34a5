"""The forms of a dispute."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.validators import InputRequired

from marketplace.credits.fields import CreditsField
from marketplace.credits.formats import minutes_from_typed
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rules import LONGEST_STATEMENT
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.web.fields import RadioField, text
from marketplace.web.forms import VersionedForm


class FigureField(CreditsField):
    """Credits of which none may be due: 0 is a figure, and the verb knows the most."""

    def __init__(self, label: str, *, empty_is_nothing: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self._empty_is_nothing = empty_is_nothing

    def pre_validate(self, form: Any) -> None:
        """Read the figure, or say how one is written."""
        typed = (self.data or "").strip()
        if not typed and self._empty_is_nothing:
            self.minutes = 0
            return
        self.minutes = 0 if typed == "0" else minutes_from_typed(typed)
        if self.minutes is None:
            raise ValidationError(
                f"{self.label.text}: write hours as a number, like 1.5, or 0 if nothing is due."
            )


class StatementForm(VersionedForm):
    """A school's words, and the figure that it holds right."""

    text = text(
        "What happened",
        most=LONGEST_STATEMENT,
        description="What was agreed, what was given, and what is not right. The other school and"
        " the network’s operator read it. Do not name pupils.",
    )
    minutes = FigureField("Credits that you hold right")

    @property
    def figure(self) -> int:
        """The minutes that were filled in, after validation."""
        assert self.minutes.minutes is not None
        return self.minutes.minutes


class OnBehalfForm(StatementForm):
    """The same, written down by the operator for one of the two schools."""

    school = RadioField("For which school?", validators=[InputRequired("Choose a school.")])


class FurtherStatementForm(VersionedForm):
    """Words that a school adds."""

    text = text(
        "Your statement",
        most=LONGEST_STATEMENT,
        description="The other school and the network’s operator read it. Do not name pupils.",
    )


class OfferForm(VersionedForm):
    """The figure at which a school would settle."""

    minutes = FigureField("Credits")


class WithdrawForm(VersionedForm):
    """Why a school withdraws its dispute."""

    reason = text(
        "A few words for the other school (optional)",
        most=LONGEST_STATEMENT,
        required=False,
        render_kw={"rows": 3},
    )


class RulingForm(VersionedForm):
    """What the operator decides, and why."""

    ruling = RadioField("What do you decide?", validators=[InputRequired("Choose a ruling.")])
    minutes = FigureField(
        "Credits that the receiver pays",
        empty_is_nothing=True,
        description="In all. Leave it empty if nothing is due.",
    )
    fund_minutes = FigureField(
        "Credits that the network’s fund pays",
        empty_is_nothing=True,
        description="Only if you share it.",
    )
    reasons = text(
        "Reasons",
        most=LONGEST_STATEMENT,
        description="Both schools read them. Name what decided it, not who is at fault.",
    )

    def decision(self) -> Decision:
        """Return what was filled in, after validation."""
        return Decision(
            Ruling(self.ruling.data),
            self.minutes.minutes or 0,
            self.fund_minutes.minutes or 0,
            self.reasons.data or "",
        )
