"""The operator's forms: pause a school, let it leave, decide who carries on for it."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from marketplace.network.proposals import LONGEST_NOTE
from marketplace.network.service import LONGEST_REASON
from marketplace.web.fields import RadioField, line, options, text
from marketplace.web.forms import Form

TO_NETWORK, TO_SCHOOL = "network", "school"
ANOTHER = "another"


class FreezeForm(Form):
    """Why a school is paused."""

    reason = text(
        "Reason",
        most=LONGEST_REASON,
        description="The school’s people read it. Say what has to happen before it goes on.",
        render_kw={"rows": 3},
    )


class LeaveForm(Form):
    """Why a school leaves, and where its credits go."""

    seen = HiddenField()
    reason = text(
        "Reason",
        most=LONGEST_REASON,
        description="It is kept with the school, for the network’s operators.",
        render_kw={"rows": 3},
    )
    credits_to = RadioField(
        "Where do its credits go?",
        choices=options(
            [
                (TO_NETWORK, "Back to the network, as a gift"),
                (TO_SCHOOL, "To another school, as a gift"),
            ]
        ),
        default=TO_NETWORK,
    )
    heir = line("URN of that school", most=9, required=False, render_kw={"inputmode": "numeric"})

    @property
    def heir_urn(self) -> int | None:
        """The school that is given the credits; 0 for what is no URN."""
        if self.credits_to.data != TO_SCHOOL:
            return None
        return urn_in(self.heir.data)


class SuccessorForm(Form):
    """Who is to carry on for a closed school."""

    to = RadioField("Who carries on?")
    other = line(
        "URN of another school", most=9, required=False, render_kw={"inputmode": "numeric"}
    )
    write_off = BooleanField("Write off what its credit limit does not cover")
    remark = text(
        "A word for the second person (optional)",
        most=LONGEST_NOTE,
        required=False,
        render_kw={"rows": 2},
    )

    @property
    def to_urn(self) -> int:
        """The school that was chosen; 0 for what is no URN."""
        return urn_in(self.other.data if self.to.data == ANOTHER else self.to.data)


class DecisionForm(Form):
    """A second person's word about a proposal."""

    remark = text("A word why (optional)", most=LONGEST_NOTE, required=False, render_kw={"rows": 2})


def urn_in(typed: str | None) -> int:
    """Return the URN that was typed; 0 if it is none, which no school has."""
    typed = (typed or "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() else 0
