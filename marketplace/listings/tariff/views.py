"""The page of the tariff for everybody, and the operator's to change it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.tariff import service
from marketplace.listings.tariff.forms import GRADE_LABELS, UNIT_LABELS, TariffForm, values_of
from marketplace.listings.tariff.models import Grade, Unit
from marketplace.listings.tariff.presenters import tariff_table
from marketplace.listings.tariff.queries import current_tariff
from marketplace.settings import current_policy

blueprint = Blueprint("tariff", __name__)


@blueprint.get("/tariff")
@access(needs(Permission.VIEW_LISTINGS))
def tariff() -> ResponseReturnValue:
    """Show what help should cost, and what it usually costs by topic."""
    return render_template(
        "listings/tariff.html",
        tariff=tariff_table(db.session()),
        may_change=current_actor().may(Permission.MANAGE_NETWORK),
    )


@blueprint.route("/network/tariff", methods=["GET", "POST"])
@access(needs(Permission.MANAGE_NETWORK))
def change() -> ResponseReturnValue:
    """Change what help should cost."""
    present = current_tariff(db.session())
    form = TariffForm(current_policy(), data=values_of(present))
    if form.validate_on_submit():
        service.change_tariff(
            db.session(),
            current_actor(),
            form.rates(),
            form.note.data or "",
            version=form.seen_version,
        )
        flash("Changed. Schools see it from now on.", "success")
        return redirect(url_for(".tariff"))
    page = render_template(
        "listings/change_tariff.html",
        form=form,
        units=[(UNIT_LABELS[unit], [form.rate(unit, grade) for grade in Grade]) for unit in Unit],
        grades=[GRADE_LABELS[grade] for grade in Grade],
    )
    return page, form.status
