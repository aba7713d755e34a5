"""Claiming a school: the claim, its confirmation, and the operator's decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import normalise_email
from marketplace.claims import emails
from marketplace.claims.accepting import accept
from marketplace.claims.domains import check_address
from marketplace.claims.events import (
    ClaimApproved,
    ClaimConfirmed,
    ClaimMade,
    ClaimRefused,
    ClaimWaiting,
    JoinRequested,
)
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.queries import (
    administrators_of,
    count_of_a_day,
    final_successor,
    has_administrator,
    has_people,
)
from marketplace.errors import Conflict, NotFound, Refusal, TooMany
from marketplace.idempotency import idempotent
from marketplace.mail.service import mark_working
from marketplace.outbox.service import record
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.web.tokens import hash_token, new_token

LINK_LASTS = timedelta(hours=24)

MOST_OF_ADDRESS = 3
MOST_OF_NETWORK_ADDRESS = 10
MOST_FOR_SCHOOL = 10
"""How many claims and requests of one e-mail address, of one network address, and for one school
are taken in 24 hours. A trust's office may claim several schools from one network address."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims a school, or asks to be added to it, and from where."""

    name: str
    job: str
    email: str
    network_address: str
    roles: frozenset[Role] = frozenset()


def make_claim(
    session: Session, school: School, claimant: Claimant, *, idempotency_key: str
) -> Claim:
    """Claim ``school``, and e-mail the link that confirms the address.

    What happens is the same whether or not the address has an account. A second claim of the same
    address for the school ends the link of the first.

    Raises:
        Refusal: if the address is not one, if the school cannot be claimed, or if there were too
            many claims from here (`TooMany`).
    """
    email = _address(claimant.email)
    existing = _sent_before(session, school, email, claimant, idempotency_key)
    if existing is not None:
        return existing
    refuse_unless_claimable(session, school)
    _refuse_too_many(session, school, email, claimant.network_address)
    session.execute(
        sa.update(Claim)
        .where(Claim.school_urn == school.urn, Claim.email == email, Claim.state == ClaimState.SENT)
        .values(state=ClaimState.REPLACED, token_hash=None)
    )
    token = new_token()
    claim = _new_claim(school, email, claimant, ClaimState.SENT, idempotency_key)
    claim.token_hash = hash_token(token)
    claim.link_expires_at = claim.created_at + LINK_LASTS
    session.add(claim)
    session.flush()
    emails.send_link(session, claim, school, token)
    record(session, ClaimMade(actor_id=None, school_urns=(school.urn,), claim_id=claim.id))
    record_security(session, SecurityKind.CLAIM_MADE, school_urn=school.urn, claim=claim.id)
    return claim


def ask_to_be_added(
    session: Session, school: School, claimant: Claimant, *, idempotency_key: str
) -> Claim:
    """Tell the administrators of a school by e-mail that a person asks to be added.

    Raises:
        Refusal: if the address is not one, if the school has no administrator, or if there were
            too many requests from here (`TooMany`).
    """
    email = _address(claimant.email)
    existing = _sent_before(session, school, email, claimant, idempotency_key)
    if existing is not None:
        return existing
    administrators = administrators_of(session, school)
    if not administrators:
        raise Refusal(f"{school.name} has no administrator yet. You can claim it yourself.")
    _refuse_too_many(session, school, email, claimant.network_address)
    claim = _new_claim(school, email, claimant, ClaimState.ASKED, idempotency_key)
    session.add(claim)
    session.flush()
    is_own = check_address(session, school, email).is_own
    for person in administrators:
        emails.send_request(session, claim, school, person, is_own=is_own)
    record(session, JoinRequested(actor_id=None, school_urns=(school.urn,), claim_id=claim.id))
    return claim


def claim_of_link(session: Session, token: str) -> Claim | None:
    """Return the claim that a link confirms; None if it was used, replaced, or has expired."""
    claim = session.scalar(sa.select(Claim).where(Claim.token_hash == hash_token(token)))
    if claim is None or claim.link_expires_at is None or claim.link_expires_at <= clock.now():
        return None
    return claim


def confirm_claim(session: Session, token: str, policy: Policy) -> Claim | None:
    """Confirm the address of a claim with its link, once; return the claim, or None if it is over.

    An address at the school's own domain makes its holder the administrator at once, and brings
    the school in. Any other one waits for the operator, and so does a claim for a school that has
    people already and no administrator. If it has one by now, the claim is overtaken.

    Raises:
        Refusal: if the school has closed, or if the account of the address is switched off.
    """
    claim = claim_of_link(session, token)
    if claim is None:
        return None
    school = _locked(session, claim)
    if claim.state != ClaimState.SENT:
        return None  # the link was used at the same instant, and this request came second
    claim.state, claim.token_hash, claim.confirmed_at = ClaimState.WAITING, None, clock.now()
    mark_working(session, claim.email)
    if has_administrator(session, school):
        claim.state = ClaimState.OVERTAKEN
        return claim
    refuse_unless_claimable(session, school)
    urns = (school.urn,)
    if check_address(session, school, claim.email).is_own and not has_people(session, school):
        person = accept(session, claim, school, policy)
        record(session, ClaimConfirmed(actor_id=person.id, school_urns=urns, claim_id=claim.id))
    else:
        record(session, ClaimWaiting(actor_id=None, school_urns=urns, claim_id=claim.id))
    record_security(
        session,
        SecurityKind.CLAIM_CONFIRMED,
        person_id=claim.person_id,
        school_urn=school.urn,
        claim=claim.id,
        outcome=claim.state,
    )
    session.flush()
    return claim


