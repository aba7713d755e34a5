"""Who may ask a colleague, among those who see what the colleague shares."""

from __future__ import annotations

from marketplace.accounts.actor import Actor
from marketplace.profiles.experts.models import AskedBy, Expertise
from marketplace.schools.models import School

ASKED_BY_WORDS = {
    AskedBy.EVERYONE: "Everybody who sees it",
    AskedBy.TRUST: "Only schools of our trust",
    AskedBy.SCHOOL: "Only our own school",
    AskedBy.NOBODY: "Nobody at the moment",
}


def may_ask(actor: Actor, expertise: Expertise, school: School) -> bool:
    """Say whether ``actor``, who sees an entry of a colleague at ``school``, may ask about it.

    Only they are shown how the colleague is reached. Who acts for the network asks nobody.
    """
    if actor.urn is None:
        return False
    match AskedBy(expertise.asked_by):
        case AskedBy.EVERYONE:
            return True
        case AskedBy.TRUST:
            return actor.urn == school.urn or (
                school.trust_id is not None and actor.trust_id == school.trust_id
            )
        case AskedBy.SCHOOL:
            return actor.urn == school.urn
        case AskedBy.NOBODY:
            return False
