"""The credits of a trust: all its schools on one page, and the statement of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.clock import LONDON, today
from marketplace.credits.chart import account_code, account_names
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.statements.downloads.views import download
from marketplace.statements.period import Period, before_opening, presets
from marketplace.statements.trust.downloads import csv_rows, write_spreadsheet
from marketplace.statements.trust.presenters import trust_page
from marketplace.statements.trust.queries import (
    TrustFigures,
    TrustSchools,
    find_school_of_trust,
    schools_of_trust,
    trust_figures,
    trust_of,
)
from marketplace.statements.views import requested_period, statement_page
from marketplace.web.tables import csv_response, spreadsheet_response

blueprint = Blueprint("trust_credits", __name__, url_prefix="/trust/credits")

READ = needs(Permission.VIEW_TRUST_CREDITS, school=True)


@blueprint.get("")
@access(READ)
def credits() -> ResponseReturnValue:
    """Show the figures of every school of the trust, and what the trust comes to as one."""
    trust, period = _requested()
    here = url_for(".credits")
    joined_on = _joined_on(trust)
    context: dict[str, Any] = {
        "trust": trust,
        "period": period,
        "presets": [
            (preset.label, url_for(".credits", period=preset.slug), preset.period == period)
            for preset in presets()
            if preset.period.end >= joined_on
        ],
        "typed": {name: request.args.get(name, "") for name in ("start", "end")},
        "here": here,
        "hidden_values": {},
    }
    if period.problem:
        body = render_template("statements/no_statement.html", name=trust.name, **context)
        return body, 422
    report = _read(trust, period)
    query: dict[str, Any] = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    return render_template(
        "statements/trust.html",
        **context,
        page=trust_page(report.figures, period, report.names),
        reaches_today=period.end == today(),
        downloads=[
            ("Excel", url_for(".credits_xlsx", **query)),
            ("CSV", url_for(".credits_csv", **query)),
        ],
        produced_at=clock.now(),
    )


@blueprint.get("/schools.csv")
@access(READ)
def credits_csv() -> ResponseReturnValue:
    """Return the figures of every school of the trust as CSV."""
    report = _report()
    rows = csv_rows(report.figures, report.period, report.names)
    _log_download(report.trust, "csv")
    return csv_response(f"{_filename(report.period)}.csv", rows)


@blueprint.get("/schools.xlsx")
@access(READ)
def credits_xlsx() -> ResponseReturnValue:
    """Return the figures of every school of the trust as a spreadsheet."""
    report = _report()
    file = TemporaryFile()  # noqa: SIM115  # who sends it closes it
    write_spreadsheet(
        report.figures,
        report.period,
        report.names,
        file,
        trust_name=report.trust.name,
        produced_at=clock.now(),
        produced_by=current_actor().person_name,
    )
    _log_download(report.trust, "xlsx")
    return spreadsheet_response(f"{_filename(report.period)}.xlsx", file)


@blueprint.get("/schools/<int:urn>")
@access(READ)
def school_statement(urn: int) -> ResponseReturnValue:
    """Show the statement of one school of the trust."""
    code = _school_code(urn)
    return statement_page(
        code,
        "trust_credits.school_statement",
        {"urn": urn},
        back=(url_for(".credits", **_typed_period()), "All schools of the trust"),
    )


@blueprint.get("/schools/<int:urn>/statement.csv")
@access(READ)
def school_statement_csv(urn: int) -> ResponseReturnValue:
    """Return the statement of one school of the trust as CSV."""
    return download(_school_code(urn), requested_period(), "csv")


@blueprint.get("/schools/<int:urn>/statement.xlsx")
@access(READ)
def school_statement_xlsx(urn: int) -> ResponseReturnValue:
    """Return the statement of one school of the trust as a spreadsheet."""
    return download(_school_code(urn), requested_period(), "xlsx")


@blueprint.get("/schools/<int:urn>/statement.pdf")
@access(READ)
def school_statement_pdf(urn: int) -> ResponseReturnValue:
    """Return the statement of one school of the trust as a PDF."""
    return download(_school_code(urn), requested_period(), "pdf")


@dataclass(frozen=True, slots=True)
class _Report:
    """The figures of a trust for a period, and the names of the schools in them."""

    trust: TrustSchools
    period: Period
    figures: TrustFigures
    names: dict[str, str]


def _requested() -> tuple[TrustSchools, Period]:
    """The trust whose credits the person reads, and the period that the address asks for."""
    trust = schools_of_trust(db.session(), trust_of(current_actor()))
    return trust, before_opening(requested_period(), _joined_on(trust))


def _joined_on(trust: TrustSchools) -> date:
    """The day on which the first of its schools joined."""
    return trust.joined_at.astimezone(LONDON).date()


def _report() -> _Report:
    """The figures that a download is of.

    Raises:
        Refusal: the period has a problem.
    """
    trust, period = _requested()
    if period.problem:
        raise Refusal(period.problem)
    return _read(trust, period)


def _read(trust: TrustSchools, period: Period) -> _Report:
    figures = trust_figures(db.session(), trust.urns, period)
    codes = {account_code(urn) for urn in trust.urns}
    names = account_names(db.session(), codes | figures.by_partner.keys())
    return _Report(trust, period, figures, names)


def _school_code(urn: int) -> str:
    return account_code(find_school_of_trust(db.session(), current_actor(), urn).urn)


def _typed_period() -> dict[str, Any]:
    """The period as the address names it, for a link to the same one elsewhere."""
    return {name: request.args[name] for name in ("start", "end", "period") if name in request.args}


def _filename(period: Period) -> str:
    return f"trust-credits-{period.start}-{period.end}"


def _log_download(trust: TrustSchools, form: str) -> None:
    actor = current_actor()
    record_apart(
        SecurityKind.EXPORTED,
        person_id=actor.person_id,
        actor_id=actor.person_id,
        school_urn=actor.urn,
        trust=trust.name,
        form=form,
    )