def approve_claim(
    session: Session, actor: Actor, claim_id: int, note: str, policy: Policy
) -> Claim:
    """Approve a claim: bring the school in, and make the person its administrator.

    ``note`` says how the operator has checked it.

    Raises:
        NotAllowed: if the actor does not run the network.
        Conflict: if the claim has been decided otherwise.
        Refusal: if the school cannot be claimed any more, or the account is switched off.
    """
    claim, school = _to_decide(session, actor, claim_id)
    if claim.state == ClaimState.ACCEPTED and claim.decided_by_id == actor.person_id:
        return claim  # the same button pressed twice
    _refuse_decided(claim)
    if has_administrator(session, school):
        raise Conflict(f"{school.name} has an administrator by now. Refuse this claim.")
    refuse_unless_claimable(session, school)
    claim.reason, claim.decided_by_id = note, actor.person_id
    accept(session, claim, school, policy, by=actor)
    record(
        session,
        ClaimApproved(actor_id=actor.person_id, school_urns=(school.urn,), claim_id=claim.id),
    )
    _log_decision(session, SecurityKind.CLAIM_APPROVED, actor, claim)
    return claim


def refuse_claim(session: Session, actor: Actor, claim_id: int, reason: str) -> Claim:
    """Refuse a claim, and e-mail the reason.

    Raises:
        NotAllowed: if the actor does not run the network.
        Conflict: if the claim has been decided otherwise.
    """
    claim, school = _to_decide(session, actor, claim_id)
    if claim.state == ClaimState.REFUSED and claim.reason == reason:
        return claim
    _refuse_decided(claim)
    claim.state, claim.reason = ClaimState.REFUSED, reason
    claim.decided_at, claim.decided_by_id = clock.now(), actor.person_id
    session.flush()
    emails.send_refusal(session, claim, school)
    record(
        session,
        ClaimRefused(actor_id=actor.person_id, school_urns=(school.urn,), claim_id=claim.id),
    )
    _log_decision(session, SecurityKind.CLAIM_REFUSED, actor, claim)
    return claim


def refuse_unless_claimable(session: Session, school: School) -> None:
    """Refuse a school that nobody can claim.

    Raises:
        Refusal: saying why, and what to do instead.
    """
    if school.status == Status.CLOSED:
        successor = final_successor(session, school)
        raise Refusal(
            f"{school.name} has closed."
            + (f" Claim {successor.name} (URN {successor.urn}) instead." if successor else "")
        )
    if school.status == Status.PROPOSED:
        raise Refusal(
            f"{school.name} has not opened yet. It can join once the register says that it is open."
        )
    if has_administrator(session, school):
        raise Refusal(f"{school.name} takes part already. Ask its administrators to add you.")


def _address(email: str) -> str:
    address = normalise_email(email)
    if not address.isascii():
        raise Refusal(
            f"“{address[:80]}” has letters that our mail server cannot use. Write an address in"
            " plain letters.",
            field="email",
        )
    return address


def _sent_before(
    session: Session, school: School, email: str, claimant: Claimant, idempotency_key: str
) -> Claim | None:
    return idempotent(
        session,
        Claim,
        idempotency_key,
        same_as=lambda claim: (
            (claim.school_urn, claim.email, claim.name, claim.job, claim.asked_roles)
            == (school.urn, email, claimant.name, claimant.job, claimant.roles)
        ),
    )


def _new_claim(
    school: School, email: str, claimant: Claimant, state: ClaimState, idempotency_key: str
) -> Claim:
    return Claim(
        school_urn=school.urn,
        name=claimant.name,
        job=claimant.job,
        email=email,
        roles=_listed(claimant.roles),
        state=state,
        network_address=claimant.network_address,
        created_at=clock.now(),
        idempotency_key=idempotency_key,
    )


def _refuse_too_many(session: Session, school: School, email: str, network_address: str) -> None:
    limits = (
        (Claim.email == email, MOST_OF_ADDRESS, "with this e-mail address"),
        (
            Claim.network_address == network_address,
            MOST_OF_NETWORK_ADDRESS,
            "from your network",
        ),
        (Claim.school_urn == school.urn, MOST_FOR_SCHOOL, "for this school"),
    )
    for condition, most, which in limits:
        if count_of_a_day(session, condition) >= most:
            raise TooMany(
                f"There have been {most} claims and requests {which} in the last 24 hours, and"
                " we take no more. Look in your mailbox for the link that we have sent already,"
                " or try again tomorrow."
            )


def _locked(session: Session, claim: Claim) -> School:
    """Lock the school, then the claim, in this order everywhere; read both anew."""
    school = session.get_one(
        School, claim.school_urn, with_for_update={"key_share": True}, populate_existing=True
    )
    session.refresh(claim, with_for_update=True)
    return school


def _to_decide(session: Session, actor: Actor, claim_id: int) -> tuple[Claim, School]:
    actor.require(Permission.MANAGE_NETWORK)
    claim = session.get(Claim, claim_id)
    if claim is None:
        raise NotFound("There is no claim with this number.")
    return claim, _locked(session, claim)


def _refuse_decided(claim: Claim) -> None:
    if claim.state == ClaimState.SENT:
        raise Conflict("The address of this claim is not confirmed yet.")
    if claim.state != ClaimState.WAITING:
        raise Conflict(f"This claim has been decided already: {claim_label(claim)}.")


def claim_label(claim: Claim) -> str:
    """Return the state of a claim in words."""
    return ClaimState(claim.state).label.lower()


def _log_decision(session: Session, kind: SecurityKind, actor: Actor, claim: Claim) -> None:
    record_security(
        session,
        kind,
        person_id=claim.person_id,
        actor_id=actor.person_id,
        school_urn=claim.school_urn,
        claim=claim.id,
    )


def _listed(roles: Iterable[Role]) -> str:
    return " ".join(sorted(roles))
