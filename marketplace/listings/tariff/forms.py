"""The form of the tariff."""

from __future__ import annotations

from typing import Any

from marketplace.credits.fields import CreditsField
from marketplace.listings.tariff.models import Grade, Unit
from marketplace.listings.tariff.queries import CurrentTariff, Rates
from marketplace.listings.tariff.service import LONGEST_NOTE
from marketplace.settings import Policy
from marketplace.web.fields import text
from marketplace.web.forms import VersionedForm

UNIT_LABELS = {Unit.HOUR: "An hour", Unit.HALF_DAY: "Half a day", Unit.DAY: "A day"}
GRADE_LABELS = {
    Grade.COLLEAGUE: "A colleague",
    Grade.SPECIALIST: "A specialist leader",
    Grade.EXPERT: "A national expert",
}


def field_name(unit: Unit, grade: Grade) -> str:
    """Return the name of the field of one rate."""
    return f"{unit}_{grade}"


class TariffForm(VersionedForm):
    """What one unit of help should cost, by who gives it."""

    note = text(
        "What schools should know",
        most=LONGEST_NOTE,
        required=False,
        description="Stands under the table: travel, preparation, groups.",
        render_kw={"rows": 4},
    )

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for unit in Unit:
            for grade in Grade:
                self.rate(unit, grade).policy = policy

    def rate(self, unit: Unit, grade: Grade) -> CreditsField:
        """Return the field of one rate."""
        field: CreditsField = self[field_name(unit, grade)]
        return field

    def rates(self) -> Rates:
        """Return what was filled in, after validation."""
        return {
            (unit, grade): self.rate(unit, grade).minutes or 0 for unit in Unit for grade in Grade
        }


for _unit in Unit:
    for _grade in Grade:
        setattr(
            TariffForm,
            field_name(_unit, _grade),
            CreditsField(f"{UNIT_LABELS[_unit]}, {GRADE_LABELS[_grade].lower()}"),
        )


def values_of(tariff: CurrentTariff) -> dict[str, Any]:
    """Return the tariff as the form's data."""
    return {field_name(*which): minutes for which, minutes in tariff.rates.items()} | {
        "note": tariff.note,
        "version": tariff.version,
    }
