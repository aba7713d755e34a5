"""Schools that were found and claims, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.claims.domains import AddressCheck
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.queries import list_waiting
from marketplace.schools.facts import Status
from marketplace.schools.finding import FoundSchool
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList

NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school in the list of those that were found; ``tag`` is a class of tags and a word."""

    urn: int
    name: str
    place: str
    tag: tuple[str, str]
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a claim, and what against it, in sentences."""

    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def school_row(school: FoundSchool) -> SchoolRow:
    """Return a school as a row says it: what it is called, where it is, whether it is in."""
    places = dict.fromkeys(part for part in (school.place, school.authority) if part)
    place = ", ".join(places)
    return SchoolRow(
        urn=school.urn,
        name=school.name,
        place=f"{place}, {school.postcode}" if school.postcode else place,
        tag=_tag(school),
        note=f"Now {school.successor_name}" if school.successor_name else "",
        url=url_for("claims.school", urn=school.urn),
    )


def suggestion(row: SchoolRow) -> dict[str, Any]:
    """Return a row as the script of the search box reads it."""
    state = ". ".join(part for part in (row.tag[1], row.note) if part)
    return {
        "urn": row.urn,
        "name": row.name,
        "place": row.place,
        "state": state,
        "url": row.url,
    }


def evidence(
    claim: Claim,
    check: AddressCheck,
    others: Sequence[Claim],
    trust_schools: Sequence[str],
    *,
    has_people: bool,
) -> Evidence:
    """Return what speaks for and against ``claim``.

    Args:
        others: other claims for the school or by the address.
        trust_schools: other schools of the trust with a website at the address's domain.
        has_people: whether somebody holds a role at the school already.
    """
    good, bad = [], []
    if claim.confirmed_at is not None:
        good.append(f"The person reads e-mails to {claim.email}: the link was opened there.")
    if check.is_common:
        bad.append(f"Anybody can have an address at {check.email_domain}.")
    elif check.is_same:
        good.append(
            f"The address is at the domain of the school’s website, {check.website_domain}."
        )
        if check.is_of_host:
            bad.append("That domain is a host’s or a council’s, not the school’s alone.")
        if check.is_like_pupils:
            bad.append("The address may be a pupil’s: it has figures, or a sub-domain for pupils.")
        if check.shared_with:
            bad.append(
                f"{check.website_domain} is also the domain of {_names(check.shared_with)}: the"
                " person may work at any of them."
            )
    elif check.website_domain is None:
        bad.append("The register has no website for the school, so its domain is not known.")
    else:
        bad.append(
            f"The address is at {check.email_domain}, the school’s website at"
            f" {check.website_domain}."
        )
    if trust_schools and not check.is_same:
        good.append(f"{check.email_domain} is the domain of {_names(trust_schools)}, of the trust.")
    if has_people:
        bad.append(
            "The school has people here already, and none of them is administrator: ask them."
        )
    same_school = [other for other in others if other.school_urn == claim.school_urn]
    waiting = [other for other in same_school if other.state == ClaimState.WAITING]
    if waiting:
        bad.append(f"{_people(waiting)} also claim{'s' if len(waiting) == 1 else ''} this school.")
    refused = [other for other in others if other.state == ClaimState.REFUSED]
    if refused:
        bad.append(
            f"The operator has refused {'a claim' if len(refused) == 1 else 'claims'} for this"
            " school or by this address before: see below."
        )
    elsewhere = {other.school_urn for other in others} - {claim.school_urn}
    if elsewhere:
        schools = "another school" if len(elsewhere) == 1 else f"{len(elsewhere)} other schools"
        bad.append(f"The same address has claimed {schools}: see below.")
    return Evidence(tuple(good), tuple(bad))


def _tag(school: FoundSchool) -> tuple[str, str]:
    if school.status == Status.CLOSED:
        closed = f"Closed in {school.closed_on.year}" if school.closed_on else "Closed"
        return "neutral", closed
    if school.joined_at is not None:
        return "success", "In"
    if school.status == Status.PROPOSED:
        return "neutral", "Not open yet"
    return "info", "Not in yet"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _people(claims: Sequence[Claim]) -> str:
    return " and ".join(dict.fromkeys(f"{claim.name} ({claim.email})" for claim in claims))


def find_tasks(session: Session, _actor: ActorLike, limit: int) -> TaskList:
    """Return the claims that the operator has to decide, the oldest first."""
    claims = list_waiting(session, limit)
    tasks = [
        Task(
            title=claim.school.name,
            about=f"{claim.name} claims the school",
            action="Decide",
            url=url_for("claims.one_claim", claim_id=claim.id),
            since=claim.confirmed_at or claim.created_at,
        )
        for claim, _count in claims
    ]
    return TaskList(tasks, claims[0][1] if claims else 0)
