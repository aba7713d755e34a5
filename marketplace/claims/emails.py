"""The e-mails about claims; their words are in ``templates/email/claim_….txt`` and ``.html``."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts import one_time_links
from marketplace.accounts.models import Person
from marketplace.accounts.one_time_links import Purpose
from marketplace.claims.models import Claim
from marketplace.mail.service import queue_email
from marketplace.schools.models import School
from marketplace.web.addresses import site_link


def send_link(session: Session, claim: Claim, school: School, token: str) -> None:
    """E-mail the link that confirms the address of a claim."""
    queue_email(
        session,
        template="claim_link",
        to=claim.email,
        key=f"claim:{claim.id}:link",
        secret=True,
        even_if_failing=True,
        name=claim.name,
        school_name=school.name,
        link=site_link("claims.confirm", token=token),
    )


def send_acceptance(session: Session, claim: Claim, school: School, person: Person) -> None:
    """E-mail the new administrator that the school is in, and how to sign in."""
    link = None
    if person.password_hash is None:
        # For the e-mail; the page that confirms the claim leads on with a link of its own.
        token = one_time_links.make(session, Purpose.INVITATION, person.id)
        link = site_link("accounts.use_link", token=token)
    queue_email(
        session,
        template="claim_accepted",
        to=claim.email,
        person_id=person.id,
        school_urn=school.urn,
        key=f"claim:{claim.id}:accepted",
        secret=link is not None,
        even_if_failing=True,
        name=person.name,
        school_name=school.name,
        link=link,
    )


def send_refusal(session: Session, claim: Claim, school: School) -> None:
    """E-mail that the operator has refused a claim, and why."""
    queue_email(
        session,
        template="claim_refused",
        to=claim.email,
        key=f"claim:{claim.id}:refused",
        name=claim.name,
        school_name=school.name,
        reason=claim.reason,
        school_link=site_link("claims.school", urn=school.urn),
    )


def send_overtaken(session: Session, claim: Claim, school: School) -> None:
    """E-mail that the school got an administrator before the claim was decided."""
    queue_email(
        session,
        template="claim_overtaken",
        to=claim.email,
        key=f"claim:{claim.id}:overtaken",
        name=claim.name,
        school_name=school.name,
        ask_link=site_link("claims.ask", urn=school.urn),
    )


def send_request(
    session: Session, claim: Claim, school: School, administrator: Person, *, is_own: bool
) -> None:
    """E-mail an administrator that a person asks to be added to the school."""
    queue_email(
        session,
        template="claim_asked",
        to=administrator.email,
        person_id=administrator.id,
        school_urn=school.urn,
        key=f"claim:{claim.id}:asked:{administrator.id}",
        name=administrator.name,
        claimant_name=claim.name,
        claimant_job=claim.job,
        claimant_email=claim.email,
        school_name=school.name,
        is_own=is_own,
        people_link=site_link("members.people", urn=school.urn),
    )
