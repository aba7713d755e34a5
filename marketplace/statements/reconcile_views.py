"""The page that holds two schools' statements against each other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.credits.chart import SCHOOLS, account_code, account_names, kind_label
from marketplace.database import db
from marketplace.schools.queries import schools_continued_by
from marketplace.statements.entries import find_statement_account
from marketplace.statements.period import presets
from marketplace.statements.presenters import transaction_url
from marketplace.statements.reconciling import list_partners, reconcile
from marketplace.statements.trust.queries import reads_one_of
from marketplace.statements.views import requested_period, requested_school

blueprint = Blueprint("reconciling", __name__, url_prefix="/credits")


@blueprint.get("/reconcile")
@access(needs(Permission.VIEW_LISTINGS))
def reconciliation() -> ResponseReturnValue:
    """Show what two schools have of the transactions between them, and where they differ."""
    actor = current_actor()
    ours = _our_code(actor)
    theirs = request.args.get("with", "").strip()
    period = requested_period()
    their_code = f"{SCHOOLS}{theirs}" if theirs else ""
    problems = _problems(actor, ours, their_code)
    if period.problem:
        problems[period.problem_field] = period.problem
    partners = [] if ours is None or actor.urn is None else list_partners(db.session(), ours)
    codes = {code for code in (ours, *partners) if code and code.startswith(SCHOOLS)}
    if their_code and "with" not in problems:
        codes.add(their_code)
    names = account_names(db.session(), codes)
    comparison = None
    if ours is not None and their_code and not problems:
        comparison = reconcile(db.session(), ours, their_code, period, names)
    query: dict[str, Any] = {
        name: request.args[name] for name in ("of", "with") if request.args.get(name)
    }
    body = render_template(
        "statements/reconcile.html",
        period=period,
        problems={name: problems.get(name, "") for name in ("of", "with", "start", "end")},
        problem=" ".join(problems.values()),
        typed={name: request.args.get(name, "") for name in ("of", "with", "start", "end")},
        presets=[
            (preset.label, url_for(".reconciliation", **query, period=preset.slug))
            for preset in presets()
        ],
        comparison=comparison,
        ours=ours,
        theirs=their_code,
        names=names,
        partners=sorted(
            ((code.removeprefix(SCHOOLS), names[code]) for code in partners if code in names),
            key=lambda partner: partner[1],
        ),
        for_auditors=actor.urn is None,
        back_url=url_for("statements.statement", **_of(query)) if actor.urn is not None else None,
        differing=sum(1 for row in comparison.rows if row.differences) if comparison else 0,
        kind_label=kind_label,
        produced_at=clock.now(),
        transaction_url=transaction_url,
    )
    return body, 422 if problems else 200


def _our_code(actor: Actor) -> str | None:
    """The account of the first school; ``None`` if an auditor has not named one yet.

    Raises:
        NotAllowed: without the role.
        NotFound: for a school that the school acted for does not carry on for.
    """
    if actor.urn is None:
        actor.require(Permission.AUDIT_LEDGER)
        of = request.args.get("of", "").strip()
        return f"{SCHOOLS}{of}" if of else None
    actor.require(Permission.VIEW_STATEMENT)
    of_urn = None
    if request.args.get("of"):
        of_urn = _requested_of_trust(actor) or requested_school(
            schools_continued_by(db.session(), actor.urn)
        )
    return account_code(of_urn or actor.urn)


def _requested_of_trust(actor: Actor) -> int | None:
    """The school that the address names, if the actor reads its credits for its trust."""
    of = request.args.get("of", "")
    if not of.isdecimal() or not reads_one_of(db.session(), actor, [f"{SCHOOLS}{of}"]):
        return None
    return int(of)


def _problems(actor: Actor, ours: str | None, theirs: str) -> dict[str, str]:
    """What is wrong with the schools that the address names, by field."""
    problems = {}
    no_account = "No school of the network has this URN. Write the six figures of its URN."
    if actor.urn is None and ours and find_statement_account(db.session(), ours) is None:
        problems["of"] = no_account
    if theirs and theirs == ours:
        problems["with"] = "Choose two different schools."
    elif theirs and find_statement_account(db.session(), theirs) is None:
        problems["with"] = no_account
    elif theirs and ours is None:
        problems["of"] = "Name both schools."
    return problems


def _of(query: dict[str, Any]) -> dict[str, Any]:
    return {"of": query["of"]} if "of" in query else {}
