"""The operator's forms: decide who carries on for a closed school."""

from __future__ import annotations

from wtforms import BooleanField

from marketplace.network.proposals import LONGEST_NOTE
from marketplace.web.fields import RadioField, line, text
from marketplace.web.forms import Form

ANOTHER = "another"


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
