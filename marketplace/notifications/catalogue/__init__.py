"""Every kind of notification, and every event that nobody is told of, with the reason.

A new event gets a kind in one of these modules (or a new one), or a line in ``SILENT``: a test
fails for an event with neither.
"""

from __future__ import annotations

from typing import Any

from marketplace.notifications.catalogue import (
    adjustments,
    book,
    claims,
    confidential,
    conversations,
    disputes,
    exchanges,
    experts,
    finding,
    groups,
    listings,
    members,
    network,
    reviews,
    successions,
)
from marketplace.notifications.kinds import About, Kind
from marketplace.outbox.events import Event

KINDS: tuple[Kind[Any, Any], ...] = (
    *exchanges.KINDS,
    *disputes.KINDS,
    *reviews.KINDS,
    *conversations.KINDS,
    *listings.KINDS,
    *finding.KINDS,
    *members.KINDS,
    *experts.KINDS,
    *network.KINDS,
    *claims.KINDS,
    *successions.KINDS,
    *adjustments.KINDS,
    *book.KINDS,
    *groups.KINDS,
    *confidential.KINDS,
)

SILENT: dict[str, str] = {
    "listing.posted": "Whom it fits is told, and who has saved a search that finds it.",
    "listing.changed": "Nobody in particular waits for it; those who search find it.",
    "listing.reopened": "Nobody in particular waits for it; those who search find it.",
    "listing.withdrawn": "Who asked about it goes on in the conversation, which stays open.",
    "confidential.declined": "Nobody is told which school said no; others are asked instead.",
    "confidential.passed_over": "Neither school learns of the other.",
    "group.founded": "Only its own school has to do with it so far.",
    "group.changed": "The group’s page shows it.",
    "group.left": "The group’s page shows it; nobody has to act.",
    "calendar.changed": "Nobody has to act; the half-terms that follow are shown where they count.",
    "term_clock.answered": "It is the school’s own choice, which its page and its offers show.",
    "tariff.changed": "Nobody has to act; the page of the tariff and the form show it.",
    "expertise.shared": "The person did it; those who look for it find it.",
    "expertise.changed": "The person did it; those who look for it find it.",
    "expertise.taken_back": "It is gone at once, and nobody is told who shares nothing any more.",
    "profile.written": "The school’s page shows it to those who may see it.",
    "trust.within_trust_rule_changed": "Who proposes or asks within the trust reads it there.",
    "topic.changed": "Nobody has to act; the operator’s page shows who changed what.",
    "search.word_added": "Nobody has to act; the operator’s page shows who added what.",
    "search.word_taken_away": "Nobody has to act; the operator’s page shows who took what away.",
    "search.word_taken_out": "Nobody has to act; the topic’s page shows who took what out.",
    "search.word_put_back": "Nobody has to act; the topic’s page shows who put what back.",
    "mail.queued": "It is the e-mail itself.",
    "member.invited": "The invitation is an e-mail itself; the school sees it among its people.",
    "person.consent_changed": "It is the person’s own choice, which the school’s page shows.",
    "school.first_week_dismissed": "It puts a list away, and nothing else.",
    "trust.same_person_rule_changed": "Nobody has to act; the auditors’ report shows what follows.",
    "support.began": "An e-mail of its own tells the school’s administrators, with the reason.",
    "support.ended": "Who had it loses it at once, and the school’s list of accesses shows it.",
    "school.closed": "The people of a closed school cannot act; what becomes of it is told.",
    "dispute.ruling_proposed": "The adjustment that another person has to approve is told.",
    "dispute.ruling_refused": "That the adjustment was refused is told.",
    "adjustment.withdrawn": "Nobody has to decide any more; what was told of it is not current.",
    "school.left": "Its people hold no role any more; each exchange that ends is told.",
    "claim.made": "Nobody has to act until the address is confirmed; the link goes to it.",
    "claim.confirmed": "That the school has joined is told instead.",
    "claim.approved": "An e-mail of its own tells the person; that the school has joined is told.",
    "claim.refused": "An e-mail of its own tells the person.",
    "claim.overtaken": "An e-mail of its own tells the person.",
    "claim.asked": "An e-mail of its own asks the school’s administrators.",
    "account.reset_asked": "An e-mail of its own has the link.",
    "account.locked_out": "An e-mail of its own tells the person.",
    "member.address_tried_again": "The next e-mail to the address shows whether it works.",
    "member.factors_reset": "An e-mail of its own tells the person.",
    "verification.asked": "The person who asks looks at its page.",
    "verification.passed": "Nobody has to act; the start page says when the book was verified.",
    "verification.broken_off": "It is a task on the start page of auditors and operators.",
    "book.sealed": "The page of seals shows it.",
    "closing.proposed": "It is a task on the start page of those who may close.",
    "closing.closed": "The page of periods shows it.",
    "closing.withdrawn": "The page of periods shows it.",
    "person.erased": "Nobody has to act, and nothing of the person may be told any more.",
}
"""Why an event has no kind, by its type."""


def kinds_of(event: type[Event]) -> list[Kind[Any, Any]]:
    """Return the kinds that follow from an event."""
    return [kind for kind in KINDS if kind.event is event]


def find_kind(name: str) -> Kind[Any, Any] | None:
    """Return the kind of this name; ``None`` if it has gone from the code since."""
    return next((kind for kind in KINDS if kind.name == name), None)


def find_about(name: str) -> About[Any] | None:
    """Return the sort of thing of this name; ``None`` if it has gone from the code since."""
    return next((kind.about for kind in KINDS if kind.about.name == name), None)
