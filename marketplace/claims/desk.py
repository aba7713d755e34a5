"""The operator's queue of claims: what speaks for and against each, and the decision."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.claims import queries, service
from marketplace.claims.domains import check_address, registered_domain, schools_at
from marketplace.claims.forms import ApprovalForm, RefusalForm
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.presenters import evidence
from marketplace.database import db
from marketplace.schools.models import School
from marketplace.settings import current_policy

MANAGE = needs(Permission.MANAGE_NETWORK)


@access(MANAGE)
def claims() -> ResponseReturnValue:
    """Show the claims that wait for a decision, or those that are decided."""
    decided = request.args.get("show") == "decided"
    page = queries.list_claims(
        db.session(), current_actor(), decided=decided, after=request.args.get("after", "")
    )
    show = "decided" if decided else None
    return render_template(
        "claims/claims.html",
        rows=page.rows,
        label=_label,
        decided=decided,
        tabs=[
            ("To be decided", url_for(".claims"), not decided),
            ("Decided", url_for(".claims", show="decided"), decided),
        ],
        next_url=url_for(".claims", show=show, after=page.next) if page.next else None,
    )


@access(MANAGE)
def one_claim(claim_id: int) -> ResponseReturnValue:
    """Show one claim, with what speaks for and against it."""
    return _claim_page(claim_id, ApprovalForm(formdata=None), RefusalForm(formdata=None))


@access(MANAGE, recent=True)
def approve(claim_id: int) -> ResponseReturnValue:
    """Approve a claim."""
    form = ApprovalForm()
    if form.validate_on_submit():
        claim = service.approve_claim(
            db.session(), current_actor(), claim_id, form.note.data or "", current_policy()
        )
        flash(f"Approved. {claim.name} has been told by e-mail how to sign in.", "success")
        return redirect(url_for(".claims"))
    return _claim_page(claim_id, form, RefusalForm(formdata=None))


@access(MANAGE, recent=True)
def refuse(claim_id: int) -> ResponseReturnValue:
    """Refuse a claim, with a reason."""
    form = RefusalForm()
    if form.validate_on_submit():
        claim = service.refuse_claim(
            db.session(), current_actor(), claim_id, form.reason.data or ""
        )
        flash(f"Refused. {claim.name} has been told by e-mail, with your reason.", "success")
        return redirect(url_for(".claims"))
    return _claim_page(claim_id, ApprovalForm(formdata=None), form)


def _claim_page(claim_id: int, approval: ApprovalForm, refusal: RefusalForm) -> ResponseReturnValue:
    """The page of a claim, with the errors of the form that was sent."""
    session, actor = db.session(), current_actor()
    claim = queries.get_claim(session, actor, claim_id)
    school = claim.school
    check = check_address(session, school, claim.email)
    others = queries.other_claims(session, claim)
    sent = refusal if refusal.errors else approval
    is_waiting = claim.state == ClaimState.WAITING
    page = render_template(
        "claims/one_claim.html",
        claim=claim,
        school=school,
        label=_label,
        evidence=evidence(
            claim,
            check,
            others,
            _trust_schools(school, claim),
            has_people=is_waiting and queries.has_people(session, school),
        ),
        others=others,
        colleagues=queries.colleagues_in_trust(session, school),
        is_waiting=is_waiting,
        form=sent,
        approval=approval,
        refusal=refusal,
    )
    return page, sent.status


def _trust_schools(school: School, claim: Claim) -> list[str]:
    """The other schools of the trust whose website is at the domain of the address."""
    domain = registered_domain(claim.email.rpartition("@")[2])
    if domain is None or school.trust_id is None:
        return []
    rows = schools_at(db.session(), domain, School.trust_id == school.trust_id)
    return [name for urn, name in rows if urn != school.urn]


def _label(claim: Claim) -> str:
    """The state of a claim in words."""
    return ClaimState(claim.state).label
